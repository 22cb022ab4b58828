package dialect

import (
	"time"

	"tussle/history"
)

// numSteps is the number of steps that [index] knows.
const numSteps = 16

// index finds a step's place without hashing.
func index(s history.Step) int {
	switch s {
	case history.StepRead:
		return 0
	case history.StepWrite:
		return 1
	case history.StepCreate:
		return 2
	case history.StepDelete:
		return 3
	case history.StepAdd:
		return 4
	case history.StepAppend:
		return 5
	case history.StepList:
		return 6
	case history.StepTransfer:
		return 7
	case history.StepLock:
		return 8
	case history.StepUnlock:
		return 9
	case history.StepSetup:
		return 11
	case history.StepReset:
		return 12
	case history.StepTeardown:
		return 13
	case history.StepLogin:
		return 14
	case history.StepPrepare:
		return 15
	}
	return -1
}

func (d *Dialect) at(s history.Step) *step {
	if i := index(s); i >= 0 {
		return d.steps[i]
	}
	return d.own[s]
}

// As is the step that an own step of the user's is like, by its method: one
// that writes, or one that reads a list. Any other step is like itself.
func (d *Dialect) As(s history.Step) history.Step {
	if st := d.own[s]; st != nil {
		return st.as
	}
	return s
}

// Writes reports whether the step changes something, so that its answer has
// an effect.
func (d *Dialect) Writes(s history.Step) bool { return d.As(s).Writes() }

// Has reports whether the step can be spoken.
func (d *Dialect) Has(s history.Step) bool { return d.at(s) != nil }

// Uses reports whether a template of the step has the variable, or, of the
// version, whether the document that is sent back does.
func (d *Dialect) Uses(s history.Step, x Var) bool {
	st := d.at(s)
	return st != nil && st.Uses(x)
}

// TTL is how long a lock is asked for; 0 when the step does not say.
func (d *Dialect) TTL(s history.Step) time.Duration {
	if st := d.at(s); st != nil {
		return time.Duration(st.table.TTL)
	}
	return 0
}

// Wait is how long the server may let a request wait; 0 when the step does not say.
func (d *Dialect) Wait(s history.Step) time.Duration {
	if st := d.at(s); st != nil {
		return time.Duration(st.table.Wait)
	}
	return 0
}

// Timeout is the step's own deadline; 0 is the target's.
func (d *Dialect) Timeout(s history.Step) time.Duration {
	if st := d.at(s); st != nil {
		return time.Duration(st.table.Timeout)
	}
	return 0
}
