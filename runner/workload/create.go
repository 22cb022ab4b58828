package workload

import (
	"tussle/history"
	"tussle/runner/draw"
)

// createOnce claims names that exist once. What is true afterwards: at most
// one claim of a name was accepted.
type createOnce struct{ Common }

func (c createOnce) Next(client, op int, share float64) Op {
	return Op{Intent: history.IntentCreate, Key: c.window(client, op, share), Key2: -1}
}

func (c createOnce) Change(_ *Op, seen *[2]Seen, which int, tag string) (Change, bool, string) {
	if seen[which].Exists {
		return Change{}, false, "taken"
	}
	return Change{Step: history.StepCreate, Body: "v" + tag, Record: "v" + tag}, true, ""
}

func (c createOnce) Initial(int) (string, bool, bool) { return "", false, false }

func (c createOnce) ServerSide() history.Step { return history.StepCreate }

// lifecycle creates, changes, deletes and re-creates keys. What is true
// afterwards: no write was accepted on a state that was already gone, though
// it may look the same again (ABA).
type lifecycle struct{ Common }

func (l lifecycle) Next(client, op int, _ float64) Op {
	if l.isRead(client, op) {
		return l.read(client, op)
	}
	return Op{Intent: history.IntentUpdate, Key: l.key(client, op), Key2: -1,
		Action: int(l.seed.Unit(draw.Action, client, op, 0) * 10)}
}

func (l lifecycle) Change(op *Op, seen *[2]Seen, which int, tag string) (Change, bool, string) {
	switch {
	case !seen[which].Exists:
		return Change{Step: history.StepCreate, Body: "v" + tag, Record: "v" + tag}, true, ""
	case op.Action < 3:
		return Change{Step: history.StepDelete}, true, ""
	}
	return Change{Step: history.StepWrite, Body: "v" + tag, Record: "v" + tag}, true, ""
}

func (l lifecycle) Initial(int) (string, bool, bool) { return "v0", false, true }

func (l lifecycle) ServerSide() history.Step { return "" }

// parentChild creates children under parents that others delete. What is true
// afterwards: no child was accepted under a parent that was gone.
type parentChild struct{ Common }

func (p parentChild) Next(client, op int, share float64) Op {
	o := Op{Intent: history.IntentCreate, Key: p.window(client, op, share), Key2: -1}
	if p.seed.Unit(draw.Action, client, op, 0) < 0.3 {
		o.Intent = history.IntentDelete
	} else {
		o.Child = "c" + itoa(client) + "-" + itoa(op)
	}
	return o
}

func (p parentChild) Change(op *Op, seen *[2]Seen, which int, tag string) (Change, bool, string) {
	if !seen[which].Exists {
		return Change{}, false, "the parent is gone"
	}
	if op.Intent == history.IntentDelete {
		return Change{Step: history.StepDelete}, true, ""
	}
	return Change{Step: history.StepCreate, Body: "v" + tag, Record: "v" + tag}, true, ""
}

func (p parentChild) Initial(int) (string, bool, bool) { return "v0", false, true }

func (p parentChild) ServerSide() history.Step { return history.StepCreate }
