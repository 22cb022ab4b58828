package check

import (
	"slices"

	"tussle/history"
)

// Properties lists the checkers, in the order in which reports show them.
// A scenario names them in its promises.
var Properties = []Checker{
	{noLostUpdate, anyOf(keptStates, workloads(kindLifecycle)), checkLostUpdate},
	{lastRead, anyOf(keptStates, workloads(kindLifecycle)), checkLastRead},
	{counterBounds, workloads(kindCounter), checkCounter},
	{appendOnly, workloads(kindAppend), checkAppend},
	{createOnce, workloads(kindCreateOnce), checkCreateOnce},
	{lifecycle, workloads(kindLifecycle), checkLifecycle},
	{parentChild, workloads(kindParentChild), checkParentChild},
	{conservation, workloads(kindTransfer), checkConservation},
	{writeSkew, workloads(kindPair), checkWriteSkew},
	{mutualExclusion, locks, checkExclusion},
	{fencing, fences, checkFencing},
	{register, keptStates, checkRegister},
	{oneVersion, versioned, checkVersions},
	{honestRefusals, always, checkRefusals},
	{sessionGuarantees, keptStates, checkSessions},
	{progress, always, checkProgress},
	{durability, always, checkDurability},
}

// applies says of which workloads and strategies a property speaks.
type applies = func(history.PlanWorkload, history.PlanStrategy) bool

// workloads applies a checker to some kinds of workload, whatever the locking.
func workloads(kinds ...string) applies {
	return func(w history.PlanWorkload, _ history.PlanStrategy) bool {
		for _, kind := range kinds {
			if w.Kind == kind {
				return true
			}
		}
		return false
	}
}

func anyOf(these ...applies) applies {
	return func(w history.PlanWorkload, s history.PlanStrategy) bool {
		for _, this := range these {
			if this(w, s) {
				return true
			}
		}
		return false
	}
}

func always(history.PlanWorkload, history.PlanStrategy) bool { return true }

// versioned applies a checker where versions guard states.
func versioned(w history.PlanWorkload, s history.PlanStrategy) bool {
	return s.Locking == "optimistic" && (keptStates(w, s) || w.Kind == kindLifecycle)
}

func locks(_ history.PlanWorkload, s history.PlanStrategy) bool { return s.Locking == "pessimistic" }

func fences(_ history.PlanWorkload, s history.PlanStrategy) bool { return s.Fencing }

// keptStates applies a checker to workloads whose keys go from state to state
// by requests on that key alone. A transfer by one request is none: it changes
// a second key.
func keptStates(w history.PlanWorkload, s history.PlanStrategy) bool {
	switch w.Kind {
	case kindCounter, kindRegister, kindAppend, kindPair:
		return true
	case kindTransfer:
		return s.Locking != "server-side"
	}
	return false
}

// implies maps a property to the promise that it is a part of: it is not asked
// for by name, but to break it is to break that promise.
var implies = map[string]string{lastRead: noLostUpdate, oneVersion: register}

// add judges the present blocks. Every checker that may apply runs on them and
// leaves what it found in its sum; what it makes of it is asked for at the end.
func (c *Case) add() {
	c.each(func(k *keyView) { k.index() })
	c.meet()
	for _, checker := range Properties {
		if c.mix == "" && (slices.Contains(c.strategy.Promises, checker.Name) || slices.Contains(c.strategy.Promises, implies[checker.Name]) || checker.Applies(c.plan.Workload, *c.strategy.PlanStrategy)) {
			c.checker = checker.Name
			checker.Check(c)
		}
	}
	c.addInvariants()
	c.keys, c.ops, c.own = nil, nil, nil
}

// judge says what the blocks that were added show, for every checker that
// applies.
func (c *Case) judge() []Property {
	out := []Property{}
	for _, checker := range Properties {
		promised := slices.Contains(c.strategy.Promises, checker.Name)
		implied := slices.Contains(c.strategy.Promises, implies[checker.Name])
		if !promised && !implied && (!checker.Applies(c.plan.Workload, *c.strategy.PlanStrategy) || checker.Name == durability && !c.killed()) {
			continue
		}
		if c.mix != "" && !promised {
			continue
		}
		p := Property{Verdict: Undecided, Reason: c.mix}
		if c.mix == "" {
			c.checker = checker.Name
			p = checker.Check(c)
		}
		p.Name, p.Promised = checker.Name, promised || implied && p.Verdict == Violated
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
	out = append(out, c.invariants()...)
	for _, name := range c.strategy.Promises {
		if !c.ownProperty(name) && !slices.ContainsFunc(Properties, func(k Checker) bool { return k.Name == name }) {
			out = append(out, Property{Name: name, Promised: true, Verdict: Undecided, Findings: []Finding{},
				Reason: "this version judges no property of that name; correct it in the strategy's promises"})
		}
	}
	return out
}
