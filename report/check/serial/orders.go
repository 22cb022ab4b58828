package serial

import (
	"fmt"
	"strconv"
	"strings"

	"tussle/history"
)

// group holds all orders of two sequences of requests.
type group struct {
	a, b  string
	walks []*asked // the last try of each
	total int
}

func (g *group) promise() string { return g.a + " beside " + g.b }

func (c *probed) groups() []*group {
	var out []*group
	for _, q := range c.asked {
		if q.rule != "order" {
			continue
		}
		if n := len(out); n == 0 || out[n-1].a != q.attrs["a"] || out[n-1].b != q.attrs["b"] {
			out = append(out, &group{a: q.attrs["a"], b: q.attrs["b"]})
		}
		g := out[len(out)-1]
		g.walks = append(g.walks, q)
	}
	return out
}

// orders judges all orders of two sequences and tells of them in one row.
func (c *probed) orders(g *group) answer {
	var wrong, unclear, asides []*walk
	good, total := 0, 0
	for _, q := range g.walks {
		w := c.walk(q)
		total++
		switch {
		case w.wrong != "":
			wrong = append(wrong, w)
		case w.unclear != "":
			unclear = append(unclear, w)
		case w.aside != "":
			asides = append(asides, w)
		default:
			good++
		}
	}
	shortest := func(list []*walk) *walk {
		best := list[0]
		for _, w := range list {
			if best.why == staleRead && w.why != staleRead || len(w.seen) < len(best.seen) && (w.why != staleRead || best.why == staleRead) {
				best = w
			}
		}
		return best
	}
	share := func(n int) string { return fmt.Sprintf("%d of %d orders: ", n, total) }
	switch {
	case len(wrong) > 0:
		w := shortest(wrong)
		return answer{cause: w.why, did: share(len(wrong)) + w.wrong, order: strings.Join(w.trace, ", "), shows: w.seen}
	case len(unclear) > 0:
		w := shortest(unclear)
		return answer{verdict: NotExercised, did: share(len(unclear)) + w.unclear, order: strings.Join(w.trace, ", "), shows: w.seen[max(0, len(w.seen)-1):]}
	case len(asides) > 0:
		return noted(share(len(asides)) + asides[0].aside + "; the others as one step after the other")
	}
	return holds(fmt.Sprintf("all %d orders: as one step after the other", total))
}

// state of the resource while an order is walked.
type state struct {
	by     *one // the write that made it
	absent bool
	number int64 // its value, where it counts
	counts bool
	read   *one // the first read that showed it
}

// walk is the model: what the resource must be when every request is one step.
type walk struct {
	*probed
	q       *asked
	states  []state
	refused []*one
	knows   map[int]int // by client: the state that it read
	holder  int
	grant   *one
	freed   bool // the holder deleted the resource, and with it perhaps the lock (RFC 4918, 9.6.1)

	wrong   string
	why     cause
	aside   string // worth a note
	unclear string
	stopped bool
	trace   []string
	seen    []*one
	shown   *one // a later read that proves it
}

func (c *probed) walk(q *asked) *walk {
	w := &walk{probed: c, q: q, knows: map[int]int{}, holder: -1}
	w.states = []state{{absent: true}}
	walked := false
	for _, o := range q.all {
		if w.stopped {
			break
		}
		walked = walked || o.role == "walk"
		w.step(o)
		if o.role == "walk" || o.role == "last" {
			w.seen = append(w.seen, o)
			w.trace = append(w.trace, string('A'+rune(max(o.Client, 0)))+" "+string(o.Step)+" "+o.said())
		}
	}
	if w.shown != nil {
		w.seen = append(w.seen, w.shown)
		w.trace = append(w.trace, string('A'+rune(max(w.shown.Client, 0)))+" read "+w.shown.said())
	}
	w.last()
	if !walked && w.wrong == "" && w.unclear == "" {
		w.unclear = q.stopped().did
	}
	return w
}

func (w *walk) cur() *state { return &w.states[len(w.states)-1] }

