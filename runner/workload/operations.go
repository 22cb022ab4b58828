package workload

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/draw"
)

// operations are the user's own. What is true afterwards is what the
// scenario's invariants say.
type operations struct {
	Common
	own    []*Own
	values [][]drawn
	upTo   []int // sums of weights
}

// drawn is a variable with what it is drawn from.
type drawn struct {
	name string
	from []wire.Text
}

func newOperations(c Common) operations {
	o := operations{Common: c}
	total := 0
	for i := range c.w.Own {
		op := &c.w.Own[i]
		total += max(op.Weight, 1)
		own := &Own{Name: op.Name}
		for n := range op.Steps {
			step := OwnStep{Name: history.OperationStep(op.Name, n+1), Think: op.Steps[n].Think}
			if op.Steps[n].Until.Text != "" {
				step.Every = max(time.Duration(op.Steps[n].Every), time.Millisecond)
				step.Times = max(int(time.Duration(op.Steps[n].Within)/step.Every), 1)
			}
			own.Steps = append(own.Steps, step)
			own.Document = own.Document || op.Steps[n].Body == "{read.body}"
		}
		var values []drawn
		for _, name := range slices.Sorted(maps.Keys(op.Values)) {
			d := drawn{name: name}
			for _, v := range op.Values[name] {
				if s, ok := v.(string); ok {
					d.from = append(d.from, wire.Text{S: s})
				} else if text, err := json.Marshal(v); err == nil {
					d.from = append(d.from, wire.Text{S: string(text), Raw: true})
				}
			}
			values = append(values, d)
		}
		o.own, o.values, o.upTo = append(o.own, own), append(o.values, values), append(o.upTo, total)
	}
	return o
}

// narrow is how many keys are wanted at once, where the scenario does not say
// which: many operations use a key up, and clients have to meet on it before.
const narrow = 2

func (o operations) Next(client, op int, share float64) Op {
	key := o.key(client, op)
	if o.w.Keys > narrow && o.w.Skew.Kind == "uniform" {
		at := int(share*float64(o.w.Keys)) + int(o.seed.Unit(draw.Key, client, op, 0)*narrow)
		key = min(max(at, 0), o.w.Keys-1)
	}
	at := int(o.seed.Unit(draw.Action, client, op, 0) * float64(o.upTo[len(o.upTo)-1]))
	which := 0
	for which < len(o.upTo)-1 && at >= o.upTo[which] {
		which++
	}
	next := Op{Intent: history.IntentOwn, Key: key, Key2: -1, Own: o.own[which]}
	for i, d := range o.values[which] {
		u := o.seed.Unit(draw.Value, client, op, i)
		next.Values = append(next.Values, Value{d.name, d.from[int(u*float64(len(d.from)))]})
	}
	return next
}

// Each returns every operation once, for a rehearsal; the i-th on key i, as
// far as there are keys.
func (o operations) Each() []Op {
	var all []Op
	for i, own := range o.own {
		op := Op{Intent: history.IntentOwn, Key: i % o.w.Keys, Key2: -1, Own: own}
		for _, d := range o.values[i] {
			op.Values = append(op.Values, Value{d.name, d.from[0]})
		}
		all = append(all, op)
	}
	return all
}

func (o operations) Change(*Op, *[2]Seen, int, string) (Change, bool, string) {
	return Change{}, false, "an operation of the user's has no change"
}

func (o operations) Initial(int) (string, bool, bool) { return "0", true, true }

func (o operations) ServerSide() history.Step { return "" }
