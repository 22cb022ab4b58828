package fault

import (
	"sync"
	"time"

	"tussle/runner/draw"
	"tussle/runner/store"
)

// Strike is what a fault does to a statement on its way to the store and back.
type Strike struct {
	Fits   func(*store.Statement) bool              // which statements it is for
	Before func(*Fault) store.Action                // in place of letting the statement go; nil lets it
	After  func(*Fault) store.Action                // in place of letting its answer go; nil lets it
	Wait   func(f *Fault, n int, since int64) int64 // ns before the n-th statement goes; nil: none
	// Worked tells from the answer whether it had its effect; nil: it has one
	// when it is done.
	Worked func(*store.Statement) bool
	// Gone: the connection ends without an answer, which is the effect.
	Gone bool
}

// Statements is a gate that lets statements pass but for those which a fault
// strikes. Which are struck is a function of the seed and of how many
// statements that the fault fits came before: the n-th, whoever sends it.
type Statements struct {
	set  *Set
	now  func() (strategy int, since int64, on bool)
	done chan struct{}

	mu     sync.Mutex
	seen   map[int]int    // by fault: statements that it fits
	drawn  map[[2]int]int // by fault and strategy: those that it struck
	struck map[*store.Statement]struck
}

type struck struct {
	*Fault
	strategy int
}

var _ store.Gate = (*Statements)(nil)

// AtStore returns the gate; nil when no fault acts on statements. now tells which
// strategy runs, for how many ns, and whether faults may strike at all.
func (s *Set) AtStore(now func() (strategy int, since int64, on bool)) *Statements {
	for _, f := range s.Faults {
		if f.Acts == OnStatement {
			return &Statements{set: s, now: now, done: make(chan struct{}), seen: map[int]int{}, drawn: map[[2]int]int{}, struck: map[*store.Statement]struck{}}
		}
	}
	return nil
}

// Close lets everybody go who waits.
func (g *Statements) Close() { close(g.done) }

// Arrive strikes the statement, or lets it go.
func (g *Statements) Arrive(s *store.Statement) store.Action {
	f, strategy, n, since := g.draw(s)
	if f == nil {
		return store.Action{}
	}
	if f.Strike.Wait != nil {
		t := time.NewTimer(time.Duration(f.Strike.Wait(f, n, since)))
		defer t.Stop()
		select {
		case <-t.C:
		case <-g.done:
			return store.Action{}
		}
	}
	if f.Strike.After == nil { // what is done to the answer counts when there is one
		f.Injected(strategy)
	}
	var a store.Action
	if f.Strike.Before != nil {
		a = f.Strike.Before(f)
	}
	if a.Do == store.Cut {
		f.Effective(strategy)
		return a
	}
	g.mu.Lock()
	g.struck[s] = struck{f, strategy}
	g.mu.Unlock()
	return a
}

// draw returns the fault that strikes a statement, nil for none. What it
// returns counts as planned.
func (g *Statements) draw(s *store.Statement) (f *Fault, strategy, n int, since int64) {
	strategy, since, on := g.now()
	if !on {
		return nil, 0, 0, 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, f := range g.set.Faults {
		if f.Acts != OnStatement || !f.Applies(strategy) || !f.open(since, g.set.length) || !f.Strike.Fits(s) || f.match != nil && !f.match.MatchString(s.Text()) {
			continue
		}
		n := g.seen[i]
		g.seen[i]++
		if share := f.spec.Share; share > 0 && g.set.seed.Unit(draw.Fault, -2-i, n, 0) >= share {
			continue
		}
		at := [2]int{i, strategy}
		if f.spec.Count > 0 && g.drawn[at] >= f.spec.Count {
			continue
		}
		g.drawn[at]++
		f.Planned(strategy)
		return f, strategy, n, since
	}
	return nil, 0, 0, 0
}

// take returns the fault that had struck a statement.
func (g *Statements) take(s *store.Statement) (struck, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, ok := g.struck[s]
	delete(g.struck, s)
	return f, ok
}

// Answered looks for the effect, or does something to the answer.
func (g *Statements) Answered(s *store.Statement) store.Action {
	f, ok := g.take(s)
	if !ok {
		return store.Action{}
	}
	var a store.Action
	if f.Strike.After != nil {
		f.Injected(f.strategy)
		a = f.Strike.After(f.Fault)
	}
	if f.Strike.Worked == nil || f.Strike.Worked(s) {
		f.Effective(f.strategy)
	}
	return a
}

// Gone is told that no answer will come.
func (g *Statements) Gone(s *store.Statement) {
	if f, ok := g.take(s); ok && f.Strike.Gone {
		f.Effective(f.strategy)
	}
}

// commits reports whether a statement makes a change last: a COMMIT, or a change
// outside of a transaction.
func commits(s *store.Statement) bool {
	if s.Kind != store.Changes || len(s.SQL) == 0 {
		return false
	}
	w := store.Words(s.SQL[len(s.SQL)-1])
	return len(w) > 0 && (w[0] == "commit" || w[0] == "end" || !s.InTx && w[0] != "rollback")
}

// works reports whether a statement does something and ends no transaction.
func works(s *store.Statement) bool {
	if s.Kind == store.Silent || len(s.SQL) == 0 {
		return false
	}
	w := store.Words(s.SQL[0])
	return len(w) > 0 && w[0] != "commit" && w[0] != "end" && w[0] != "rollback" && w[0] != "abort"
}

func failed(s *store.Statement) bool    { return s.Code != "" }
func succeeded(s *store.Statement) bool { return s.Code == "" }
