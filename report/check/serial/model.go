package serial

import (
	"tussle/history"
)

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
	if w.grant == nil {
		return false
	}
	ttl, lapses := w.q.lasts(w.grant)
	return lapses && o.Return >= w.grant.Call+ttl
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
		w.aside = "a second create is answered " + o.said() + ": nothing shows that it made anything"
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
	if w.wrong != "" && w.why != staleRead && w.why != needless && w.why != condition && w.why != version || w.unclear != "" || len(reads) == 0 {
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
	if w.why == condition || w.why == version {
		w.wrong = "" // what was accepted has not shown itself, so nothing was overwritten
	}
	if end := reads[len(reads)-1]; end.Call-reads[0].Call > 4e8 && w.q.attrs["lag"] == "" {
		w.say(gone, "the last state is not that of the last accepted write")
		return
	}
	w.outdated("the last read is stale: it shows an older state")
}
