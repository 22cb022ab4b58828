package serial

import (
	"strconv"

	"tussle/history"
)

func grants(_ *probed, q *asked) answer {
	mine := q.at("mine")
	switch {
	case mine == nil:
		return q.stopped()
	case !mine.ok():
		return unasked(mine.said(), mine)
	case mine.Lock == "" && mine.Fence == "":
		return noted(mine.said() + " without a token")
	case mine.Fence != "":
		return holds(mine.said() + " with a token and a fencing number")
	}
	return holds(mine.said() + " with a token")
}

// lasts is how long a lock was granted for, or else asked for, in ns; false
// when it does not lapse.
func (q *asked) lasts(grant *one) (int64, bool) {
	if grant.TTL > 0 {
		return grant.TTL, true
	}
	ttl, err := strconv.ParseInt(q.attrs["ttl"], 10, 64)
	return ttl, err == nil
}

// held reports whether the lock of a role was granted and had not lapsed when
// another request was sent.
func (q *asked) held(role string, when *one) bool {
	mine := q.at(role)
	if mine == nil || !mine.ok() {
		return false
	}
	ttl, lapses := q.lasts(mine)
	return !lapses || when.Return < mine.Call+ttl
}

// denied reports whether a lock was not granted; a server may let us wait.
func (o *one) denied() bool {
	return o.refused() || o.Class == history.Timeout || o.Class == history.Throttled || o.Class == history.OK && o.unreadable()
}

func (o *one) deniedHow() string {
	switch {
	case o.Class == history.Timeout:
		return o.said() + ": the server lets us wait"
	case o.unreadable():
		return strconv.Itoa(o.Status) + " without a token"
	}
	return o.said()
}

func refusesSecond(_ *probed, q *asked) answer {
	second := q.at("second")
	switch {
	case second == nil:
		return q.stopped()
	case second.denied():
		return holds(second.deniedHow())
	case second.ok() && q.held("mine", second):
		return broken(twoHold, second.said(), q.at("mine"), second)
	}
	return unasked(second.said(), second)
}

// keepsOut judges a write of somebody who holds no lock. The holder's own is
// the control.
func keepsOut(role string, why cause) func(*probed, *asked) answer {
	return func(c *probed, q *asked) answer {
		o := q.at(role)
		switch {
		case role != "no token" && q.attrs["guards"] == "":
			return answer{}
		case o == nil:
			return q.stopped()
		case o.silent():
			return unasked(o.said(), o)
		case q.attrs["guards"] == "":
			return noted(o.said() + ": writes do not present the lock")
		case o.ok() && role == "late" && !q.nextHolds():
			return noted(o.said() + ": nobody held the lock")
		case o.ok() && role != "late" && !q.held("mine", o):
			return unasked("the lock had lapsed by then", o)
		}
		return c.refuses(o, why, "it was overwritten under another's lock", q.at("mine"))
	}
}

func (q *asked) nextHolds() bool { n := q.at("next"); return n != nil && n.ok() }

func foreignToken(_ *probed, q *asked) answer {
	switch o := q.at("foreign"); {
	case o == nil:
		return answer{}
	case o.silent():
		return unasked(o.said(), o)
	case o.refused():
		return holds(o.said())
	default: // a client that does this is wrong itself
		return noted(o.said() + ": the server does not ask which resource the token is of")
	}
}

func onlyHolder(_ *probed, q *asked) answer {
	got, why := q.need("foreign unlock")
	again := q.at("after foreign")
	if why != nil || again == nil {
		return q.stopped()
	}
	did := "unlocking with the token of another lock " + got[0].said() + ", then a lock " + again.said()
	second := q.at("second")
	switch {
	case again.denied():
		return holds(did)
	case second != nil && second.ok():
		return answer{} // a lock is given to anybody
	case again.ok() && q.held("mine", again):
		return broken(stolen, did, q.at("mine"), got[0], again)
	}
	return unasked(did, again)
}

func holderWrites(_ *probed, q *asked) answer {
	w := q.at("holder")
	switch {
	case w == nil:
		return q.stopped()
	case w.ok():
		return holds(w.said())
	case w.silent() || !w.Class.Conflict():
		return unasked(w.said(), w)
	}
	for _, role := range []string{"second", "after foreign"} {
		if o := q.at(role); o != nil && o.ok() {
			return unasked(w.said()+": its lock had been taken away", w)
		}
	}
	if !q.held("mine", w) {
		return unasked("the lock had lapsed by then", w)
	}
	return broken(needless, w.said()+": the holder's own write is refused", q.at("mine"), w)
}

func givesBack(_ *probed, q *asked) answer {
	u, next := q.at("unlock"), q.at("next")
	if u == nil || next == nil {
		return q.stopped()
	}
	did := "unlocking " + u.said() + ", the next lock " + next.said()
	switch {
	case u.ok() && next.ok():
		if len(q.every("next")) > 1 {
			return noted(did + ", a second later")
		}
		return holds(did)
	case u.ok() && (next.Class.Conflict() || next.Class == history.Timeout):
		return broken(leaked, did, u, next)
	}
	return unasked(did, u, next)
}

func fencesGrow(_ *probed, q *asked) answer {
	mine, next := q.at("mine"), q.at("next")
	if mine == nil || next == nil || mine.Fence == "" || !next.ok() {
		return answer{}
	}
	x, err1 := strconv.ParseInt(mine.Fence, 10, 64)
	y, err2 := strconv.ParseInt(next.Fence, 10, 64)
	switch {
	case err1 != nil || err2 != nil:
		return noted("they are no numbers, so none can tell")
	case x < y:
		return holds("they do")
	}
	return broken(fence, "they do not", mine, next)
}

func lapses(_ *probed, q *asked) answer {
	mine, next := q.at("mine"), q.at("next")
	switch {
	case mine == nil || !mine.ok() || next == nil:
		return q.stopped()
	case next.ok():
		return holds(next.said())
	}
	return noted(next.deniedHow() + ": still held, though it was asked for 1 s; the server chose another time")
}

func lateHolder(c *probed, q *asked) answer {
	next, late := q.at("next"), q.at("late")
	switch {
	case next == nil || !next.ok():
		return answer{}
	case late == nil:
		return q.stopped()
	case late.silent():
		return unasked(late.said(), late)
	case q.attrs["guards"] == "":
		return noted(late.said() + ": writes do not present the lock")
	}
	return c.refuses(late, lapsed, "it was overwritten under another's lock", q.at("mine"), next, q.at("theirs"))
}
