package explore

import (
	"sync"

	"tussle/runner/store"
)

// held is one statement at the gate.
type held struct {
	*store.Statement
	number  int               // of its record; -1: none
	grant   chan store.Action // lets it go
	deliver chan store.Action // lets its answer go
	of      int               // the request; -1: of none of them
	granted bool
	free    bool // its answer is delivered as soon as it is there
	done    bool // it was answered, or its connection ended
}

// note is something that happened at the gate.
type note struct {
	what what
	h    *held
}

type what int

const (
	arrived what = iota
	answered
	gone
)

// gate holds the statements of one order. Once it is closed it holds nobody:
// what was let go comes to its end, what was not is cut off.
type gate struct {
	mu    sync.Mutex
	notes []note
	known map[*store.Statement]*held
	bell  chan struct{}
	shut  chan struct{}
}

func newGate() *gate {
	return &gate{known: map[*store.Statement]*held{}, bell: make(chan struct{}, 1), shut: make(chan struct{})}
}

// Arrive holds a statement until it is let go.
func (g *gate) Arrive(s *store.Statement) store.Action {
	h := &held{Statement: s, number: -1, of: -1, grant: make(chan store.Action, 1), deliver: make(chan store.Action, 1)}
	g.tell(note{arrived, h})
	select {
	case a := <-h.grant:
		return a
	case <-g.shut:
	}
	select {
	case a := <-h.grant:
		return a
	default:
		return store.Action{Do: store.Cut}
	}
}

// Answered holds an answer until it is let go.
func (g *gate) Answered(s *store.Statement) store.Action {
	h := g.of(s)
	g.tell(note{answered, h})
	select {
	case a := <-h.deliver:
		return a
	case <-g.shut:
		return store.Action{}
	}
}

// Gone notes that there will be no answer.
func (g *gate) Gone(s *store.Statement) { g.tell(note{gone, g.of(s)}) }

func (g *gate) of(s *store.Statement) *held {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.known[s]
}

func (g *gate) tell(n note) {
	g.mu.Lock()
	g.known[n.h.Statement] = n.h
	g.notes = append(g.notes, n)
	g.mu.Unlock()
	select {
	case g.bell <- struct{}{}:
	default:
	}
}

// take returns what happened since it was last called.
func (g *gate) take() []note {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.notes
	g.notes = nil
	return out
}

// close lets everybody go.
func (g *gate) close() { close(g.shut) }
