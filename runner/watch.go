package runner

import (
	"sync"
	"sync/atomic"

	"tussle/runner/locking"
)

// watch knows what the clients of a block were told, for faults whose effect
// shows only there: who was granted a lock meanwhile, and which state a stale
// read should have shown. It is not used without such faults.
type watch struct {
	grants map[string]*atomic.Int64 // by key, as recorded

	mu    sync.Mutex
	order map[string]map[string]int // key -> state -> its place among those acknowledged
	last  map[string]int            // key -> place of the latest
}

func newWatch(names []locking.Name) *watch {
	w := &watch{grants: map[string]*atomic.Int64{}, order: map[string]map[string]int{}, last: map[string]int{}}
	for _, n := range names {
		w.grants[n.Record] = &atomic.Int64{}
		w.order[n.Record] = map[string]int{}
	}
	return w
}

// granted counts a lock that was granted.
func (w *watch) granted(key string) {
	if n := w.grants[key]; n != nil {
		n.Add(1)
	}
}

func (w *watch) grantsOf(key string) int64 {
	if n := w.grants[key]; n != nil {
		return n.Load()
	}
	return 0
}

// acknowledged takes down that a write was accepted.
func (w *watch) acknowledged(key, state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if states := w.order[key]; states != nil && state != "" {
		w.last[key]++
		states[string([]byte(state))] = w.last[key]
	}
}

// latest is the place of the state that was acknowledged last.
func (w *watch) latest(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last[key]
}

// stale reports whether a state was replaced before the place than. The
// initial state, and one that nobody was told of, have the place 0.
func (w *watch) stale(key, state string, than int, initial string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, known := w.order[key][state]
	return (known || state == "" || state == initial) && at < than
}
