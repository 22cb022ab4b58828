package operations

import (
	"fmt"
	"net/http"
	"time"
)

// stateMachine lets a new order be paid or cancelled, not both.
func stateMachine(d *desk) http.Handler {
	state := map[string]string{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /orders/{order}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { state[r.PathValue("order")] = "new"; return struct{}{} })
	})
	m.HandleFunc("GET /orders/{order}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]string{"state": state[r.PathValue("order")]} })
	})
	for verb, next := range map[string]string{"pay": "paid", "cancel": "cancelled"} {
		m.HandleFunc("POST /orders/{order}/"+verb, func(w http.ResponseWriter, r *http.Request) {
			order := r.PathValue("order")
			d.step(w, func() string {
				if now := state[order]; now != "new" {
					return "the order is " + now
				}
				return ""
			}, func() any {
				state[order] = next
				return map[string]string{"state": next}
			})
		})
	}
	return m
}

// booking keeps the stays of a room apart.
func booking(d *desk) http.Handler {
	type stay struct {
		From int `json:"from"`
		To   int `json:"to"`
	}
	stays := map[string][]stay{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /rooms/{room}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { stays[r.PathValue("room")] = nil; return struct{}{} })
	})
	m.HandleFunc("GET /rooms/{room}/bookings", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]any{"bookings": append([]stay{}, stays[r.PathValue("room")]...)} })
	})
	m.HandleFunc("POST /rooms/{room}/bookings", func(w http.ResponseWriter, r *http.Request) {
		v, room := body(r), r.PathValue("room")
		from, _ := v["day"].(float64)
		nights, _ := v["nights"].(float64)
		s := stay{int(from), int(from) + int(nights)}
		d.step(w, func() string {
			for _, o := range stays[room] {
				if s.From < o.To && o.From < s.To {
					return "the room is taken"
				}
			}
			return ""
		}, func() any {
			stays[room] = append(stays[room], s)
			return s
		})
	})
	return m
}

// lastAdmin lets an admin leave while another one stays. A team has two.
//
// It is write skew (Berenson et al., SIGMOD 1995).
func lastAdmin(d *desk) http.Handler {
	admins := map[string]map[string]bool{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /teams/{team}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any {
			admins[r.PathValue("team")] = map[string]bool{"ada": true, "bo": true}
			return struct{}{}
		})
	})
	m.HandleFunc("GET /teams/{team}/admins", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any {
			rows := []map[string]string{}
			for name := range admins[r.PathValue("team")] {
				rows = append(rows, map[string]string{"name": name})
			}
			return map[string]any{"admins": rows}
		})
	})
	m.HandleFunc("DELETE /teams/{team}/admins/{name}", func(w http.ResponseWriter, r *http.Request) {
		team, name := r.PathValue("team"), r.PathValue("name")
		d.step(w, func() string {
			switch {
			case !admins[team][name]:
				return "is no admin"
			case len(admins[team]) < 2:
				return "is the last admin"
			}
			return ""
		}, func() any {
			delete(admins[team], name)
			return struct{}{}
		})
	})
	return m
}

// reservation holds a seat for 30 ms; a hold that was confirmed in time sells
// it. The racy one does not look at the clock again before it sells.
func reservation(d *desk) http.Handler {
	type hold struct {
		seat  string
		until time.Time
	}
	const ttl = 30 * time.Millisecond
	holds, current, sold := map[string]hold{}, map[string]string{}, map[string]int{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /seats/{seat}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { sold[r.PathValue("seat")] = 0; return struct{}{} })
	})
	m.HandleFunc("GET /seats/{seat}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]int{"sold": sold[r.PathValue("seat")]} })
	})
	m.HandleFunc("POST /seats/{seat}/holds", func(w http.ResponseWriter, r *http.Request) {
		seat := r.PathValue("seat")
		d.step(w, func() string {
			if h, ok := holds[current[seat]]; ok && time.Now().Before(h.until) || sold[seat] > 0 {
				return "the seat is taken"
			}
			return ""
		}, func() any {
			id := fmt.Sprint("hold-", len(holds))
			holds[id], current[seat] = hold{seat, time.Now().Add(ttl)}, id
			return map[string]any{"id": id, "ttl_ms": ttl.Milliseconds()}
		})
	})
	m.HandleFunc("POST /holds/{id}/confirm", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		d.step(w, func() string {
			if h, ok := holds[id]; !ok || d.fixed && (time.Now().After(h.until) || sold[h.seat] > 0) {
				return "the hold has lapsed"
			}
			return ""
		}, func() any {
			sold[holds[id].seat]++
			return map[string]string{"seat": holds[id].seat}
		})
	})
	return m
}
