package serial

import (
	"fmt"
	"strconv"
	"strings"
)

// count judges what the accepted additions of a question came to.
func (c *probed) count(q *asked, promise string, why cause, more bool, roles ...string) answer {
	first := q.at("first")
	reads := q.every("after")
	if first == nil || len(reads) == 0 {
		return q.stopped()
	}
	from, ok := number(first)
	if !ok {
		return unasked("the value is no whole number", first)
	}
	want := from
	var said, sent []string
	shows := []*one{}
	for _, role := range roles {
		o := q.at(role)
		if o == nil {
			continue
		}
		if o.silent() {
			return unasked(o.said(), o)
		}
		said, sent = append(said, o.said()), append(sent, o.Value)
		if n, isNumber := number(o); o.ok() && isNumber && (len(shows) == 0 || more) {
			want += n
		}
		shows = append(shows, o)
	}
	if len(shows) == 0 || !shows[0].ok() {
		return unasked("no addition was accepted: "+strings.Join(said, " and "), shows...)
	}
	last := reads[len(reads)-1]
	to, ok := number(last)
	if last.silent() || !ok {
		return unasked("read: "+last.said(), last)
	}
	did := fmt.Sprintf("%s: %s %s %d", strings.Join(said, " and "), strings.Join(sent, " and "), promise, to-from)
	switch {
	case to == want && len(reads) == 1:
		return holds(did)
	case to == want:
		return c.stale(did+", "+since(last, shows[len(shows)-1])+" later", q, append(shows, reads[0])...)
	case sameState(last, first):
		return c.lost(did, q, append(shows, last)...)
	}
	return broken(why, did, append(shows, last)...)
}

func countsOnce(c *probed, q *asked) answer { return c.count(q, "gave", sum, true, "one", "two") }

func keyOnce(c *probed, q *asked) answer {
	if again := q.at("again"); again == nil || again.silent() {
		return q.stopped()
	}
	a := c.count(q, "under one key gave", doneTwice, false, "one", "again")
	return a
}

// otherUnderKey: a refusal is the draft's answer to a key that is used for
// something else; doing it is allowed.
func otherUnderKey(_ *probed, q *asked) answer {
	switch o := q.at("other"); {
	case o == nil:
		return answer{}
	case o.refused():
		return holds(o.said())
	default:
		return noted(o.said())
	}
}

func appendsOnce(c *probed, q *asked) answer {
	first, second, reads := q.at("one"), q.at("two"), q.every("after")
	if first == nil || second == nil || len(reads) == 0 {
		return q.stopped()
	}
	for _, o := range []*one{first, second, reads[len(reads)-1]} {
		if o.silent() || !o.ok() {
			return unasked(o.said(), o)
		}
	}
	did := first.said() + " and " + second.said()
	last := reads[len(reads)-1]
	has := func(o *one) int { return strings.Count(last.Value, strconv.Quote(o.Value)) }
	switch {
	case has(first) == 1 && has(second) == 1 && len(reads) == 1:
		return holds(did + ": both are in the list, once")
	case has(first) == 1 && has(second) == 1:
		return c.stale(did+": both are in the list, later", q, first, second, reads[0])
	case sameState(last, q.at("first")):
		return c.lost(did+": the list is as before", q, first, second, last)
	case !strings.HasPrefix(last.Value, "["):
		return unasked(did+": what is read is no list", last)
	}
	return broken(sum, did+": the list is another", first, second, last)
}

// balances are numbers of both accounts.
func balances(q *asked, from, to string) (x, y int64, ok bool) {
	a, b := q.at(from), q.at(to)
	if a == nil || b == nil || !a.ok() || !b.ok() {
		return 0, 0, false
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	return x, y, ok1 && ok2
}

func keepsTotal(c *probed, q *asked) answer {
	one := q.at("one")
	x, y, ok := balances(q, "first", "to before")
	x1, y1, ok1 := balances(q, "from after", "to after")
	if one == nil || !one.ok() || !ok || !ok1 {
		return q.stopped()
	}
	did := fmt.Sprintf("%s: from %+d, to %+d", one.said(), x1-x, y1-y)
	switch {
	case x1 == x-1 && y1 == y+1:
		return holds(did)
	case x1 == x && y1 == y:
		return c.lost(did, q, one, q.at("to after"))
	}
	return broken(sum, did, one, q.at("from after"), q.at("to after"))
}

func refusesMore(_ *probed, q *asked) answer {
	more := q.at("more")
	if more == nil {
		return answer{}
	}
	if more.silent() {
		return unasked(more.said(), more)
	}
	x, y, ok := balances(q, "from after", "to after")
	x1, y1, ok1 := balances(q, "from then", "to then")
	switch {
	case !ok || !ok1:
		return q.stopped()
	case more.ok() && (x1 != x || y1 != y):
		return broken(sum, more.said()+": it was carried out", more, q.at("from then"))
	case more.ok():
		return noted(more.said() + ", and nothing was moved")
	case x1 != x || y1 != y:
		return broken(lied, more.said()+", and yet something was moved", more, q.at("from then"))
	}
	return holds(more.said())
}

func answersNext(_ *probed, q *asked) answer {
	more, next := q.at("more"), q.at("next")
	switch {
	case next == nil || more == nil || !more.refused():
		return answer{}
	case next.ok():
		return holds(next.said())
	case next.Class.Conflict() || next.Status == 0:
		return broken(leaked, next.said(), more, next)
	}
	return unasked(next.said(), next)
}
