package check

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"tussle/history"
)

// Case is all that was recorded of one strategy, as checkers see it.
type Case struct {
	plan     *history.Plan
	index    int
	strategy *spoken
	foreign  bool
	mix      string     // why a foreign history cannot be judged at all
	keys     []*keyView // in order of first appearance
	blocks   map[int]*history.Block
	ops      map[int][]history.Operation
	faults   []history.FaultCount
	windows  []window
	workers  int
}

// Checker judges one property. It is pure: the same case gives the same
// property.
type Checker struct {
	Name    string
	Applies func(history.PlanWorkload, history.PlanStrategy) bool
	Check   func(*Case) Property
}

// judge runs every checker that applies.
func (c *Case) judge() []Property {
	c.each(func(k *keyView) { k.index() })
	out := []Property{}
	for _, checker := range Properties {
		promised := slices.Contains(c.strategy.Promises, checker.Name)
		if !promised && (!checker.Applies(c.plan.Workload, *c.strategy.PlanStrategy) || checker.Name == durability && !c.killed()) {
			continue
		}
		if c.mix != "" && !promised {
			continue
		}
		p := Property{Verdict: Undecided, Reason: c.mix}
		if c.mix == "" {
			p = checker.Check(c)
		}
		p.Name, p.Promised = checker.Name, promised
		for i := range p.Findings {
			p.Findings[i].Property = checker.Name
		}
		if p.Findings == nil {
			p.Findings = []Finding{}
		}
		if c.foreign && !promised && p.Verdict == Undecided {
			continue // it was not asked for, and nothing can be said
		}
		c.demandFaults(&p)
		c.demandChanges(&p)
		out = append(out, p)
	}
	for _, name := range c.strategy.Promises {
		if !slices.ContainsFunc(Properties, func(k Checker) bool { return k.Name == name }) {
			out = append(out, Property{Name: name, Promised: true, Verdict: Undecided, Findings: []Finding{},
				Reason: "this version judges no property of that name; correct it in the strategy's promises"})
		}
	}
	return out
}

// demandFaults turns holds into not-exercised when a fault that was asked for
// had no effect: the property was not put to that test.
func (c *Case) demandFaults(p *Property) {
	if p.Verdict != Holds {
		return
	}
	for _, f := range c.faults {
		if f.Effective < f.Min {
			p.Verdict = NotExercised
			p.Reason = "the fault " + f.Kind + " had an effect " + count(f.Effective, "time") + ", fewer than the " + number(f.Min) +
				" asked for; raise its share or lengthen its window"
			return
		}
	}
}

// demandChanges turns holds into not-exercised when nothing was accepted: where
// every change is turned down, none can be lost.
func (c *Case) demandChanges(p *Property) {
	if p.Verdict != Holds || p.Name == honestRefusals {
		return
	}
	for _, k := range c.keys {
		for i := range k.requests {
			r := &k.requests[i]
			if r.writes() && (r.effect != refused || k.states[k.made[i]].seen) || r.step == lock && r.good() {
				return
			}
		}
	}
	p.Verdict = NotExercised
	p.Reason = "no change was accepted, so there was nothing to lose; look at what the target answered"
}

// each calls f for every key, on all processors. f touches only its key.
func (c *Case) each(f func(*keyView)) {
	workers := min(c.workers, len(c.keys))
	if workers <= 1 {
		for _, k := range c.keys {
			f(k)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(c.keys) {
					return
				}
				f(c.keys[i])
			}
		})
	}
	wg.Wait()
}

// tally is what a checker found out about one key, or about all of them.
type tally struct {
	exercised  int64
	violations int64
	findings   []Finding
	undecided  int64  // keys that could not be decided
	why        string // of the first of them
	harm, noun string // what the first violation did, where the property's name does not tell; %s is how often
	writes     int64  // accepted
	refused    int64
	unknown    int64
	reads      int64
	extra      [3]int64 // what the checker's own evidence counts
}

const maxFindings = 3

// found counts n violations and keeps the finding while there is room.
func (t *tally) found(n int64, f func() Finding) {
	t.violations += n
	if len(t.findings) < maxFindings {
		t.findings = append(t.findings, f())
	}
}

func (t *tally) cannot(why string) {
	t.undecided++
	if t.why == "" {
		t.why = why
	}
}

func (t *tally) merge(o *tally) {
	t.exercised += o.exercised
	t.violations += o.violations
	t.writes += o.writes
	t.refused += o.refused
	t.unknown += o.unknown
	t.reads += o.reads
	for i := range o.extra {
		t.extra[i] += o.extra[i]
	}
	for _, f := range o.findings {
		if len(t.findings) < maxFindings {
			t.findings = append(t.findings, f)
		}
	}
	if t.harm == "" {
		t.harm, t.noun = o.harm, o.noun
	}
	t.undecided += o.undecided
	if t.why == "" {
		t.why = o.why
	}
}

// perKey judges each key by itself and adds up in the order of the keys.
func (c *Case) perKey(f func(*keyView, *tally)) *tally {
	parts := make([]tally, len(c.keys))
	at := make(map[*keyView]int, len(c.keys))
	for i, k := range c.keys {
		at[k] = i
	}
	c.each(func(k *keyView) { f(k, &parts[at[k]]) })
	var sum tally
	for i := range parts {
		sum.merge(&parts[i])
	}
	return &sum
}

// perWholeKey is perKey for rules that a missing record would break: what they
// find on a key whose block was cut off (kill -9, a full disk) may be explained
// by a write that is not in the history, so it decides nothing.
func (c *Case) perWholeKey(f func(*keyView, *tally)) *tally {
	return c.perKey(func(k *keyView, t *tally) { k.ifWhole(t, f) })
}

// ifWhole is perWholeKey for a rule of a checker whose other rules need no
// whole record.
func (k *keyView) ifWhole(t *tally, rule func(*keyView, *tally)) {
	if k.whole {
		rule(k, t)
		return
	}
	var part tally
	rule(k, &part)
	if part.violations > 0 {
		part.violations, part.findings = 0, nil
		part.cannot("the history is cut off while block " + number(int64(k.block)) + " ran, so records may be missing that explain what was read")
	}
	t.merge(&part)
}

// verdict is the common rule: a violation outweighs all; what could not be
// decided on any key outweighs a vacuous and a good result.
func (t *tally) verdict(evidence, idle string) Property {
	p := Property{Exercised: t.exercised, Violations: t.violations, Evidence: evidence, Findings: t.findings}
	switch {
	case t.violations > 0:
		p.Verdict = Violated
		if t.harm != "" {
			p.Harm = fmt.Sprintf(t.harm, count(t.violations, t.noun))
		}
	case t.undecided > 0:
		p.Verdict, p.Reason = Undecided, t.why
	case t.exercised < enough:
		p.Verdict, p.Reason = NotExercised, idle
	default:
		p.Verdict = Holds
	}
	return p
}

// enough is how often a property must have been put to the test before its
// verdict may be holds. One time is the least that is not vacuous; the number
// stands beside the verdict, so that readers can weigh it themselves.
const enough = 1
