package check

// Create once: of all creates of one name at most one is accepted, and what
// was accepted is there afterwards.
//
// Proven: two accepted creates of a name that nothing deleted; two that were
// accepted or seen; a name that was there and then read as absent; an object
// that was read before its create began, or that nobody created. Where objects
// have no names, only acceptances and absence are judged. An unanswered create
// may have been the one: it explains a refusal and an object that is there. So
// may one whose answer shows another's object; where answers do not say who
// made it, a key holds if what is there is of the one that claims it, and is
// not decided else.
// Names that are deleted in the run belong to lifecycle. Cost: O(n log n).

func checkCreateOnce(c *Case) Property {
	sum := c.perKey(c.createdOnce)
	evidence := listed(count(sum.writes, "accepted create"), number(sum.refused)+" refused", number(sum.unknown-sum.extra[0])+" unanswered") +
		"; " + count(sum.exercised, "pair") + " of operations overlapped on a name"
	if sum.extra[0] > 0 {
		evidence += "; " + count(sum.extra[0], "accepted create") + " made nothing, or did not say so"
	}
	return sum.verdict(evidence, c.idle())
}

func (c *Case) createdOnce(k *keyView, t *tally) {
	var first, second int32 = none, none
	accepted := int64(0)
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == remove && r.effect != refused:
			return
		case r.step != create:
		case r.effect == applied:
			if _, fresh := k.write(int32(i)); !fresh {
				continue
			}
			accepted++
			if first == none {
				first = int32(i)
			} else if second == none {
				second = int32(i)
			}
		}
	}
	t.countWrites(k)
	t.exercised += k.pairs
	t.extra[0] += k.found + int64(len(k.untold))
	if accepted > 1 {
		t.found(accepted-1, func() Finding {
			sentence := who(k.requests[first].client) + " and " + who(k.requests[second].client) + " were both told that they created " + k.key +
				", and nothing deleted it between; a name can be created only once"
			return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: second, offends: true}, exhibit{at: k.lastRead()})
		})
		return
	}
	if k.identify != "none" && k.clash[0] == none {
		c.onceThere(k, t)
		k.untoldOnce(t, first)
		return
	}
	defer k.untoldOnce(t, first)
	for i := range k.requests {
		if r, at := &k.requests[i], int32(i); first != none && r.call > k.requests[first].ret && r.gone() {
			t.harm, t.noun = vanished, "time"
			t.found(1, func() Finding {
				sentence := who(k.requests[first].client) + " was told that it created " + k.key + ", but " + who(r.client) + ", reading it " +
					ms(r.call-k.requests[first].ret) + " later, was told that there is none"
				return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: at, offends: true})
			})
			return
		}
	}
}

// vanished is what was created and then was not there.
const vanished = "lost what it had created, %s"

// onceThere judges what was created and seen as lives that nothing ends: there
// can be one, and after it is there no read finds nothing.
func (c *Case) onceThere(k *keyView, t *tally) {
	o := k.order()
	for _, f := range o.contradictions {
		if f.kind == phantom && k.identify == "version" {
			t.cannot("on " + k.key + " " + k.stateName(f.a) + " was read, but no recorded create was told that version; identify creates by tag")
			return
		}
		if f.kind == crossed {
			continue // found again below
		}
		t.harm, t.noun = "showed what had not been created, %s", "time"
		t.found(1, func() Finding { return c.registerFinding(k, o, f) })
	}
	if t.violations == 0 {
		lives, reads := k.livesOf(o)
		c.endings(k, t, lives)
		if t.violations > 0 && reads > 0 && int64(len(lives)) == reads+1 { // one thing, and reads of nothing
			t.harm, t.noun = vanished, "time"
		}
	}
}

// untoldOnce decides nothing of a name that several creates were accepted for,
// where nothing tells which of them made the object: not their answers, and
// not that the one that claims it is there at the end.
func (k *keyView) untoldOnce(t *tally, claims int32) {
	if len(k.untold) == 0 || t.violations > 0 {
		return
	}
	if claims != none && k.final != none && k.made[k.final] >= 0 && k.made[k.final] == k.made[claims] {
		return
	}
	r := &k.requests[k.untold[0]]
	t.cannot("the answers to " + count(int64(len(k.untold)), "accepted create") + " of " + k.key + " (" + number(int64(r.status)) +
		") do not say who made what is there; capture the tag or the key in the create step, or add an outcome with class \"exists\" for those that made nothing")
}
