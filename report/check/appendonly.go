package check

import (
	"cmp"
	"slices"
)

// Append only: what was accepted is in every later read, at most once and
// where it was; what is in a read was asked for by then and not refused; and
// what a read showed, every later read shows before all that is newer.
//
// Proven: an accepted element that a later read misses, one that stands twice,
// one that nobody had asked for, one that was refused, one that was shown and
// then gone, two elements that changed places, and one that stands before
// another that had been accepted before it was asked for. Not provable: anything of
// elements that nobody read afterwards. An unanswered append may be missing;
// once seen it must stay. Of two reads one is the beginning of the other. Elements are told apart by their text; one that was
// appended more than once may stand as often, and then nothing is said of its
// places. What a foreign history appends to may be a set: there the order of
// elements decides nothing. Cost: time linear in the lists as read (times a
// logarithm for sorting); memory one number for each element of the reads that
// are compared.

func checkAppend(c *Case) Property {
	sum := c.perWholeKey(c.appended)
	evidence := listed(count(sum.writes, "accepted append"), number(sum.refused)+" refused", number(sum.unknown)+" unanswered",
		count(sum.reads, "read")+" with "+count(sum.extra[0], "element")) + "; " + count(sum.exercised, "pair") + " of operations overlapped on a key"
	return sum.verdict(evidence, c.idle())
}

// element is one appended value.
type element struct {
	write  int32 // none: nobody wrote it
	state  effectCode
	call   int64
	ret    int64
	first  int64 // end of the read that showed it and ended first
	firstR int32
	more   int32 // how often it was appended besides
}

// look is a read of the list.
type look struct {
	at       int32
	elements []int32
}

func (c *Case) appended(k *keyView, t *tally) {
	t.countWrites(k)
	t.exercised += k.pairs
	elements, byText := k.elements()
	looks, bad := k.looks(&elements, byText)
	if bad != none {
		t.cannot("a read of " + k.key + " is not a JSON list of elements")
	}
	slices.SortStableFunc(looks, func(a, b look) int { return cmp.Compare(k.requests[a.at].call, k.requests[b.at].call) })
	reported := make([]bool, len(elements))
	once := func(e int32, f func() Finding) {
		if !reported[e] {
			reported[e] = true
			t.found(1, f)
		}
	}
	place, stood := make([]int32, len(elements)), make([]int32, len(elements)) // in the read at hand: first place, how often
	for i := range place {
		place[i] = none
	}
	must := mustHave(elements)
	next := 0
	var due []int32 // elements that every read from here on must have
	for _, l := range looks {
		r := &k.requests[l.at]
		t.extra[0] += int64(len(l.elements))
		for p, e := range l.elements {
			el := &elements[e]
			switch {
			case place[e] >= 0 && stood[e] > el.more:
				once(e, func() Finding { return c.twiceIn(k, elements[e], l.at) })
			case el.write == none:
				once(e, func() Finding {
					return k.finding(c.strategy, who(r.client)+" read an element that no client ever appended", exhibit{at: l.at, offends: true})
				})
			case el.state == refused:
				once(e, func() Finding {
					return k.finding(c.strategy, who(k.requests[el.write].client)+" was told that its append was refused, but "+who(r.client)+" read the element",
						exhibit{at: el.write, offends: true}, exhibit{at: l.at, offends: true})
				})
			case el.call > r.ret:
				once(e, func() Finding {
					return k.finding(c.strategy, who(r.client)+" read an element "+ms(el.call-r.ret)+" before its append began",
						exhibit{at: l.at, offends: true}, exhibit{at: el.write, offends: true})
				})
			}
			if place[e] < 0 {
				place[e] = int32(p)
			}
			stood[e]++
		}
		for next < len(must) && must[next].at < r.call {
			due = append(due, must[next].what)
			next++
		}
		due = slices.DeleteFunc(due, func(e int32) bool {
			if place[e] >= 0 {
				return false
			}
			once(e, func() Finding { return c.missingFrom(k, elements[e], l.at) })
			return true // said once
		})
		for _, e := range l.elements {
			place[e], stood[e] = none, 0
		}
	}
	for e := range elements {
		if elements[e].more > 0 {
			t.cannot("an element was appended to " + k.key + " more than once, so its places cannot be told apart; append unique texts")
			return
		}
	}
	var order tally
	c.placesKept(k, &order, looks, len(elements))
	c.clockKept(k, &order, looks, elements)
	if order.violations == 0 {
		c.prefixesKept(k, &order, looks, elements, reported)
	}
	if c.foreign && order.violations > 0 {
		order.violations, order.findings = 0, nil
		order.cannot("elements of " + k.key + " stand in another order than they were appended in; is it a set? For a list, write the header of a plan whose workload is append")
	}
	t.merge(&order)
}

