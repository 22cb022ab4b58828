package check

import "tussle/history"

// Properties lists the checkers, in the order in which reports show them.
// A scenario names them in its promises.
var Properties = []Checker{
	{noLostUpdate, states(kindCounter, kindRegister, kindAppend, kindLifecycle, kindTransfer, kindPair), checkLostUpdate},
	{counterBounds, workloads(kindCounter), checkCounter},
	{createOnce, workloads(kindCreateOnce), checkCreateOnce},
}

// workloads applies a checker to some kinds of workload, whatever the locking.
func workloads(kinds ...string) func(history.PlanWorkload, history.PlanStrategy) bool {
	is := anyOf(kinds...)
	return func(w history.PlanWorkload, _ history.PlanStrategy) bool { return is(w.Kind) }
}

// states is workloads for a checker that follows named states.
func states(kinds ...string) func(history.PlanWorkload, history.PlanStrategy) bool {
	return workloads(kinds...)
}
