package operations

import (
	"fmt"
	"net/http"
)

// coupon is good for one use. Redeeming reads how many are left and writes
// back one less.
func coupon(d *desk) http.Handler {
	left, carts := map[string]int{}, 0
	m := http.NewServeMux()
	m.HandleFunc("PUT /coupons/{code}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { left[r.PathValue("code")] = 1; return struct{}{} })
	})
	m.HandleFunc("GET /coupons/{code}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]int{"uses_left": left[r.PathValue("code")]} })
	})
	m.HandleFunc("POST /carts", func(w http.ResponseWriter, _ *http.Request) {
		d.alone(w, 201, func() any { carts++; return map[string]string{"id": fmt.Sprint("cart-", carts)} })
	})
	m.HandleFunc("POST /carts/{cart}/coupon", func(w http.ResponseWriter, r *http.Request) {
		code, seen := fmt.Sprint(body(r)["code"]), 0
		d.step(w, func() string {
			if seen = left[code]; seen < 1 {
				return "the coupon is used up"
			}
			return ""
		}, func() any {
			left[code] = seen - 1
			return map[string]int{"discount": 10}
		})
	})
	return m
}

// quota lets a tenant have three projects. Creating counts them first.
//
// It is a validation without a constraint (Bailis et al., "Feral Concurrency
// Control", SIGMOD 2015).
func quota(d *desk) http.Handler {
	projects := map[string]int{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /tenants/{tenant}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { projects[r.PathValue("tenant")] = 0; return struct{}{} })
	})
	m.HandleFunc("GET /tenants/{tenant}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]int{"projects": projects[r.PathValue("tenant")], "limit": 3} })
	})
	m.HandleFunc("POST /tenants/{tenant}/projects", func(w http.ResponseWriter, r *http.Request) {
		tenant := r.PathValue("tenant")
		d.step(w, func() string {
			if projects[tenant] >= 3 {
				return "the quota is used up"
			}
			return ""
		}, func() any {
			projects[tenant]++
			return map[string]string{"id": fmt.Sprint(tenant, "-", projects[tenant])}
		})
	})
	return m
}

// invoice gives out numbers, which have no gaps and never repeat: the largest
// so far and one more.
func invoice(d *desk) http.Handler {
	numbers := map[string][]int{}
	m := http.NewServeMux()
	m.HandleFunc("PUT /tenants/{tenant}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 201, func() any { numbers[r.PathValue("tenant")] = nil; return struct{}{} })
	})
	m.HandleFunc("GET /tenants/{tenant}/invoices", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any {
			rows := []map[string]int{}
			for _, n := range numbers[r.PathValue("tenant")] {
				rows = append(rows, map[string]int{"number": n})
			}
			return map[string]any{"invoices": rows}
		})
	})
	m.HandleFunc("POST /tenants/{tenant}/invoices", func(w http.ResponseWriter, r *http.Request) {
		tenant, next := r.PathValue("tenant"), 0
		d.step(w, func() string {
			next = 1
			for _, n := range numbers[tenant] {
				next = max(next, n+1)
			}
			return ""
		}, func() any {
			numbers[tenant] = append(numbers[tenant], next)
			return map[string]int{"number": next}
		})
	})
	return m
}

// webhook credits an account once, however often the event is delivered.
func webhook(d *desk) http.Handler {
	seen, credited := map[string]bool{}, map[string]int{}
	m := http.NewServeMux()
	m.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) {
		event, known := fmt.Sprint(body(r)["event"]), false
		d.step(w, func() string { known = seen[event]; return "" }, func() any {
			if !known {
				seen[event] = true
				credited[event] += 10
			}
			return map[string]string{"status": "received"}
		})
	})
	m.HandleFunc("GET /accounts/{event}", func(w http.ResponseWriter, r *http.Request) {
		d.alone(w, 200, func() any { return map[string]int{"credited": credited[r.PathValue("event")]} })
	})
	return m
}
