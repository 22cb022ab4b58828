// Package operations serves small APIs of the kinds that people report races
// of: a coupon redeemed twice, a room booked twice, an order both paid and
// cancelled. Each looks first and acts then, in two steps, as the reports
// show it; with the option fixed both are one step.
package operations

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// window is how long a racy API takes between looking and acting.
const window = 3 * time.Millisecond

// Kinds lists the APIs.
var Kinds = map[string]func(*desk) http.Handler{
	"booking":       booking,
	"coupon":        coupon,
	"invoice":       invoice,
	"last-admin":    lastAdmin,
	"quota":         quota,
	"reservation":   reservation,
	"state-machine": stateMachine,
	"webhook":       webhook,
}

// Options are what the target can be told.
type Options struct {
	Kind  string // which API; coupon when nothing says it
	Fixed bool   // looks and acts in one step
}

// Known lists the names of the options.
func Known() []string { return []string{"kind", "fixed"} }

// Parse reads options by name.
func Parse(options map[string]string) (Options, error) {
	o := Options{Kind: "coupon"}
	for name, v := range options {
		switch name {
		case "kind":
			o.Kind = v
		case "fixed":
			fixed, err := strconv.ParseBool(v)
			if err != nil {
				return o, fmt.Errorf("option fixed is %q: expected true or false", v)
			}
			o.Fixed = fixed
		default:
			return o, fmt.Errorf("unknown option %q: expected one of %s", name, strings.Join(Known(), ", "))
		}
	}
	if Kinds[o.Kind] == nil {
		return o, fmt.Errorf("option kind is %q: expected one of %s", o.Kind, strings.Join(slices.Sorted(maps.Keys(Kinds)), ", "))
	}
	return o, nil
}

// Target is one API with the control paths that all built-in targets have.
type Target struct {
	api      http.Handler
	requests atomic.Int64
}

// Open makes the API.
func Open(o Options) *Target { return &Target{api: Kinds[o.Kind](&desk{fixed: o.Fixed})} }

// ServeHTTP answers one request.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/-/healthz":
		_, _ = w.Write([]byte("ok")) // who does not read it has gone
	case "/-/stats":
		answer(w, 200, map[string]int64{"requests": t.requests.Load()})
	default:
		t.requests.Add(1)
		t.api.ServeHTTP(w, r)
	}
}

// desk is where requests meet.
type desk struct {
	mu    sync.Mutex
	fixed bool
}

// step looks and, when look gives no refusal, acts: in one step when fixed,
// with a window between otherwise.
func (d *desk) step(w http.ResponseWriter, look func() (refusal string), act func() any) {
	d.mu.Lock()
	refusal := look()
	if refusal == "" && !d.fixed {
		d.mu.Unlock()
		time.Sleep(window)
		d.mu.Lock()
	}
	var done any
	if refusal == "" {
		done = act()
	}
	d.mu.Unlock()
	if refusal != "" {
		answer(w, http.StatusConflict, map[string]string{"error": refusal})
		return
	}
	answer(w, http.StatusCreated, done)
}

// alone does something that no other request can come between.
func (d *desk) alone(w http.ResponseWriter, status int, act func() any) {
	d.mu.Lock()
	done := act()
	d.mu.Unlock()
	answer(w, status, done)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who does not read it has gone
}

// body reads a JSON object; what is none is empty.
func body(r *http.Request) map[string]any {
	v := map[string]any{}
	_ = json.NewDecoder(r.Body).Decode(&v)
	return v
}
