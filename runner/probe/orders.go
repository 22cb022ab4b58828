package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tussle/history"
	"tussle/runner/dialect"
)

// orders walks every order in which the requests of two clients can follow
// each other, at most six requests in all, and compares each answer with what
// it must be when every request is one step.
func (p *prober) orders(ctx context.Context) {
	if p.opt.Same {
		return
	}
	const (
		read, write, create   = history.StepRead, history.StepWrite, history.StepCreate
		remove, lock, unlock  = history.StepDelete, history.StepLock, history.StepUnlock
		add                   = history.StepAdd
		optimistic, serverOne = "optimistic", "server-side"
	)
	kind, locking := p.session.Scenario().Workload.Kind, p.strategy.Locking
	seq := func(steps ...history.Step) []history.Step { return steps }
	type pair struct {
		a, b   []history.Step
		absent bool // begin with nothing there
		want   bool
	}
	plain := kind != "parent-child" && kind != "create-once"
	for _, c := range []pair{
		{a: seq(read, write), b: seq(read, write), want: plain && (locking == optimistic || locking == "none")},
		{a: seq(read, write, read, write), b: seq(read, write), want: plain && locking == optimistic},
		{a: seq(read, write), b: seq(read, remove), want: plain && locking == optimistic},
		{a: seq(read, remove, create), b: seq(read, write), want: plain && locking == optimistic},
		{a: seq(read, create), b: seq(read, remove), want: kind == "parent-child"},
		{a: seq(read, create), b: seq(read, create), absent: true, want: plain && locking == optimistic || kind == "create-once"},
		{a: seq(lock, write, unlock), b: seq(lock, write, unlock), want: plain && locking == "pessimistic"},
		{a: seq(lock, remove, unlock), b: seq(lock, write, unlock), want: plain && locking == "pessimistic" && p.guards()},
		{a: seq(lock, write, unlock), b: seq(write), want: plain && locking == "pessimistic" && p.guards()},
		{a: seq(lock, write, unlock), b: seq(remove), want: plain && locking == "pessimistic" && p.guards()},
		{a: seq(add, read), b: seq(add, read), want: locking == serverOne && (kind == "counter" || kind == "lease")},
	} {
		if c.want && p.speaks(c.a) && p.speaks(c.b) {
			p.pair(ctx, [2][]history.Step{c.a, c.b}, c.absent)
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

// pair walks all orders of two sequences and tells of them in one row.
func (p *prober) pair(ctx context.Context, steps [2][]history.Step, absent bool) {
	var wrong, unclear []*walk
	total := 0
	for _, order := range interleave(len(steps[0]), len(steps[1])) {
		w := p.walk(ctx, steps, order, absent)
		if w.unclear {
			w = p.walk(ctx, steps, order, absent) // once more: it may have been the moment
		}
		total++
		switch {
		case w.wrong != "":
			wrong = append(wrong, w)
		case w.unclear:
			unclear = append(unclear, w)
		}
	}
	promise := words(steps[0]) + " beside " + words(steps[1])
	if len(wrong) == 0 && len(unclear) > 0 {
		w := unclear[0]
		p.row(promise, NotExercised, fmt.Sprintf("%d of %d orders: %s", len(unclear), total, w.trace[len(w.trace)-1]), w.shows[len(w.shows)-1])
		p.table.Rows[len(p.table.Rows)-1].Order = strings.Join(w.trace, ", ")
		return
	}
	if len(wrong) == 0 {
		p.row(promise, Holds, fmt.Sprintf("all %d orders: as one step after the other", total))
		return
	}
	// The shortest trace that is wrong tells most.
	first := wrong[0]
	for _, w := range wrong {
		if len(w.shows) < len(first.shows) {
			first = w
		}
	}
	verdict := Violated
	if p.strategy.Locking == "none" && !slices.Contains(p.strategy.Promises, "no-lost-update") {
		verdict = NotPromised
	}
	p.row(promise, verdict, fmt.Sprintf("%d of %d orders: %s", len(wrong), total, first.wrong), first.shows...)
	p.table.Rows[len(p.table.Rows)-1].Order = strings.Join(first.trace, ", ")
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

// walk is one order while it is walked, with the state that the resource must
// have when every request is one step.
type walk struct {
	*prober
	t      *thing
	exists bool
	at     int    // number of the state
	value  string // of the state; "" when it is not known
	holder int    // client that holds the lock; -1 is nobody
	knows  [2]int
	sees   [2]state
	held   [2]held
	out    [2]bool // the lock was not granted: the rest is left out
	locks  [2]bool // the client's sequence locks
	freed  bool    // the holder deleted the resource, and with it perhaps the lock (RFC 4918, 9.6)

	wrong   string
	unclear bool  // a request had no answer, so the state is not known
	doubt   reply // a write that was refused without need
	trace   []string
	shows   []reply
}

func (p *prober) walk(ctx context.Context, steps [2][]history.Step, order []int, absent bool) *walk {
	if p.strategy.Locking == "optimistic" {
		p.early(ctx)
	}
	w := &walk{prober: p, exists: !absent, holder: -1, knows: [2]int{-1, -1}}
	if absent {
		w.t = p.name()
	} else {
		var s state
		w.t, s = p.fresh(ctx)
		w.value = s.value
	}
	for who := range steps {
		w.locks[who] = steps[who][0] == history.StepLock
	}
	var next [2]int
	for _, who := range order {
		step := steps[who][next[who]]
		next[who]++
		w.step(ctx, who, step)
		if w.unclear {
			break
		}
		if w.wrong != "" {
			w.doubted(ctx)
			break
		}
	}
	for who, h := range w.held {
		if w.holder == who && h != (held{}) {
			p.parties[who].unlock(ctx, w.t, h)
		}
	}
	if w.wrong == "" && !w.unclear && w.exists && w.value != "" {
		if r := p.parties[0].read(ctx, w.t); !r.silent() && r.state.value != w.value {
			w.shows = append(w.shows, r)
			w.wrong = "the last state is not that of the last accepted write"
		}
	}
	return w
}

// step sends one request and judges its answer.
func (w *walk) step(ctx context.Context, who int, step history.Step) {
	if w.out[who] || w.sees[who].absent && (step == history.StepWrite || step == history.StepDelete) {
		return // nobody changes what was not there
	}
	q := w.parties[who]
	var r reply
	switch step {
	case history.StepRead:
		r = q.read(ctx, w.t)
		w.sees[who], w.knows[who] = r.state, w.at
		gone := r.state.absent || !r.ok()
		if gone == w.exists || w.exists && w.value != "" && r.state.value != w.value {
			w.wrong = "a read shows another state"
		}
	case history.StepWrite:
		r = q.write(ctx, w.t, w.basis(who), w.held[who])
		w.changed(who, r, "a write on a state that was gone is accepted")
	case history.StepDelete:
		r = q.remove(ctx, w.t, w.basis(who), w.held[who])
		if w.session.Scenario().Workload.Kind == "parent-child" {
			w.exists = w.exists && !r.ok() // the parent's version may or may not move with its children
			break
		}
		w.changed(who, r, "a delete of a state that was gone is accepted")
		w.exists = w.exists && !r.ok()
		w.freed = w.freed || r.ok() && w.holder == who
	case history.StepCreate:
		r = w.create(ctx, q)
	case history.StepAdd:
		r = q.add(ctx, w.t, int64(1+who), "")
		w.added(r, int64(1+who))
	case history.StepLock:
		r = q.lock(ctx, w.t, 0, w.holder < 0)
		w.locked(who, r)
	case history.StepUnlock:
		r = q.unlock(ctx, w.t, w.held[who])
		if w.holder == who && !r.ok() && !w.freed {
			w.wrong = "the holder cannot unlock"
		}
		if w.holder == who {
			w.holder, w.freed = -1, false
		}
		w.held[who] = held{}
	}
	w.shows = append(w.shows, r)
	w.trace = append(w.trace, string('A'+rune(who))+" "+string(step)+" "+r.said())
	if r.silent() && step != history.StepLock { // a lock that another holds may let wait
		w.wrong, w.unclear = "", true
	}
}

// basis is what a client presents; without locking, nothing.
func (w *walk) basis(who int) state {
	s := w.sees[who]
	if w.strategy.Locking == "none" {
		s.version = dialect.Text{}
	}
	return s
}

// changed judges a write or delete.
func (w *walk) changed(who int, r reply, lost string) {
	current := w.exists && w.knows[who] == w.at
	if w.strategy.Locking == "pessimistic" {
		current = w.holder == who
		lost = "a " + string(r.step) + " is accepted under another's lock"
		if !w.locks[who] && w.holder < 0 {
			current = r.ok() // nobody holds it: the server may take or refuse it
		}
		if current && !w.exists {
			current = r.ok() // the holder changes what is gone: the server may make it anew or refuse
			w.exists = r.ok() && r.step == history.StepWrite
		}
	}
	switch {
	case r.ok() && !current:
		w.wrong = lost
	case !r.ok() && current:
		w.wrong = "refused though nothing had changed"
		w.doubt = r
	}
	if r.ok() {
		w.at++
		w.value = r.value
	}
}

// doubted looks whether a write that was refused without need was done.
func (w *walk) doubted(ctx context.Context) {
	if w.doubt.step != history.StepWrite || w.doubt.value == w.value {
		return
	}
	if r := w.parties[0].read(ctx, w.t); r.ok() && r.state.value == w.doubt.value {
		w.shows = append(w.shows, r)
		w.trace = append(w.trace, "A read "+r.said())
		w.wrong = "a write is refused and done all the same"
	}
}

// create makes the resource, or a child below it.
func (w *walk) create(ctx context.Context, q *party) reply {
	if w.session.Scenario().Workload.Kind == "parent-child" {
		r := q.do(ctx, history.StepCreate, w.t, func(v *dialect.Vars) {
			q.fill(v, "")
			v.Set(dialect.Name, dialect.Text{S: fmt.Sprintf("child-%d", q.writes)})
		})
		if r.ok() && !w.exists {
			w.wrong = "a child of a deleted parent is accepted"
		}
		return r
	}
	r := q.create(ctx, w.t, held{})
	switch {
	case r.ok() && w.exists:
		w.wrong = "a name is given away twice"
	case !r.ok() && !w.exists:
		w.wrong = "a free name is refused"
	}
	if r.ok() {
		w.exists, w.value = true, r.value
		w.at++
	}
	return r
}

func (w *walk) added(r reply, amount int64) {
	if !r.ok() {
		w.wrong = "an addition is refused"
		return
	}
	var n int64
	if _, err := fmt.Sscan(w.value, &n); err != nil {
		w.value = ""
		return
	}
	w.value = fmt.Sprint(n + amount)
}

func (w *walk) locked(who int, r reply) {
	switch {
	case w.freed: // the lock may have gone with the resource
	case r.ok() && w.holder >= 0:
		w.wrong = "two hold the lock"
	case !r.ok() && w.holder < 0:
		w.wrong = "a free lock is refused"
	}
	if r.ok() {
		w.holder, w.held[who], w.freed = who, r.held, false
	} else {
		w.out[who] = true
	}
}
