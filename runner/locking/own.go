package locking

import (
	"tussle/history"
	"tussle/runner/dialect"
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
		moves = append(moves, Move{Step: op.Own.Steps[i].Name})
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
