package runner

import (
	"tussle/history"
	"tussle/runner/fault"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

// shared is what all blocks of a run have in common, and a session too.
type shared struct {
	s         *scenarios.Scenario
	o         Options
	id        string
	clock     clock
	hist      *history.Writer
	out       *history.Buffer
	target    *target
	replica   *replica // nil unless a fault wants one and the scenario names none
	speak     []*spoken
	secrets   *secrets.Registry
	faults    *fault.Set
	broken    broken
	unwritten chan struct{} // closed when the history cannot be written any more
	prepared  bool          // the step prepare was done
}