// say notes what is wrong; a stale read is the least of it.
func (w *walk) say(why cause, what string) {
	if w.wrong == "" || w.why == staleRead {
		w.why, w.wrong = why, what
	}
	w.stopped = w.stopped || why != staleRead
}

func (w *walk) next(o *one, absent bool) {
	s := state{by: o, absent: absent}
	if o.Step != history.StepDelete {
		s.number, s.counts = number(o)
	}
	w.states = append(w.states, s)
	w.knows[o.Client] = -1
}

func (w *walk) step(o *one) {
	locks := o.Step == history.StepLock || o.Step == history.StepUnlock
	if o.silent() && !locks || o.Step == history.StepUnlock && o.silent() || o.role != "walk" && o.role != "last" && o.role != "give back" && o.Step != history.StepRead && !o.ok() {
		w.unclear, w.stopped = string(o.Step)+": "+o.said(), true
		return
	}
	switch o.Step {
	case history.StepRead:
		w.reads(o)
	case history.StepWrite:
		w.changes(o)
	case history.StepDelete:
		w.deletes(o)
	case history.StepCreate:
		w.creates(o)
	case history.StepAdd:
		w.adds(o)
	case history.StepLock:
		w.locks(o)
	case history.StepUnlock:
		w.unlocks(o)
	case history.StepSetup, history.StepReset:
		w.states = []state{{by: o}}
		w.cur().number, w.cur().counts = number(o)
	}
}

// reads compares what is read with the state that must be there.
func (w *walk) reads(o *one) {
	if !o.ok() {
		w.unclear, w.stopped = "read: "+o.said(), true
		return
	}
	at := w.match(o)
	if o.role == "last" {
		return // all of them are looked at together
	}
	w.knows[o.Client] = at
	switch {
	case at == unknown:
		w.knows[o.Client] = len(w.states) - 1
	case at == foreign:
		w.say(phantom, "a read shows a state that nobody wrote")
	case at == refusedState:
		w.say(lied, "a write is refused and done all the same")
	case at < len(w.states)-1:
		w.outdated("a read is stale: it shows an older state")
	}
	if at >= 0 && w.states[at].read == nil {
		w.states[at].read = o
		if !w.states[at].counts {
			w.states[at].number, w.states[at].counts = number(o)
		}
	}
}

// outdated notes a stale read, which is no fault where the server says so.
func (w *walk) outdated(what string) {
	if lag := w.q.attrs["lag"]; lag != "" {
		w.aside = what + ", as the server says it may (" + lag + ")"
		return
	}
	w.say(staleRead, what)
}

const (
	unknown      = -1
	foreign      = -2
	refusedState = -3
)

// match finds the state that a read shows, the latest first.
func (w *walk) match(o *one) int {
	last := len(w.states) - 1
	if o.absent() {
		for i := last; i >= 0; i-- {
			if w.states[i].absent {
				return i
			}
		}
		if w.Locking == "pessimistic" {
			return unknown
		}
		return foreign
	}
	named := w.Identify == "tag" && o.Saw != ""
	known := false
	for i := last; i >= 0; i-- {
		s := &w.states[i]
		if s.absent {
			continue
		}
		if s.read != nil && sameState(s.read, o) {
			return i
		}
		if s.by == nil {
			continue
		}
		if s.by.Step == history.StepAdd || s.counts && w.Locking == "server-side" {
			if n, ok := number(o); ok && s.counts {
				if known = true; n == s.number {
					return i
				}
			}
			continue
		}
		yes, sure := w.shows(o, s.by)
		if yes {
			return i
		}
		known = known || sure
	}
	for _, r := range w.refused {
		if yes, sure := w.shows(o, r); yes && sure && (named || known) {
			return refusedState
		}
	}
	// What set-up made may carry no tag, and a value need not come back as sent.
	first := &w.states[0]
	if first.read == nil && !first.absent {
		return 0
	}
	if named && known || known && w.Locking == "server-side" {
		return foreign
	}
	return unknown
}

