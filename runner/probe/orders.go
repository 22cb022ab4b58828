package probe

import (
	"context"
	"strings"

	"tussle/history"
	"tussle/runner/dialect"
)

// orders walks every order in which the requests of two clients can follow
// each other, at most six requests in all.
func (p *prober) orders(ctx context.Context) {
	if p.found != nil {
		return
	}
	const (
		read, write, create  = history.StepRead, history.StepWrite, history.StepCreate
		remove, lock, unlock = history.StepDelete, history.StepLock, history.StepUnlock
		add                  = history.StepAdd
	)
	kind, locking := p.session.Scenario().Workload.Kind, p.strategy.Locking
	seq := func(steps ...history.Step) []history.Step { return steps }
	lives := p.lives()
	updates := kind != "parent-child" && kind != "create-once"
	optimistic, pessimistic := updates && locking == "optimistic", updates && locking == "pessimistic"
	for _, c := range []struct {
		a, b   []history.Step
		absent bool // begin with nothing there
		want   bool
	}{
		{a: seq(read, write), b: seq(read, write), want: optimistic || updates && locking == "none"},
		{a: seq(read, write, read, write), b: seq(read, write), want: optimistic},
		{a: seq(read, write), b: seq(read, remove), want: optimistic && lives},
		{a: seq(read, remove, create), b: seq(read, write), want: optimistic && lives},
		{a: seq(read, create), b: seq(read, remove), want: kind == "parent-child" && locking != "pessimistic"},
		{a: seq(read, create), b: seq(read, create), absent: true, want: optimistic && lives || kind == "create-once" && locking != "pessimistic"},
		{a: seq(lock, write, unlock), b: seq(lock, write, unlock), want: pessimistic},
		{a: seq(lock, remove, unlock), b: seq(lock, write, unlock), want: pessimistic && lives && p.guards()},
		{a: seq(lock, write, unlock), b: seq(write), want: pessimistic && p.guards()},
		{a: seq(lock, write, unlock), b: seq(remove), want: pessimistic && lives && p.guards()},
		{a: seq(add, read), b: seq(add, read), want: locking == "server-side" && (kind == "counter" || kind == "lease") && p.room(2)},
	} {
		if !c.want || !p.speaks(c.a) || !p.speaks(c.b) {
			continue
		}
		for _, order := range interleave(len(c.a), len(c.b)) {
			p.ask(ctx, "order", func(q *asking) {
				q.attrs["a"], q.attrs["b"] = words(c.a), words(c.b)
				p.walk(ctx, q, [2][]history.Step{c.a, c.b}, order, c.absent)
			})
		}
	}
}

func (p *prober) speaks(steps []history.Step) bool {
	for _, s := range steps {
		if !p.has(s) {
			return false
		}
	}
	return true
}

// interleave lists all orders of m requests of client 0 and n of client 1.
func interleave(m, n int) [][]int {
	if m == 0 && n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for who, left := range [2]int{m, n} {
		if left == 0 {
			continue
		}
		for _, rest := range interleave(m-(1-who), n-who) {
			out = append(out, append([]int{who}, rest...))
		}
	}
	return out
}

// words names a sequence: "read+write".
func words(steps []history.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, string(s))
	}
	return strings.Join(out, "+")
}

// walk is one order while it is walked.
type walk struct {
	*asking
	t       *thing
	sees    [2]state
	held    [2]held
	holds   [2]bool
	out     [2]bool // it cannot go on: its lock was not granted, or what it read is nothing to build upon
	stopped bool
	current state // as far as this client knows: what was seen before the last accepted write
	wrote   bool
}

func (p *prober) walk(ctx context.Context, q *asking, steps [2][]history.Step, order []int, absent bool) {
	if p.strategy.Locking == "optimistic" {
		early(ctx)
	}
	w := &walk{asking: q}
	if absent {
		w.t = p.name()
	} else {
		t, first, ok := q.fresh(ctx)
		if !ok {
			return
		}
		w.t, w.current = t, first.state
		known := first.state // for those who do not read; what they write is built on nothing
		known.name = ""
		w.sees = [2]state{known, known}
	}
	var next [2]int
	for _, who := range order {
		step := steps[who][next[who]]
		next[who]++
		if !w.stopped && !w.out[who] {
			w.step(ctx, who, step)
		}
	}
	for who := range w.holds {
		if w.holds[who] {
			p.parties[who].unlock(ctx, q, "give back", w.t, w.held[who])
		}
	}
	for _, c := range p.parties {
		c.holding, c.ended = false, true
	}
	if w.wrote && !q.unclear {
		p.shown(ctx, q, "last", p.parties[0], w.t, reply{}, w.current)
	}
}

// step sends one request.
func (w *walk) step(ctx context.Context, who int, step history.Step) {
	c := w.parties[who]
	var r reply
	asked := true
	gone := !w.sees[who].seen.Exists
	if gone && (step == history.StepWrite || step == history.StepDelete) {
		w.out[who] = true // nobody changes what was not there
		return
	}
	const role = "walk"
	switch step {
	case history.StepRead:
		if r = c.read(ctx, w.asking, role, w.t); r.clear {
			w.sees[who] = r.state
		}
		if r.ok() && !w.wrote {
			w.current = r.state
		}
	case history.StepWrite:
		r, asked = c.write(ctx, w.asking, role, w.t, w.basis(who), w.held[who])
	case history.StepDelete:
		r = c.remove(ctx, w.asking, role, w.t, w.basis(who), w.held[who])
	case history.StepCreate:
		r = c.create(ctx, w.asking, role, w.t)
	case history.StepAdd:
		r = c.add(ctx, w.asking, role, w.t, "", "")
	case history.StepLock:
		r = w.lock(ctx, c)
		w.holds[who], w.held[who], w.out[who] = r.ok(), r.held, !r.ok()
		return
	case history.StepUnlock:
		r = c.unlock(ctx, w.asking, role, w.t, w.held[who])
		w.holds[who], w.held[who] = false, held{}
	}
	switch {
	case !asked:
		w.out[who] = true
	case !r.clear:
		w.stopped = true
	case step.Writes() && r.ok():
		w.wrote = true
	case step.Writes():
		w.wrote = w.wrote || w.t != nil
	}
}

// lock asks for the lock; one that nobody holds may take a moment to come back.
func (w *walk) lock(ctx context.Context, c *party) reply {
	free := !w.holds[1-c.who]
	r := c.lock(ctx, w.asking, "walk", w.t, 0, free)
	if free && !r.ok() && r.class.Conflict() && w.patience > 0 {
		w.patience--
		rest(ctx, settling)
		r = c.lock(ctx, w.asking, "walk", w.t, 0, free)
	}
	if !r.clear && free {
		w.stopped = true
	}
	return r
}

// basis is what a client presents; without locking, nothing.
func (w *walk) basis(who int) state {
	s := w.sees[who]
	if w.strategy.Locking == "none" {
		s.version = dialect.Text{}
	}
	return s
}
