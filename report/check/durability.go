package check

import (
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// Durability: what was accepted before the target was killed is still there
// when it is up again.
//
// Proven: that a read which began after the kill shows a state that an accepted
// write, answered before the kill, had already replaced; that it shows less
// than the accepted additions, or lacks an accepted element; or that it finds
// nothing where an accepted create had been. Writes that were under way at the
// kill, and unanswered ones, may be there or not. Not provable: anything of
// keys that nobody read after the kill. Cost: O(n) a kill.

func checkDurability(c *Case) Property {
	restarts := c.restarts()
	sum := c.perWholeKey(func(k *keyView, t *tally) {
		for _, w := range restarts {
			if w.block == k.block {
				c.survived(k, w, t)
			}
		}
	})
	evidence := listed(count(int64(len(restarts)), "kill"), count(sum.exercised, "accepted write")+" answered before one and read after it")
	return sum.verdict(evidence, "the target was never killed while accepted writes were there to lose; add a fault of kind \"kill\" within load.duration")
}

// killed reports whether the target was to be killed in this run.
func (c *Case) killed() bool {
	return len(c.restarts()) > 0 || slices.ContainsFunc(c.plan.Faults, func(f history.PlanFault) bool { return kills(f.Kind) })
}

// kills reports whether a kind of fault takes the target's memory away.
func kills(kind string) bool {
	return strings.Contains(kind, "kill") || strings.Contains(kind, "restart") || strings.Contains(kind, "crash") && kind != "holder-crash"
}

// restarts are the windows in which the target was down.
func (c *Case) restarts() []window {
	var out []window
	for _, w := range c.windows {
		if kills(w.kind) {
			out = append(out, w)
		}
	}
	return out
}

func (c *Case) survived(k *keyView, w window, t *tally) {
	shown := none // the first read that began after the kill
	for i := range k.requests {
		r := &k.requests[i]
		if r.step == read && r.call > w.at && (r.good() || k.made[i] == absent) && (shown == none || r.call < k.requests[shown].call) {
			shown = int32(i)
		}
	}
	if shown == none {
		return
	}
	var before []int32 // accepted and answered before the kill
	deleted := false
	for i := range k.requests {
		r := &k.requests[i]
		deleted = deleted || r.step == remove && r.effect != refused
		if r.writes() && r.effect == applied && r.ret < w.at {
			before = append(before, int32(i))
		}
	}
	t.exercised += int64(len(before))
	if len(before) == 0 {
		return
	}
	lost := func(at int32, what string) {
		t.found(1, func() Finding {
			return k.finding(c.strategy, who(k.requests[at].client)+"'s "+string(steps[k.requests[at].step])+" had been accepted "+ms(w.at-k.requests[at].ret)+
				" before the target was killed, but "+what, exhibit{at: at, offends: true}, exhibit{at: shown, offends: true})
		})
	}
	reader := who(k.requests[shown].client)
	if k.made[shown] == absent {
		if !deleted {
			lost(before[0], reader+" found nothing when it was up again")
		}
		return
	}
	if sums := k.sums(); sums.adds > 0 {
		c.survivedAdds(k, w, t, before, shown)
		return
	}
	if c.plan.Workload.Kind == kindAppend {
		c.survivedElements(k, before, shown, lost)
		return
	}
	// Everything that the state shown was built on, and everything beside it, is
	// not proven lost; what was built on that state before the kill is.
	s := k.made[shown]
	if s < 0 || k.clash[0] != none || k.states[s].loose {
		return
	}
	onto := k.builtOver(s)
	for _, at := range before {
		if m := k.made[at]; m >= 0 && m != s && onto[m] {
			lost(at, reader+" read "+k.stateName(s)+", which that write had replaced, when it was up again")
			return
		}
	}
}

// builtOver marks the states that were built on s, directly or not.
func (k *keyView) builtOver(s int32) []bool {
	yes, known := make([]bool, len(k.states)), make([]bool, len(k.states))
	yes[s], known[s] = true, true
	var path []int32
	for at := range k.states {
		path = path[:0]
		now := int32(at)
		for now >= 0 && !known[now] {
			known[now] = true // also ends a circle
			path = append(path, now)
			now = k.states[now].base
		}
		if now >= 0 && yes[now] {
			for _, p := range path {
				yes[p] = true
			}
		}
	}
	return yes
}

func (c *Case) survivedAdds(k *keyView, w window, t *tally, before []int32, shown int32) {
	low := c.initialValue(k)
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() {
			continue
		}
		d, fresh := k.write(int32(i))
		if !fresh || d.effect == refused {
			continue
		}
		n, known := k.amount(d.amount)
		if !known {
			return
		}
		if n < 0 || d.effect == applied && d.ret < w.at {
			low += n // a subtraction may have happened whenever it began
		}
	}
	if have, known := k.number(shown); known && have < low {
		last := before[len(before)-1]
		t.found(1, func() Finding {
			return k.finding(c.strategy, "accepted changes had brought the counter to at least "+strconv.FormatInt(low, 10)+" before the target was killed, but "+
				who(k.requests[shown].client)+" read "+strconv.FormatInt(have, 10)+" when it was up again", exhibit{at: last}, exhibit{at: shown, offends: true})
		})
	}
}

func (c *Case) survivedElements(k *keyView, before []int32, shown int32, lost func(int32, string)) {
	texts, err := listOf(k.texts.text(k.requests[shown].value))
	if err != nil {
		return
	}
	there := map[string]bool{}
	for _, text := range texts {
		there[text] = true
	}
	for _, at := range before {
		if !there[k.texts.text(k.requests[at].value)] {
			lost(at, "the list that "+who(k.requests[shown].client)+" read when it was up again does not have the element")
			return
		}
	}
}
