package check

import (
	"cmp"
	"slices"
)

// The order of a list's elements, part of append-only: an element that was
// appended keeps its place, stands behind all that had been accepted before it
// was asked for, and of two reads one is the beginning of the other.

// placesKept finds lists of which neither is the beginning of the other in
// what they share: each list, shortest first, must begin the longest so far.
func (c *Case) placesKept(k *keyView, t *tally, looks []look, n int) {
	byLength := slices.Clone(looks)
	slices.SortStableFunc(byLength, func(a, b look) int { return cmp.Compare(len(a.elements), len(b.elements)) })
	before := -1
	for i := range byLength {
		if before >= 0 {
			short, long := byLength[before], byLength[i]
			if e := swapped(short.elements, long.elements, n); e {
				t.found(1, func() Finding {
					return k.finding(c.strategy, "two reads show the same elements in different orders; an element that was appended keeps its place",
						exhibit{at: short.at, offends: true}, exhibit{at: long.at, offends: true})
				})
				return
			}
		}
		before = i
	}
}

// swapped reports whether the elements that both lists have stand in another
// order.
func swapped(short, long []int32, n int) bool {
	same := len(short) <= len(long)
	for i := range short {
		if !same || short[i] != long[i] {
			same = false
			break
		}
	}
	if same {
		return false
	}
	place := fill(n)
	for p, e := range long {
		if place[e] == none {
			place[e] = int32(p)
		}
	}
	last := int32(-1)
	for _, e := range short {
		if place[e] == none {
			continue
		}
		if place[e] < last {
			return true
		}
		last = place[e]
	}
	return false
}

// clockKept finds an element that stands behind one whose append began after
// its own had been accepted, in the longest list that was read.
func (c *Case) clockKept(k *keyView, t *tally, looks []look, elements []element) {
	longest := -1
	for i := range looks {
		if longest < 0 || len(looks[i].elements) > len(looks[longest].elements) {
			longest = i
		}
	}
	if longest < 0 {
		return
	}
	begun, at := never, none
	for _, e := range looks[longest].elements {
		el := elements[e]
		if el.write == none {
			continue
		}
		if el.state == applied && el.ret < begun {
			later := elements[at]
			t.found(1, func() Finding {
				return k.finding(c.strategy, who(k.requests[el.write].client)+"'s append had been accepted "+ms(later.call-el.ret)+" before "+
					who(k.requests[later.write].client)+"'s began, but its element stands behind the other's",
					exhibit{at: el.write, offends: true}, exhibit{at: later.write, offends: true}, exhibit{at: looks[longest].at})
			})
			return
		}
		if el.call > begun {
			begun, at = el.call, e
		}
	}
}

// prefixesKept finds two reads of which neither is the beginning of the other:
// an element came in before one that had been shown. What is missing from a
// list or stands twice in it was said before.
func (c *Case) prefixesKept(k *keyView, t *tally, looks []look, elements []element, reported []bool) {
	byLength := slices.Clone(looks)
	slices.SortStableFunc(byLength, func(a, b look) int { return cmp.Compare(len(a.elements), len(b.elements)) })
	for i := 1; i < len(byLength); i++ {
		short, long := byLength[i-1], byLength[i]
		for p, e := range short.elements {
			came := long.elements[p]
			if came == e {
				continue
			}
			if reported[e] || reported[came] || elements[came].write == none {
				break
			}
			t.found(1, func() Finding {
				return k.finding(c.strategy, "neither of two reads of the list is the beginning of the other: "+who(k.requests[elements[came].write].client)+
					"'s element came in before one that had been shown, but what is appended comes last",
					exhibit{at: elements[came].write}, exhibit{at: short.at, offends: true}, exhibit{at: long.at, offends: true})
			})
			return
		}
	}
}
