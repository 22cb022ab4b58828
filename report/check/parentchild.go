package check

import (
	"slices"
	"strings"
)

// Parent and child: no child is accepted under a parent that is gone, no child
// outlives its parent, and an accepted child does not vanish while its parent
// stays.
//
// Proven: that a child was accepted or seen although its parent had surely been
// gone before (its delete had been accepted, or a read had found nothing), or
// that an accepted child, deleted by nobody, was missing under a parent that
// nobody deleted. Whether a delete removes children or is refused while there
// are some is the API's choice, and both are taken as they are. A parent that
// is created again in the block is not judged. An unanswered delete proves
// nothing; an unanswered create counts once the child is seen. Cost: O(n log n).

func checkParentChild(c *Case) Property {
	sum := c.perKey(c.family)
	evidence := listed(count(sum.extra[0], "accepted child"), count(sum.extra[1], "accepted delete")+" of a parent", number(sum.refused)+" refused") +
		"; " + count(sum.exercised, "time") + " an operation that creates a child overlapped one that deletes its parent"
	return sum.verdict(evidence, "no operation that creates a child overlapped one that deletes its parent; raise load.clients or lower workload.keys")
}

func (c *Case) family(k *keyView, t *tally) {
	var deletes []int32 // of the parent
	gone, goneAt := forever, none
	again := false
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		switch {
		case r.name != 0 && r.step == create:
			if r.effect == applied {
				t.extra[0]++
			} else if r.effect == refused {
				t.refused++
			}
		case r.name == 0 && r.step == remove:
			deletes = append(deletes, at)
			if r.effect == applied {
				t.extra[1]++
				if r.ret < gone {
					gone, goneAt = r.ret, at
				}
			} else if r.effect == refused {
				t.refused++
			}
		case r.name == 0 && r.step == create && r.effect != refused:
			again = true
		case r.name == 0 && r.gone() && r.ret < gone:
			gone, goneAt = r.ret, at
		}
	}
	t.exercised += k.meetings()
	if again {
		return
	}
	if goneAt != none {
		c.orphans(k, t, gone, goneAt)
	}
	k.ifWhole(t, func(k *keyView, t *tally) { c.lostChildren(k, t, deletes) })
}

// meetings counts the pairs of operations by different clients of which one
// asked for a child and the other for the parent's delete, and that overlapped
// from their first requests to their ends. Requests alone would not do: under
// a lock they never overlap.
func (k *keyView) meetings() int64 {
	type span struct {
		call, ret      int64
		op             int32
		creates, takes bool
	}
	var open []span
	var current perClient
	var calls, rets []int64 // of operations that create a child
	var takers []span
	end := func(s *span) {
		if s.creates {
			calls, rets = append(calls, s.call), append(rets, s.ret)
		}
		if s.takes {
			takers = append(takers, *s)
		}
	}
	for i := range k.requests {
		r := &k.requests[i]
		if r.client < 0 {
			continue
		}
		at, known := current.get(r.client)
		if !known {
			at = int32(len(open))
			current.set(r.client, at)
			open = append(open, span{call: r.call, ret: r.ret, op: r.op})
		}
		s := &open[at]
		if s.op != r.op {
			end(s)
			*s = span{call: r.call, ret: r.ret, op: r.op}
		}
		s.call, s.ret = min(s.call, r.call), max(s.ret, r.ret)
		s.creates = s.creates || r.name != 0 && r.step == create
		s.takes = s.takes || r.name == 0 && r.step == remove
	}
	for i := range open {
		end(&open[i])
	}
	slices.Sort(calls)
	slices.Sort(rets)
	var n int64
	for _, d := range takers {
		begun, _ := slices.BinarySearch(calls, d.ret+1)
		ended, _ := slices.BinarySearch(rets, d.call)
		n += int64(begun - ended)
	}
	return n
}

