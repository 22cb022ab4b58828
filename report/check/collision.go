package check

// Versions that collide. A server that works out the next version from the one
// that it read gives two writes the same one when both get through, and then
// versions do not tell states apart. What is left to count by:
//
// A version can be replaced once each time that it was made, so of the accepted
// writes that were conditional on one version all but so many are lost. A
// version may be made more than once without fault (a hash of the content comes
// back with the content); an unanswered write may have made any. And of a
// counter, what the last read lacks. Cost: O(n).

// contest is the accepted writes that were conditional on one version.
type contest struct {
	writes int64
	made   int64    // how often the version may have been made
	twins  [2]int32 // of the writes, two that were given the same version, else the first two
	same   bool     // they were
}

func (c *Case) lostInCollisions(k *keyView, t *tally) {
	lost, shown := k.tooMany()
	var bySum tally
	if c.plan.Workload.Kind == kindCounter {
		sums := k.sums()
		k.ifWhole(&bySum, func(k *keyView, t *tally) { c.lostAdds(k, t, &sums) })
	}
	switch {
	case lost > 0 && lost >= bySum.violations:
		t.found(lost, func() Finding { return c.collided(k, shown) })
	case bySum.violations > 0 && shown != nil:
		t.found(bySum.violations, func() Finding { return c.collided(k, shown) })
	case bySum.violations > 0, c.plan.Workload.Kind == kindCounter:
		t.merge(&bySum)
	default:
		t.cannot("two writes on " + k.key + " have the same " + k.identify + ", so states cannot be told apart; identify them by tag")
	}
}

// tooMany counts the accepted writes that were conditional on a version beyond
// those that can have replaced it, and gives the version that shows it best.
func (k *keyView) tooMany() (lost int64, shown *contest) {
	for _, x := range k.contests() {
		if over := x.writes - max(x.made, 1); over > 0 {
			lost += over
			if shown == nil || x.same && !shown.same {
				shown = x
			}
		}
	}
	return lost, shown
}

// contests lists the versions that more than one accepted write was conditional
// on, in the order of the history.
func (k *keyView) contests() []*contest {
	if k.identify != "version" {
		return nil
	}
	on := make([]*contest, k.texts.len())
	made := make([]int64, k.texts.len())
	var order []uint32
	var unanswered int64
	for name, s := range k.byText { // set-up told it, or a read before all writes
		if s == initial {
			made[name]++
		}
	}
	type sent struct {
		client, op    int32
		attempt       uint16
		expect, value uint32
	}
	seen := map[sent]bool{}
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() || r.step == remove || r.effect == refused {
			continue
		}
		if _, fresh := k.write(int32(i)); !fresh {
			continue
		}
		if r.effect == unknown {
			unanswered++
			continue
		}
		if r.version != 0 {
			made[r.version]++
		}
		if by := (sent{r.client, r.op, r.attempt, r.expect, r.value}); r.expect == 0 || seen[by] {
			continue // delivered again
		} else {
			seen[by] = true
		}
		x := on[r.expect]
		if x == nil {
			on[r.expect] = &contest{writes: 1, twins: [2]int32{int32(i), none}}
			order = append(order, r.expect)
			continue
		}
		x.writes++
		first := &k.requests[x.twins[0]]
		if x.twins[1] == none || !x.same && r.version != 0 && r.version == first.version {
			x.twins[1], x.same = int32(i), r.version != 0 && r.version == first.version
		}
	}
	var out []*contest
	for _, version := range order {
		if x := on[version]; x.writes > 1 {
			x.made = made[version] + unanswered
			out = append(out, x)
		}
	}
	return out
}

// collided is the finding of two writes that replaced one version.
func (c *Case) collided(k *keyView, x *contest) Finding {
	a, b := x.twins[0], x.twins[1]
	p, q := &k.requests[a], &k.requests[b]
	version := k.texts.text(p.expect)
	sentence := who(p.client) + "'s and " + who(q.client) + "'s writes were both conditional on version " + version + " and both were accepted"
	if x.same {
		sentence += ", each as version " + k.texts.text(p.version)
	}
	sentence += "; a version can be replaced only once, so one of them is lost"
	return k.finding(c.strategy, sentence, exhibit{at: k.from[a]}, exhibit{at: k.from[b]}, exhibit{at: a, offends: true}, exhibit{at: b, offends: true},
		exhibit{at: k.lastRead()})
}
