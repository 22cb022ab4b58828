package serial

import (
	"strconv"
	"strings"

	"tussle/history"
)

// rule judges one promise from the answers to a question. An empty answer
// leaves the row out.
type rule struct {
	question, promise string
	judge             func(*probed, *asked) answer
}

// rules lists the rows in the order in which they are shown.
var rules = []rule{
	{"versions", "a read tells a version", tellsVersion},
	{"versions", "a write with the current version is accepted", acceptsCurrent},
	{"versions", "the answer to a write tells the new version", answersVersion},
	{"versions", "a read shows the write that was acknowledged before it", showsWrite("one", "second")},
	{"versions", "every write gives a new version", movesVersion},
	{"versions", "versions grow", growsVersion},
	{"versions", "a stale version is refused", refusesStale},
	{"versions", "what was refused was not done", notDone},
	{"versions", "a made-up version is refused", refusesMadeUp},
	{"versions", "a write without a version is refused", refusesNone},
	{"versions", "a refusal says why", saysWhy("stale")},
	{"again", "an old version stays old when the content comes back", staysOld},
	{"gzip", "a version that was read under gzip can be used", worksZipped},
	{"lock", "a lock is granted", grants},
	{"lock", "a second lock is refused while it is held", refusesSecond},
	{"lock", "a write without the token is refused", keepsOut("no token", unguarded)},
	{"lock", "a write with a made-up token is refused", keepsOut("made-up", unguarded)},
	{"lock", "a write with the token of another lock is refused", foreignToken},
	{"lock", "nobody else can unlock it", onlyHolder},
	{"lock", "the holder's write is accepted", holderWrites},
	{"lock", "a read shows the write that was acknowledged before it", showsWrite("holder", "seen")},
	{"lock", "a lock that was given back is free", givesBack},
	{"lock", "a token that was given back is refused", keepsOut("late", unguarded)},
	{"lock", "fencing numbers grow", fencesGrow},
	{"lock", "a refused lock says why", saysWhy("second")},
	{"lapse", "a lapsed lock is given to the next", lapses},
	{"lapse", "a write of a holder whose lock lapsed is refused", lateHolder},
	{"additions", "an addition counts once", countsOnce},
	{"idempotency", "one idempotency key is carried out once", keyOnce},
	{"idempotency", "another request under the same key is refused", otherUnderKey},
	{"appends", "an element is appended once", appendsOnce},
	{"transfers", "a transfer keeps the total", keepsTotal},
	{"transfers", "a transfer of more than there is is refused", refusesMore},
	{"transfers", "after a refusal the next transfer is answered", answersNext},
	{"transfers", "a refusal says why", saysWhy("more")},
	{"blind", "a write is accepted", func(_ *probed, q *asked) answer {
		got, why := q.need("one")
		if why != nil {
			return *why
		}
		if !got[0].ok() {
			return unasked(got[0].said(), got[0])
		}
		return holds(got[0].said())
	}},
	{"blind", "a read shows the write that was acknowledged before it", showsWrite("one", "second")},
	{"created", "a name is created once", createdOnce},
	{"deleted", "a delete with a stale version is refused", refusesStaleDelete},
	{"lives", "versions go on when a resource is deleted and made again", newLife},
}

// shows reports whether a read shows the state that a write made, as far as
// that can be told: by the tag where reads tell one, by the value where it was
// sent and values come back as they are sent, by the version.
func (c *probed) shows(r, w *one) (yes, known bool) {
	switch {
	case c.Identify == "tag" && r.Saw != "" && w.Tag != "":
		return r.Saw == w.Tag, true
	case c.Identify == "version" && r.Version != "" && w.Version != "":
		return plainVersion(r.Version) == plainVersion(w.Version), true
	case w.Value != "" && r.Value == w.Value:
		return true, true
	case w.Value != "" && c.faithful && c.plan.Workload.Kind != "append":
		return false, true
	}
	return false, false
}

// sameState reports whether two reads look the same.
func sameState(a, b *one) bool {
	return a.Saw == b.Saw && a.Value == b.Value && a.Version == b.Version && a.absent() == b.absent()
}

// plainVersion is a version without what a server puts to it for one form of
// the content: weak, or compressed.
func plainVersion(v string) string {
	v = strings.TrimPrefix(v, "W/")
	for _, form := range []string{"-gzip", ";gzip", "--gzip"} {
		v = strings.Replace(v, form+`"`, `"`, 1)
	}
	return v
}

// showsWrite judges the reads after an accepted write. One that shows the
// state before is stale when a later one does not, and the write gone when all
// do.
func showsWrite(write, read string) func(*probed, *asked) answer {
	return func(c *probed, q *asked) answer {
		w := q.at(write)
		if w == nil || !w.ok() || w.Key == "found" {
			return answer{}
		}
		before := q.at("first")
		if now := q.at("now"); now != nil {
			before = now
		}
		reads := q.every(read)
		for i, r := range reads {
			if r.silent() {
				return unasked("read: "+r.said(), r)
			}
			yes, known := c.shows(r, w)
			switch {
			case yes && i == 0:
				return holds("it does")
			case yes:
				return c.stale("it shows an older state; "+since(r, w)+" later it does", q, w, reads[0])
			case before != nil && sameState(r, before):
			case r.absent():
			case !known:
				return unasked("what a read shows cannot be told from what was there before: let the target keep a {tag}, or tell a version with each write", w, r)
			default:
				return broken(phantom, "it shows a state that nobody wrote", w, r)
			}
		}
		if len(reads) == 0 {
			return q.stopped()
		}
		return c.lost("it shows an older state, also "+since(reads[len(reads)-1], w)+" later", q, w, reads[len(reads)-1])
	}
}