// orphans reports children that were accepted or seen after their parent was
// surely gone.
func (c *Case) orphans(k *keyView, t *tally, gone int64, goneAt int32) {
	reported := map[uint32]bool{}
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		if r.call <= gone {
			continue
		}
		parentGone := who(k.requests[goneAt].client) + " had deleted " + k.key
		if k.requests[goneAt].step == read {
			parentGone = who(k.requests[goneAt].client) + " had found no " + k.key
		}
		switch {
		case r.name != 0 && !reported[r.name] && (r.step == create && r.effect == applied || r.step == read && r.good()):
			reported[r.name] = true
			made := k.childCreate(r.name)
			t.found(1, func() Finding {
				sentence := parentGone + " " + ms(r.call-gone) + " before " + who(r.client) + "'s create of the child " + k.texts.text(r.name) + " began, but it was accepted"
				if r.step == read {
					sentence = parentGone + ", but " + who(r.client) + " read its child " + k.texts.text(r.name) + " " + ms(r.call-gone) + " later"
				}
				return k.finding(c.strategy, sentence, exhibit{at: made}, exhibit{at: goneAt, offends: true}, exhibit{at: at, offends: true})
			})
		case r.name == 0 && r.step == list && r.good():
			children, err := listOf(k.texts.text(r.value))
			if err != nil {
				t.cannot("the children of " + k.key + " are not a JSON list")
				return
			}
			for _, child := range children {
				name, known := k.childName(child)
				if known && reported[name] {
					continue
				}
				if known {
					reported[name] = true
				}
				t.found(1, func() Finding {
					made := none
					if known {
						made = k.childCreate(name)
					}
					return k.finding(c.strategy, parentGone+" "+ms(r.call-gone)+" before "+who(r.client)+" listed its children, but the child "+child+" is still there",
						exhibit{at: made, offends: true}, exhibit{at: goneAt, offends: true}, exhibit{at: at, offends: true})
				})
			}
		}
	}
}

// childName finds the number of a child's whole key.
func (k *keyView) childName(child string) (uint32, bool) {
	if n, found := k.texts.find(k.key + "/" + child); found {
		return n, true
	}
	return k.texts.find(child)
}

// childCreate is the create of a child that was accepted, or else the first.
func (k *keyView) childCreate(name uint32) int32 {
	best := none
	for i := range k.requests {
		if r := &k.requests[i]; r.step == create && r.name == name && (best == none || r.effect == applied && k.requests[best].effect != applied) {
			best = int32(i)
		}
	}
	return best
}

// lostChildren reports accepted children that a later list or read misses
// although nobody deleted them or their parent.
func (c *Case) lostChildren(k *keyView, t *tally, deletes []int32) {
	for _, i := range deletes {
		if k.requests[i].effect != refused {
			return
		}
	}
	accepted := map[uint32]int32{}
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.name == 0:
		case r.step == remove && r.effect != refused:
			accepted[r.name] = none // whichever of the two was written down first
		case r.step == create && r.effect == applied:
			if _, known := accepted[r.name]; !known {
				accepted[r.name] = int32(i)
			}
		}
	}
	last := none // the last list
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		if r.step == list && r.name == 0 && r.good() && (last == none || r.call > k.requests[last].call) {
			last = at
		}
		if made, known := accepted[r.name]; known && made >= 0 && r.gone() && r.call > k.requests[made].ret {
			accepted[r.name] = none
			c.lostChild(k, t, made, at, k.texts.text(r.name))
		}
	}
	if last == none {
		return
	}
	children, err := listOf(k.texts.text(k.requests[last].value))
	if err != nil {
		t.cannot("the children of " + k.key + " are not a JSON list")
		return
	}
	there := map[string]bool{}
	for _, child := range children {
		there[child] = true
	}
	for i := range k.requests {
		r := &k.requests[i]
		if made, known := accepted[r.name]; !known || made != int32(i) || r.ret >= k.requests[last].call {
			continue
		}
		name := k.texts.text(r.name)
		if _, short, cut := strings.Cut(name, "/"); !there[name] && !(cut && there[short]) {
			if !k.requests[last].whole() {
				t.cannot("the children of " + k.key + " were not all listed: " + k.texts.text(k.requests[last].problem) +
					"; ask for all of them in target.list, for example with ?limit=1000, or send Link: rel=\"next\", which is followed")
				return
			}
			c.lostChild(k, t, int32(i), last, name)
		}
	}
}

func (c *Case) lostChild(k *keyView, t *tally, made, at int32, name string) {
	t.found(1, func() Finding {
		return k.finding(c.strategy, who(k.requests[made].client)+" was told that it created the child "+name+", and nobody deleted it or its parent, but "+
			who(k.requests[at].client)+", "+ms(k.requests[at].call-k.requests[made].ret)+" later, did not find it",
			exhibit{at: made, offends: true}, exhibit{at: at, offends: true})
	})
}
