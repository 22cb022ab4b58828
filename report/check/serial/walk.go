package serial

import "tussle/history"

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