func since(later, w *one) string {
	return strconv.FormatInt((later.Call-w.Return)/1e6, 10) + " ms"
}

// stale words a read of an older state; where the server says how old an
// answer may be, it is only noted.
func (c *probed) stale(did string, q *asked, shows ...*one) answer {
	if lag := q.attrs["lag"]; lag != "" {
		return noted("the read is stale, as the server says it may be (" + lag + "): " + did)
	}
	return broken(staleRead, "the read is stale: "+did, shows...)
}

// lost words an accepted write that no read shows.
func (c *probed) lost(did string, q *asked, shows ...*one) answer {
	if lag := q.attrs["lag"]; lag != "" {
		return noted("the read is stale, as the server says it may be (" + lag + "): " + did)
	}
	if r := shows[len(shows)-1]; r.Call-shows[0].Return < 1e9 {
		return broken(staleRead, "the read is stale: "+did, shows...) // nobody waited longer
	}
	return broken(gone, did, shows...)
}

// saysWhy tells whether a refusal tells why.
func saysWhy(role string) func(*probed, *asked) answer {
	return func(_ *probed, q *asked) answer {
		r := q.at(role)
		switch {
		case r == nil || !r.refused():
			return answer{}
		case r.Problem != "":
			return holds(r.said() + " with the problem " + r.Problem)
		case r.Status/100 == 2:
			return noted("only the body tells it from a success")
		case r.Detail != "":
			return noted(r.said() + " with a text for people, no problem type")
		}
		return noted(r.said() + " with nothing else")
	}
}

// refuses judges a change that must be refused. A refusal shows it only where
// the same step is accepted in its place.
func (c *probed) refuses(o *one, why cause, did string, before ...*one) answer {
	switch {
	case o.ok():
		return broken(why, o.said()+": "+did, append(before, o)...)
	case !o.refused():
		return unasked(o.said(), o)
	case !c.accepted[o.Step]:
		return unasked(o.said()+", but no "+string(o.Step)+" was accepted at all", o)
	}
	return holds(o.said())
}

func number(o *one) (int64, bool) {
	n, err := strconv.ParseInt(o.Value, 10, 64)
	return n, err == nil
}

// createdOnce: the second create of a name is refused. One that finds what is
// there and says so by another status has no effect.
func createdOnce(c *probed, q *asked) answer {
	got, why := q.need("one", "two")
	if why != nil {
		return *why
	}
	one, two := got[0], got[1]
	did := one.said() + ", then " + two.said()
	switch {
	case !one.ok():
		return unasked("the first create: "+one.said(), one)
	case two.refused():
		return holds(did)
	case !two.ok():
		return unasked(did, two)
	}
	if c.finds(one, two, q.at("read")) {
		return noted(did + ": nothing shows that the second one made anything; an outcome with class \"exists\" says so to tussle")
	}
	return broken(twice, did, one, two)
}

// finds reports whether an accepted create may have made nothing: its answer
// shows another's object; or what is there is not its own, and the status is
// another than that of one that did, or means no more than success.
func (c *probed) finds(first, again, read *one) bool {
	status := c.created
	if first != nil && first.Step == history.StepCreate {
		status = first.Status
	}
	if again.Saw != "" && (again.Saw == again.Tag || again.Saw == again.Value) {
		return false
	}
	if read != nil && read.ok() {
		if yes, known := c.shows(read, again); known && yes {
			return false
		}
	}
	return again.Saw != "" || again.Status != status || again.Status != 201 && !c.CreatesTold
}

func refusesStaleDelete(c *probed, q *asked) answer {
	got, why := q.need("first", "write", "read", "delete")
	if why != nil {
		return *why
	}
	if got[0].Version == "" || got[0].Version == got[2].Version {
		return unasked("no version went stale")
	}
	if got[3].refused() { // it is a delete with a version that nobody else was asked to accept
		return holds(got[3].said())
	}
	return c.refuses(got[3], condition, "a newer state was deleted", got[1])
}

func newLife(_ *probed, q *asked) answer {
	got, why := q.need("new life")
	if why != nil {
		return *why
	}
	r := got[0]
	if !r.ok() || r.absent() || r.Version == "" {
		return unasked("the read of the new life: "+r.said(), r)
	}
	for _, old := range q.all {
		if old != r && old.Step == history.StepRead && old.Version == r.Version {
			return broken(version, "the new life has a version of the old one", q.all[1:]...)
		}
	}
	return holds("the new life has a version of its own")
}