// elements collects the appended values: of append steps, and of writes that
// send the whole list.
func (k *keyView) elements() ([]element, []int32) {
	var elements []element
	byText := fill(k.texts.len())
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() || r.value == 0 {
			continue
		}
		e := byText[r.value]
		if e == none {
			byText[r.value] = int32(len(elements))
			elements = append(elements, element{int32(i), r.effect, r.call, r.end(), forever, none, 0})
			continue
		}
		el := &elements[e] // tried again: the best answer counts
		if q := &k.requests[el.write]; r.tag != q.tag || r.tag == 0 && (r.client != q.client || r.op != q.op || r.effect == applied && q.effect == applied) {
			if r.effect != refused && q.effect != refused {
				el.more++
			}
		}
		el.call = min(el.call, r.call)
		if rank(r.effect) > rank(el.state) {
			el.write, el.state, el.ret = int32(i), r.effect, r.end()
		}
	}
	return elements, byText
}

func rank(e effectCode) int {
	switch e {
	case applied:
		return 2
	case unknown:
		return 1
	}
	return 0
}

// looks decodes the reads. Elements that nobody wrote get numbers too.
func (k *keyView) looks(elements *[]element, byText []int32) (looks []look, bad int32) {
	bad = none
	decoded := map[uint32][]int32{}
	strangers := map[string]int32{}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step == setup { // what is there from the start
			texts, _ := listOf(k.texts.text(r.value))
			for _, text := range texts {
				strangers[text] = int32(len(*elements))
				*elements = append(*elements, element{int32(i), applied, never, r.ret, forever, none, 0})
			}
		}
		if r.step != read && (r.step != list || !r.whole()) || !r.good() {
			continue
		}
		ids, known := decoded[r.value]
		if !known {
			texts, err := listOf(k.texts.text(r.value))
			if err != nil {
				bad = int32(i)
				continue
			}
			for _, text := range texts {
				e := none
				if n, found := k.texts.find(text); found && int(n) < len(byText) {
					e = byText[n]
				}
				if e == none {
					var seen bool
					if e, seen = strangers[text]; !seen {
						e = int32(len(*elements))
						strangers[text] = e
						*elements = append(*elements, element{write: none, first: forever, firstR: none})
					}
				}
				ids = append(ids, e)
			}
			decoded[r.value] = ids
		}
		for _, e := range ids {
			if el := &(*elements)[e]; r.ret < el.first {
				el.first, el.firstR = r.ret, int32(i)
			}
		}
		looks = append(looks, look{int32(i), ids})
	}
	return looks, bad
}

// mustHave says from when on every read must show an element: after its
// append was answered, or after a read that showed it had ended.
func mustHave(elements []element) []change {
	var out []change
	for i := range elements {
		el := &elements[i]
		at := el.first
		if el.state == applied {
			at = min(at, el.ret)
		}
		if el.write != none && at != forever {
			out = append(out, change{at: at, what: int32(i)})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what)) })
	return out
}

func (c *Case) twiceIn(k *keyView, e element, at int32) Finding {
	return k.tooMuch(c, who(k.requests[at].client)+" read the same element twice in one list; it was appended once", k.requests[e.write].value, at,
		[]exhibit{{at: e.write}, {at: at, offends: true}})
}

func (c *Case) missingFrom(k *keyView, e element, at int32) Finding {
	r := &k.requests[at]
	if e.state == applied && e.ret < r.call {
		sentence := who(k.requests[e.write].client) + "'s append had been accepted " + ms(r.call-e.ret) + " before " + who(r.client) +
			"'s read began, but the list that was read does not have the element"
		ex := []exhibit{{at: e.write, offends: true}, {at: e.firstR}, {at: at, offends: true}}
		if over := k.rival(e.write); over != none {
			sentence += "; " + who(k.requests[over].client) + " wrote the whole list back as it had been before that append"
			ex = append(ex, exhibit{at: over, offends: true}, exhibit{at: k.from[e.write]}, exhibit{at: k.from[over]})
		}
		return k.finding(c.strategy, sentence, ex...)
	}
	return k.finding(c.strategy, who(k.requests[e.firstR].client)+" had read the element "+ms(r.call-e.first)+" before "+who(r.client)+
		"'s read began, but the list that was read does not have it any more", exhibit{at: e.write}, exhibit{at: e.firstR, offends: true}, exhibit{at: at, offends: true})
}

// rival is another accepted write of the whole list that was built on the same
// state as write i.
func (k *keyView) rival(i int32) int32 {
	for j := range k.requests {
		if r := &k.requests[j]; int32(j) != i && k.requests[i].step == write && k.base[i] >= 0 && r.step == write && r.effect == applied && k.base[j] == k.base[i] {
			return int32(j)
		}
	}
	return none
}
