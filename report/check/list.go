package check

import "tussle/history"

// Properties lists the checkers, in the order in which reports show them.
// A scenario names them in its promises.
var Properties = []Checker{
	{noLostUpdate, keptStates, checkLostUpdate},
	{register, keptStates, checkRegister},
	{honestRefusals, anything, checkRefusals},
	{sessionGuarantees, keptStates, checkSessions},
	{counterBounds, workloads(kindCounter), checkCounter},
	{createOnce, workloads(kindCreateOnce), checkCreateOnce},
}

// workloads applies a checker to some kinds of workload, whatever the locking.
func workloads(kinds ...string) func(history.PlanWorkload, history.PlanStrategy) bool {
	is := anyOf(kinds...)
	return func(w history.PlanWorkload, _ history.PlanStrategy) bool { return is(w.Kind) }
}

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

func anything(history.PlanWorkload, history.PlanStrategy) bool { return true }
