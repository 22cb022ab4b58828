package workload

import (
	"strconv"

	"tussle/history"
	"tussle/runner/draw"
)

func itoa(i int) string { return strconv.Itoa(i) }

// transfer moves an amount from one account to another. What is true
// afterwards: the total is what it was, and no account is below the floor.
type transfer struct{ Common }

func (t transfer) Next(client, op int, _ float64) Op {
	if t.isRead(client, op) {
		return t.read(client, op)
	}
	from := t.key(client, op)
	most := max(t.w.Amount, 1)
	return Op{Intent: history.IntentTransfer, Key: from, Key2: t.other(from, client, op),
		Amount: 1 + int64(t.seed.Unit(draw.Amount, client, op, 0)*float64(most))}
}

func (t transfer) Change(op *Op, seen *[2]Seen, which int, _ string) (Change, bool, string) {
	have, err := strconv.ParseInt(seen[which].Value, 10, 64)
	if err != nil {
		return Change{}, false, "the balance that was read is no whole number"
	}
	next := have + op.Amount
	if which == 0 {
		next = have - op.Amount
		floor := int64(0)
		if t.w.Floor != nil {
			floor = *t.w.Floor
		}
		if next < floor {
			return Change{}, false, "not enough on the account"
		}
	}
	text := strconv.FormatInt(next, 10)
	return Change{Step: history.StepWrite, Body: text, Raw: true, Record: text}, true, ""
}

func (t transfer) Initial(int) (string, bool, bool) {
	return strconv.FormatInt(t.w.Initial, 10), true, true
}

func (t transfer) ServerSide() history.Step { return history.StepTransfer }

// pair is write skew: keys 2i and 2i+1 are two doctors of one ward, and one of
// them must be on call (1). A client takes a doctor off call only when both
// were on call in what it read, else puts the doctor on call again.
type pair struct{ Common }

func (p pair) Next(client, op int, _ float64) Op {
	if p.isRead(client, op) {
		return p.read(client, op)
	}
	ward := p.key(client, op) / 2 * 2
	me := ward + int(p.seed.Unit(draw.Key2, client, op, 0)*2)
	other := ward + 1 - (me - ward)
	if other >= p.w.Keys {
		me, other = ward, ward
	}
	return Op{Intent: history.IntentPair, Key: me, Key2: other}
}

func (p pair) Change(_ *Op, seen *[2]Seen, _ int, _ string) (Change, bool, string) {
	v := "1"
	if seen[0].Value == "1" && seen[1].Value == "1" {
		v = "0"
	}
	return Change{Step: history.StepWrite, Body: v, Raw: true, Record: v}, true, ""
}

func (p pair) Initial(int) (string, bool, bool) { return "1", true, true }

func (p pair) ServerSide() history.Step { return "" }