// changes judges a write.
func (w *walk) changes(o *one) {
	current, sure := w.current(o)
	switch {
	case o.ok():
		if sure && !current && w.wrong == "" {
			w.say(w.blame(o), w.blamed(o))
		}
		w.next(o, false)
	case o.Class.Conflict():
		w.refused = append(w.refused, o)
		if sure && current && !w.freed {
			w.needlessly(o)
		}
	case o.Class == history.PreconditionRequired && !(sure && current):
		w.refused = append(w.refused, o)
	case !sure && o.refused() || sure && !current && w.accepted[o.Step]:
		w.refused = append(w.refused, o) // a refusal by any other name
	default:
		w.unclear, w.stopped = string(o.Step)+": "+o.said(), true
	}
}

// needlessly notes a refusal that nothing explains. One that the next try
// overcomes is no more than a nuisance.
func (w *walk) needlessly(o *one) {
	if r := w.after(o); r != nil {
		done, _ := w.shows(r, o)
		before := false
		if by := w.cur().by; by != nil {
			before, _ = w.shows(r, by)
		}
		if done && !before {
			w.shown = r
			w.say(lied, "a write is refused and done all the same")
			return
		}
	}
	what := "a " + string(o.Step) + " is refused though nothing had changed"
	if w.yields() {
		w.aside, w.stopped = what+", and accepted when it is asked again", true
		return
	}
	w.say(needless, what)
}

// after is the first read after a request.
func (w *walk) after(o *one) *one {
	past := false
	for _, other := range w.q.all {
		if past && other.Step == history.StepRead && other.ok() {
			return other
		}
		past = past || other == o
	}
	return nil
}

// yields reports whether a write that was refused without need was accepted
// when it was tried again.
func (w *walk) yields() bool {
	for _, q := range w.asked {
		if ones := q.every("one"); q.rule == "versions" && len(ones) > 1 && ones[len(ones)-1].ok() {
			return true
		}
	}
	return false
}

// current reports whether a change may be accepted, and whether that is sure.
func (w *walk) current(o *one) (current, sure bool) {
	exists := !w.cur().absent
	if w.Locking == "pessimistic" {
		if w.holder < 0 || w.lapsed(o) {
			return true, false // nobody holds it: the server may take or refuse it
		}
		if w.holder == o.Client {
			return true, exists && !w.freed // the holder changes what is gone: it may be made anew
		}
		return false, w.q.attrs["guards"] != ""
	}
	at, read := w.knows[o.Client]
	if !read || at < 0 {
		return false, false
	}
	return exists && at == len(w.states)-1, true
}

func (w *walk) lapsed(o *one) bool {
	ttl, err := strconv.ParseInt(w.q.attrs["ttl"], 10, 64)
	return err == nil && w.grant != nil && o.Return >= w.grant.Call+ttl
}

func (w *walk) blame(o *one) cause {
	if w.Locking == "pessimistic" {
		return unguarded
	}
	if at, ok := w.knows[o.Client]; ok && at >= 0 && o.Expect != "" {
		if r := w.cur().read; r != nil && r.Version == o.Expect {
			return version // the newer state has the same version
		}
		if by := w.cur().by; by != nil && by.Version == o.Expect {
			return version
		}
	}
	return condition
}

func (w *walk) blamed(o *one) string {
	if w.Locking == "pessimistic" {
		return "a " + string(o.Step) + " is accepted under another's lock"
	}
	return "a " + string(o.Step) + " on a state that was gone is accepted"
}

// deletes judges a delete. What is gone already may be deleted again (RFC
// 9110, 9.2.2).
func (w *walk) deletes(o *one) {
	if w.plan.Workload.Kind == "parent-child" { // the parent's version may or may not move with its children
		if o.ok() {
			w.next(o, true)
		}
		return
	}
	if o.ok() && w.cur().absent {
		return
	}
	current, sure := w.current(o)
	switch {
	case o.ok():
		if sure && !current && w.wrong == "" {
			w.say(w.blame(o), w.blamed(o))
		}
		w.next(o, true)
		w.freed = w.freed || w.holder == o.Client
	case o.Class.Conflict():
		if sure && current {
			w.needlessly(o)
		}
	case o.refused() && !(sure && current):
	default:
		w.unclear, w.stopped = string(o.Step)+": "+o.said(), true
	}
}

