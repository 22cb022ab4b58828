package workload

import "tussle/history"

// register overwrites a key with a text that no other write uses. What is
// true afterwards: every read saw the newest write at some instant.
type register struct{ Common }

func (r register) Next(client, op int, _ float64) Op {
	if r.isRead(client, op) {
		return r.read(client, op)
	}
	return Op{Intent: history.IntentUpdate, Key: r.key(client, op), Key2: -1}
}

func (r register) Change(_ *Op, _ *[2]Seen, _ int, tag string) (Change, bool, string) {
	text := "v" + tag
	return Change{Step: history.StepWrite, Body: text, Record: text}, true, ""
}

func (r register) Initial(int) (string, bool, bool) { return "v0", false, true }

func (r register) ServerSide() history.Step { return "" }
