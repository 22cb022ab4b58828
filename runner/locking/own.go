package locking

import (
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/draw"
	"tussle/runner/retry"
	"tussle/runner/workload"
)

// ownMoves are the steps of an operation of the user's own, in a lock where
// the strategy takes one.
func ownMoves(op *workload.Op, locking string, moves []Move) []Move {
	if locking == "pessimistic" {
		moves = append(moves, Move{Step: history.StepLock, Leg: true})
	}
	for i := range op.Own.Steps {
		if s := &op.Own.Steps[i]; s.Think.Kind != "" || s.Think.A > 0 {
			moves = append(moves, Move{Think: true, For: s.Think})
		}
		s := &op.Own.Steps[i]
		moves = append(moves, Move{Step: s.Name, Every: s.Every, Times: s.Times})
	}
	if locking == "pessimistic" {
		moves = append(moves, Move{Step: history.StepUnlock})
	}
	return moves
}

// keepOwn copies what later steps send of what any step read.
func (m *Machine) keepOwn(a *dialect.Answer) {
	which := m.Ask.Which
	if a.HasVersion {
		m.version[which] = dialect.Text{S: m.texts.Keep(a.Version.S), Raw: a.Version.Raw}
	}
	if m.op.Own.Document && !m.Dialect.Writes(m.Ask.Step) {
		m.body[which] = dialect.Text{S: m.texts.Keep(string(a.Body)), Raw: true}
	}
}

// Last reports whether only unlocks follow the request that is to be sent.
func (m *Machine) Last() bool {
	for _, mv := range m.moves[m.at+1:] {
		if mv.Step != history.StepUnlock {
			return false
		}
	}
	return true
}

// Captured is what the steps of the operation captured, and what was drawn for
// it, as a JSON object; "" when there is nothing.
func (m *Machine) Captured() string {
	if len(m.named) == 0 {
		return ""
	}
	texts := make([]dialect.Named, len(m.named))
	for i, n := range m.named {
		texts[i] = dialect.Named{Name: n.name, Text: n.text}
	}
	return dialect.Object(texts)
}

// polled reports whether the next request is sent until its answer tells what
// became of the one before it.
func (m *Machine) polled() bool {
	for _, mv := range m.moves[m.at+1:] {
		if !mv.Think {
			return mv.Times > 0
		}
	}
	return false
}

// askAgain sends the present request once more, as it is, after a wait.
func (m *Machine) askAgain(wait time.Duration, backoff bool) Action {
	if wait <= 0 {
		return m.move()
	}
	m.resend = true
	return Action{Do: Wait, For: wait, Backoff: backoff}
}

// poll sends a request again whose answer does not say yet what it waits for.
func (m *Machine) poll() Action {
	mv := &m.moves[m.at]
	if m.polls++; m.polls < mv.Times {
		return m.askAgain(mv.Every, false)
	}
	reason := "the answer to " + string(mv.Step) + " never said what it was asked for"
	if m.legs > 0 {
		return m.unknown(reason)
	}
	return m.giveBack(Action{Do: Done, Outcome: history.Failed, Reason: reason})
}

// transient reports whether a request of an operation of the user's is sent
// again by itself: one that only reads and got no useful answer, and one that
// is told to come later. To begin anew would repeat what was applied already.
func (m *Machine) transient(a *dialect.Answer) bool {
	if m.op.Own == nil || m.legs == 0 && m.moves[m.at].Times == 0 {
		return false
	}
	switch a.Class {
	case history.Throttled:
		return a.Effect != history.Unknown
	case history.Timeout, history.Transport, history.ServerError, history.Unreadable:
		return !m.Dialect.Writes(m.Ask.Step)
	}
	return false
}

// later sends such a request again when the retry policy says so, or as often
// as it is sent anyway. When it does not, nobody knows the end of what was begun.
func (m *Machine) later(a *dialect.Answer) Action {
	if m.moves[m.at].Times > 0 {
		return m.poll()
	}
	hint := retry.Hint{RetryAfter: a.RetryAfter, Has: a.HasRetryAfter}
	next, wait, again := m.Retry.Next(m.state, hint, m.Seed.Unit(draw.Retry, m.Client, m.n, m.Attempts))
	m.state = next
	if a.Class == history.Unreadable {
		m.blurred++
	}
	if !again || m.blurred >= UnreadableAfter {
		if m.Dialect.Writes(m.Ask.Step) { // told to come later, and it did not
			return m.giveUp(a.Class, string(a.Class))
		}
		return m.unknown("what was applied has no readable end: " + string(m.Ask.Step) + " was answered with " + string(a.Class))
	}
	m.Waited += wait
	return m.askAgain(wait, true)
}