// creates judges a create, of the resource or of a child below it.
func (w *walk) creates(o *one) {
	if w.plan.Workload.Kind == "parent-child" {
		switch {
		case o.ok() && w.cur().absent:
			w.say(condition, "a child of a deleted parent is accepted")
		case !o.refused() && !o.ok():
			w.unclear, w.stopped = "create: "+o.said(), true
		}
		return
	}
	if o.role == "setup" {
		w.states = []state{{by: o}}
		return
	}
	exists := !w.cur().absent
	switch {
	case o.ok() && exists && w.created != 0 && w.finds(nil, o, w.after(o)):
		w.aside = "a second create is answered " + o.said() + ": it found what was there"
	case o.ok() && exists:
		if r := w.after(o); r != nil && r.role == "last" {
			w.shown = r
		}
		w.say(twice, "a name is given away twice")
	case o.ok():
		w.next(o, false)
	case o.Class.Conflict() && !exists && len(w.states) == 1:
		w.say(needless, "a free name is refused")
	case o.Class.Conflict() && !exists:
		w.aside, w.stopped = "a name that was deleted is not given again", true
	case o.refused():
		w.refused = append(w.refused, o)
		if !exists {
			w.unclear, w.stopped = "create: "+o.said(), true
		}
	default:
		w.unclear, w.stopped = "create: "+o.said(), true
	}
}

func (w *walk) adds(o *one) {
	switch {
	case o.ok():
		n, ok := number(o)
		s := state{by: o, number: w.cur().number + n, counts: ok && w.cur().counts}
		w.states = append(w.states, s)
	case o.Class.Conflict():
		w.say(needless, "an addition is refused")
	default:
		w.unclear, w.stopped = "add: "+o.said(), true
	}
}

func (w *walk) locks(o *one) {
	free := w.holder < 0 || w.lapsed(o)
	switch {
	case o.ok() && !free && !w.freed:
		w.say(twoHold, "two hold the lock")
	case o.ok():
		w.holder, w.grant, w.freed = o.Client, o, false
	case o.denied() && free && !w.freed && (o.Class.Conflict() || o.Class == history.Timeout):
		if w.asksAgain(o) {
			return
		}
		w.say(leaked, "a free lock is refused")
	case free && !w.freed:
		w.unclear, w.stopped = "lock: "+o.said(), true
	}
}

// asksAgain reports whether the same client asked for the same lock next: a
// server may take a moment to give one back.
func (w *walk) asksAgain(o *one) bool {
	for i, other := range w.q.all {
		if other == o && i+1 < len(w.q.all) {
			n := w.q.all[i+1]
			return n.Step == history.StepLock && n.Client == o.Client
		}
	}
	return false
}

func (w *walk) unlocks(o *one) {
	if w.holder != o.Client {
		return
	}
	if !o.ok() && o.Class.Conflict() && !w.freed && !w.lapsed(o) {
		w.say(leaked, "the holder cannot unlock")
	}
	w.holder, w.freed, w.grant = -1, false, nil
}

// last looks at the reads after the last request. The state that must be there
// shows, now or later, or it is gone.
func (w *walk) last() {
	reads := w.q.every("last")
	if w.wrong != "" && w.why != staleRead && w.why != needless || w.unclear != "" || len(reads) == 0 {
		return
	}
	want := len(w.states) - 1
	for i, r := range reads {
		if !r.ok() {
			return
		}
		at := w.match(r)
		switch {
		case at == want && i == 0, at == unknown:
			return
		case at == want:
			w.outdated("the last read is stale: it shows an older state, and a later one does not")
			return
		case at == refusedState:
			w.wrong = ""
			w.say(lied, "a write is refused and done all the same")
			return
		case at == foreign:
			w.say(phantom, "the last read shows a state that nobody wrote")
			return
		}
	}
	if end := reads[len(reads)-1]; end.Call-reads[0].Call > 4e8 && w.q.attrs["lag"] == "" {
		w.say(gone, "the last state is not that of the last accepted write")
		return
	}
	w.outdated("the last read is stale: it shows an older state")
}
