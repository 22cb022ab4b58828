package workload

import (
	"strconv"

	"tussle/history"
)

// counter adds an amount to a key. What is true afterwards: the final value
// is the initial one plus every committed amount.
type counter struct{ Common }

func (c counter) Next(client, op int, _ float64) Op {
	if c.isRead(client, op) {
		return c.read(client, op)
	}
	return Op{Intent: history.IntentUpdate, Key: c.key(client, op), Key2: -1, Amount: c.w.Amount}
}

func (c counter) Change(op *Op, seen *[2]Seen, which int, _ string) (Change, bool, string) {
	if !seen[which].Exists {
		return Change{}, false, "the key is gone"
	}
	have, err := strconv.ParseInt(seen[which].Value, 10, 64)
	if err != nil {
		return Change{}, false, "the value that was read is no whole number"
	}
	next := have + op.Amount
	if c.w.Floor != nil && next < *c.w.Floor || c.w.Ceiling != nil && next > *c.w.Ceiling {
		return Change{}, false, "the bound is reached"
	}
	text := strconv.FormatInt(next, 10)
	return Change{Step: history.StepWrite, Body: text, Raw: true, Record: text}, true, ""
}

func (c counter) Initial(int) (string, bool, bool) {
	return strconv.FormatInt(c.w.Initial, 10), true, true
}

func (c counter) ServerSide() history.Step { return history.StepAdd }
