package serial

import (
	"strconv"
	"strings"
)

func tellsVersion(_ *probed, q *asked) answer {
	first := q.at("first")
	if first == nil || !first.ok() {
		return q.stopped()
	}
	one := q.at("one")
	v := first.Version
	switch {
	case v == "":
		return unasked("none", first)
	case strings.HasPrefix(v, "W/") && one != nil && one.Class.Conflict():
		return broken(needless, "a weak entity tag (W/), which If-Match can never match", first)
	case strings.HasPrefix(v, "W/"):
		return noted("a weak entity tag (W/), and yet it is accepted")
	case strings.HasPrefix(v, `"`):
		return holds("a strong entity tag")
	}
	return holds("a version")
}

func acceptsCurrent(_ *probed, q *asked) answer {
	ones := q.every("one")
	if len(ones) == 0 {
		return q.stopped()
	}
	last := ones[len(ones)-1]
	switch {
	case last.ok() && len(ones) > 1:
		return noted(ones[0].said() + " though nothing had changed, then " + last.said() + " a second later")
	case last.ok():
		return holds(last.said())
	case last.silent() || !last.Class.Conflict():
		return unasked(last.said(), last)
	}
	return broken(needless, last.said()+": refused though nothing had changed, also when it was read and written again", last)
}

func answersVersion(c *probed, q *asked) answer {
	one, second, first := q.at("one"), q.at("second"), q.at("first")
	if one == nil || !one.ok() || second == nil || !second.ok() {
		return unasked("no write was accepted")
	}
	shown, known := c.shows(second, one)
	got := plainVersion(one.Version)
	switch {
	case got == "":
		return noted("it tells none: read again to go on")
	case got == plainVersion(second.Version):
		return holds("the one that the next read tells")
	case known && !shown || sameState(first, second):
		return unasked("the next read shows an older state", one, second)
	case got == plainVersion(first.Version):
		return broken(version, "the version of the state before", first, one, second)
	}
	return noted("another than the next read tells: only the one that is read is good for a write")
}

func movesVersion(c *probed, q *asked) answer {
	one, two := q.at("one"), q.at("two")
	first, second, third := q.at("first"), q.at("second"), q.at("third")
	if one == nil || !one.ok() || second == nil || !second.ok() {
		return unasked("a write was refused")
	}
	reads := []*readAfter{{first, nil}, {second, one}}
	if two != nil && two.ok() && third != nil && third.ok() {
		reads = append(reads, &readAfter{third, two})
	}
	for i := 1; i < len(reads); i++ {
		if shown, known := c.shows(reads[i].read, reads[i].write); known && !shown || !known && sameState(reads[i].read, reads[i-1].read) && one.Key != "found" {
			return unasked("a read shows an older state", reads[i].read)
		}
		if reads[i].read.Version == reads[i-1].read.Version {
			if one.Key == "found" {
				return noted("the same content leaves it as it was")
			}
			return broken(version, "two states in a row have the same version", reads[i-1].read, reads[i].write, reads[i].read)
		}
	}
	return holds([]string{"", "", "two states, two versions", "three states, three versions"}[len(reads)])
}

// readAfter is a read with the write that it follows.
type readAfter struct{ read, write *one }

func growsVersion(_ *probed, q *asked) answer {
	var last int64
	for i, role := range []string{"first", "second", "third"} {
		r := q.at(role)
		if r == nil || !r.ok() || r.Version == "" {
			return answer{}
		}
		n, err := strconv.ParseInt(r.Version, 10, 64)
		switch {
		case err != nil:
			return noted("they are opaque texts, so none can tell")
		case i > 0 && n <= last:
			return noted("numbers, but not growing ones: nothing says that they have to")
		}
		last = n
	}
	return holds("numbers, each larger than the last")
}

func refusesStale(c *probed, q *asked) answer {
	one := q.at("one")
	if one == nil || !one.ok() {
		return unasked("no write was accepted, so no version went stale")
	}
	got, why := q.need("first", "third", "stale")
	if why != nil {
		if one.Key == "found" && q.at("stale") == nil {
			return unasked("writing the same content back leaves the version as it was")
		}
		return *why
	}
	first, third, stale := got[0], got[1], got[2]
	if stale.ok() && first.Version == third.Version {
		last := one
		if two := q.at("two"); two != nil && two.ok() {
			last = two
		}
		if shown, known := c.shows(third, last); known && !shown || sameState(first, third) {
			return unasked("the read shows an older state", third)
		}
		return broken(version, stale.said()+": the newer state, which has the same version, was overwritten", stale)
	}
	return c.refuses(stale, condition, "the newer state was overwritten", one)
}

func notDone(c *probed, q *asked) answer {
	stale, third, fourth := q.at("stale"), q.at("third"), q.at("fourth")
	if stale == nil || !stale.refused() || stale.Key == "found" {
		return answer{}
	}
	if fourth == nil || !fourth.ok() {
		return q.stopped()
	}
	if done, known := c.shows(fourth, stale); known && done && !sameState(third, fourth) {
		return broken(lied, "the state is the refused one", stale, fourth)
	}
	if sameState(third, fourth) {
		return holds("the state is as before")
	}
	return noted("the state is neither the one before nor the refused one")
}

func refusesMadeUp(c *probed, q *asked) answer {
	got, why := q.need("made-up")
	if why != nil {
		return *why
	}
	return c.refuses(got[0], condition, "it was overwritten", got[:0]...)
}

func refusesNone(c *probed, q *asked) answer {
	o := q.at("none")
	switch {
	case o == nil:
		return answer{}
	case o.silent():
		return unasked(o.said(), o)
	case o.ok():
		return noted(o.said() + ": who sends none overwrites unnoticed")
	case o.refused() && c.accepted[o.Step]:
		return holds(o.said())
	}
	return noted(o.said())
}

func staysOld(_ *probed, q *asked) answer {
	once, twice := q.at("once read"), q.at("twice read")
	if once == nil || twice == nil || once.Version == "" {
		return q.stopped()
	}
	if once.Version == twice.Version {
		return noted("it is a hash of the content, and valid again (ABA)")
	}
	return holds("it does")
}

func worksZipped(_ *probed, q *asked) answer {
	zipped, first := q.at("zipped"), q.at("first")
	if zipped == nil || !zipped.ok() {
		return q.stopped()
	}
	w := q.at("write")
	switch {
	case q.attrs["encoding"] == "":
		return unasked("the server did not compress")
	case zipped.Version == first.Version:
		return holds("it is the same")
	case w == nil || w.silent():
		return q.stopped()
	}
	did := "it is another"
	if strings.HasPrefix(zipped.Version, "W/") {
		did += ", a weak one"
	}
	did += ", and the write is answered " + w.said()
	switch {
	case w.ok():
		return holds(did)
	case w.Class.Conflict():
		return broken(needless, did, zipped, w)
	}
	return unasked(did, w)
}
