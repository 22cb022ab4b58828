package check

import "tussle/history"

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
