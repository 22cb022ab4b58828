package locking

import (
	"strconv"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/draw"
	"tussle/runner/retry"
)

// refused decides what follows an answer that is not ok, or no answer.
func (m *Machine) refused(a *dialect.Answer) Action {
	if a.Class.Conflict() && !m.conflict {
		m.conflict = true
		m.Conflicts++
	}
	if m.Ask.Step == history.StepUnlock {
		// The write before it stands; that the lock was lost is in the record.
		m.held[m.Ask.Which] = false
		m.at++
		return m.move()
	}
	if m.transient(a) {
		return m.later(a)
	}
	if a.Effect == history.Unknown {
		if m.RetryUnknown {
			return m.again(a)
		}
		return m.unknown("no answer tells whether the write was applied")
	}
	if a.Class == history.Unreadable {
		if m.blurred++; m.blurred >= UnreadableAfter {
			return m.giveUp(a.Class, "unreadable: the answer to "+string(m.Ask.Step)+" told no "+lacking(a)+", "+strconv.Itoa(m.blurred)+" times")
		}
		return m.again(a)
	}
	if m.op.Own != nil && m.moves[m.at].Times > 0 && m.legs > 0 && a.Action != dialect.Never {
		return m.unknown("nothing tells what became of what was begun: " + string(m.Ask.Step) + " was answered with " + string(a.Class))
	}
	switch {
	case a.Action == dialect.Never, a.Action == "" && m.final(a.Class):
		m.Known = a.Action == dialect.Never
		return m.giveUp(a.Class, string(a.Class))
	}
	if reason, spins := m.livelocked(a); spins {
		return m.giveUp(a.Class, reason)
	}
	m.same = a.Action == dialect.Retry
	return m.again(a)
}

// UnreadableAfter is how many answers of one operation may be unreadable before
// it fails. Each begins a new attempt: nothing is built on what was not read.
const UnreadableAfter = 5

// lacking names what an unreadable answer did not tell.
func lacking(a *dialect.Answer) string {
	if a.Missing == "" {
		return "outcome"
	}
	return a.Missing
}

// final reports whether trying again is pointless by default: what exists
// stays claimed, a missing parent stays missing, and a request that is refused
// for itself is refused again.
func (m *Machine) final(c history.Class) bool {
	switch c {
	case history.Exists:
		return m.op.Intent == history.IntentCreate
	case history.Dependency, history.PreconditionRequired, history.Redirect, history.Rejected:
		return true
	}
	return false
}

// again asks the retry policy.
func (m *Machine) again(a *dialect.Answer) Action {
	hint := retry.Hint{RetryAfter: a.RetryAfter, Has: a.HasRetryAfter}
	u := m.Seed.Unit(draw.Retry, m.Client, m.n, m.Attempts)
	next, wait, again := m.Retry.Next(m.state, hint, u)
	m.state = next
	if !again {
		m.same = false
		return m.giveUp(a.Class, string(a.Class)+" after "+strconv.Itoa(m.Attempts)+" attempts")
	}
	m.Waited += wait
	if m.same {
		if m.after = (Action{Do: Wait, For: wait, Backoff: true}); wait > 0 {
			return m.after
		}
		return m.Woke()
	}
	return m.giveBack(Action{Do: Wait, For: wait, Backoff: true})
}

// giveUp ends the operation without a commit.
func (m *Machine) giveUp(c history.Class, reason string) Action {
	out := history.Failed
	if c.Conflict() || c == history.Throttled {
		out = history.GaveUp
	}
	if m.legs > 0 && m.op.Own == nil {
		out, reason = history.Failed, "half done: "+reason
	}
	return m.giveBack(Action{Do: Done, Outcome: out, Reason: reason})
}

// unknown ends an operation whose write may have been applied.
func (m *Machine) unknown(reason string) Action {
	return m.giveBack(Action{Do: Done, Outcome: history.OutcomeUnknown, Reason: reason})
}

// giveBack unlocks what is held, newest first, then goes on with next.
func (m *Machine) giveBack(next Action) Action {
	m.after = next
	m.unlocks = m.unlocks[:0]
	for which := range m.held {
		if m.held[which] {
			m.unlocks = append(m.unlocks, which)
		}
	}
	return m.unlockNext()
}

func (m *Machine) unlockNext() Action {
	if len(m.unlocks) == 0 {
		next := m.after
		if next.Do == Wait && next.For <= 0 {
			m.after = Action{}
			return m.attempt()
		}
		if next.Do == Done {
			m.after = Action{}
		}
		return next
	}
	return m.send(history.StepUnlock, m.unlocks[len(m.unlocks)-1], "", dialect.Text{}, "")
}

// gaveBack continues after the answer to such an unlock, whatever it was.
func (m *Machine) gaveBack() Action {
	last := len(m.unlocks) - 1
	m.held[m.unlocks[last]] = false
	m.unlocks = m.unlocks[:last]
	return m.unlockNext()
}

// Crash ends the operation at once and keeps its locks, as a client that dies
// does.
func (m *Machine) Crash() {
	m.held = [2]bool{}
	m.unlocks = m.unlocks[:0]
	m.after = Action{}
}
