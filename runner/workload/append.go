package workload

import "tussle/history"

// appending adds an element that no other write uses to a list. What is true
// afterwards: every acknowledged element is in every later read, once.
type appending struct{ Common }

func (a appending) Next(client, op int, _ float64) Op {
	if a.isRead(client, op) {
		return a.read(client, op)
	}
	return Op{Intent: history.IntentUpdate, Key: a.key(client, op), Key2: -1}
}

func (a appending) Change(_ *Op, seen *[2]Seen, which int, tag string) (Change, bool, string) {
	list := seen[which].Value
	if len(list) < 2 || list[0] != '[' || list[len(list)-1] != ']' {
		return Change{}, false, "the value that was read is no list"
	}
	sep := ","
	if len(list) == 2 {
		sep = ""
	}
	body := list[:len(list)-1] + sep + `"` + tag + `"]`
	return Change{Step: history.StepWrite, Body: body, Raw: true, Record: tag}, true, ""
}

func (a appending) Initial(int) (string, bool, bool) { return "[]", true, true }

func (a appending) ServerSide() history.Step { return history.StepAppend }
