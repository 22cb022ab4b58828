package check

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
	"tussle/history/expr"
	"tussle/report/check/invariant"
)

// Invariants: what the scenario says must be true of its operations, in an
// expression of its own. Package invariant has the rule; here records become
// its operations and observations. An operation that committed was accepted,
// one that ended as unknown may have been carried out, any other was refused.
// Observations after the load saw all of it; those beside it saw some moment
// of their own time, less the lag that the scenario declares.
//
// Cost: O(n) a key, and one evaluation for each observation beside the load
// and each number of unanswered operations that may have been carried out.

// expectations is the property that operations' answers say what their steps
// expect.
const expectations = "expectations"

// schemaOf is what expressions may speak of.
func schemaOf(p *history.Plan, all bool) expr.Schema {
	s := expr.Schema{Operations: map[string][]string{}, Observed: map[string]expr.Observation{}, All: all}
	for _, o := range p.Operations {
		s.Operations[o.Name] = o.Captures
	}
	for _, o := range p.Observations {
		s.Observed[o.Name] = expr.Observation{Fields: o.Captures, Items: o.Items}
	}
	return s
}

// addInvariants judges the present blocks.
func (c *Case) addInvariants() {
	for i := range c.plan.Invariants {
		v := &c.plan.Invariants[i]
		c.checker = v.Name
		t := c.sum()
		program, err := expr.Compile(v.Expr, schemaOf(c.plan, v.All))
		if err != nil {
			t.cannot("the expression cannot be read: " + err.Error())
			continue
		}
		for _, block := range c.ownBlocks() {
			own := c.own[block]
			if v.All {
				c.invariantOf(program, v, block, own.all(), t)
				continue
			}
			for _, key := range own.keys {
				c.invariantOf(program, v, block, own.byKey[key], t)
			}
		}
	}
	if len(c.plan.Operations) > 0 {
		c.checker = expectations
		c.expected(c.sum())
	}
}

// ownProperty reports whether a promise is one of the scenario's own.
func (c *Case) ownProperty(name string) bool {
	return name == expectations && len(c.plan.Operations) > 0 ||
		slices.ContainsFunc(c.plan.Invariants, func(v history.PlanInvariant) bool { return v.Name == name })
}

// invariants says what became of the scenario's own properties.
func (c *Case) invariants() []Property {
	var out []Property
	add := func(name, idle string) {
		c.checker = name
		t := c.sum()
		evidence := listed(count(t.writes, "accepted operation"), number(t.refused)+" refused", number(t.unknown)+" unanswered or unclear") +
			"; on " + count(t.exercised, "key") + " operations of two clients overlapped"
		if name == expectations {
			evidence = count(t.exercised, "accepted operation")
		}
		p := t.verdict(evidence, idle)
		p.Name, p.Promised = name, slices.Contains(c.strategy.Promises, name)
		for i := range p.Findings {
			p.Findings[i].Property = name
		}
		if p.Findings == nil {
			p.Findings = []Finding{}
		}
		c.demandFaults(&p)
		out = append(out, p)
	}
	for _, v := range c.plan.Invariants {
		add(v.Name, "on no key did operations of two clients overlap; raise load.clients, or lower workload.pause")
	}
	if slices.Contains(c.strategy.Promises, expectations) {
		add(expectations, "no operation was accepted")
	}
	return out
}

func (c *Case) ownBlocks() []int {
	var blocks []int
	for b := range c.own {
		blocks = append(blocks, b)
	}
	slices.Sort(blocks)
	return blocks
}

// expected counts answers that did not say what was expected.
func (c *Case) expected(t *tally) {
	for _, block := range c.ownBlocks() {
		for _, key := range c.own[block].keys {
			for i := range c.own[block].byKey[key].ops {
				o := &c.own[block].byKey[key].ops[i]
				if o.Outcome != history.Committed {
					continue
				}
				if t.exercised++; o.Breach != "" {
					t.found(1, func() Finding {
						return c.ownFinding(block, key, who(int32(o.Client))+" was told that "+o.Name+" was accepted: "+o.Breach, []*history.Operation{o}, nil)
					})
				}
			}
		}
	}
}

// invariantOf judges one invariant of one key, or of all keys of a block.
func (c *Case) invariantOf(program *expr.Program, v *history.PlanInvariant, block int, k *ownKey, t *tally) {
	base := invariant.Case{Operations: make([]invariant.Operation, len(k.ops))}
	for i := range k.ops {
		o := &k.ops[i]
		base.Operations[i] = invariant.Operation{Name: o.Name, Effect: ownEffect(o.Outcome), Call: o.Call, Return: o.Return, Captured: captured(o.Captured)}
		switch base.Operations[i].Effect {
		case invariant.Accepted:
			t.writes++
		case invariant.Refused:
			t.refused++
		default:
			t.unknown++
		}
	}
	if meets(k.ops) {
		t.exercised++
	}
	whole := c.blocks[block] != nil && c.blocks[block].End > 0
	final, beside, why := c.observations(program, k)
	if why != "" {
		t.cannot(why)
		return
	}
	if !whole { // operations may be missing from the record
		t.cannot("the history is cut off while block " + number(int64(block)) + " ran, so operations may be missing")
		return
	}
	base.Observed = final
	c.conclude(program, v, block, k, &base, nil, t)
	for _, o := range beside {
		at := base
		at.Observed = map[string][]expr.Captured{}
		for name, rows := range final {
			at.Observed[name] = rows
		}
		at.Observed[o.Name] = rowsOf(o.Captured)
		at.Beside = &invariant.Moment{Call: o.Call, Return: o.Return, Lag: c.lagOf(o.Name)}
		if c.conclude(program, v, block, k, &at, o, t) {
			return // one contradiction a key is enough
		}
	}
}

// conclude judges one case and reports whether it is a contradiction.
func (c *Case) conclude(program *expr.Program, v *history.PlanInvariant, block int, k *ownKey, at *invariant.Case, o *history.Operation, t *tally) bool {
	r := invariant.Judge(program, at)
	switch r.Verdict {
	case invariant.Undecided:
		t.cannot(v.Expr + ": " + r.Reason)
	case invariant.Violated:
		t.found(1, func() Finding {
			var against []*history.Operation
			for _, i := range r.Against {
				against = append(against, &k.ops[i])
			}
			var seen []*history.Operation
			if o != nil {
				seen = append(seen, o)
			} else {
				for i := range k.observed {
					if s := &k.observed[i]; s.Attempts > 0 && program.Observes(s.Name) {
						seen = append(seen, s)
					}
				}
			}
			return c.ownFinding(block, k.key, sentenceOf(v, k, against, seen), against, seen)
		})
		return true
	}
	return false
}

// observations are those that the expression looks at: what was observed in
// the end, and each time beside the load, where only one observation is looked
// at, as two were not made at one moment.
func (c *Case) observations(program *expr.Program, k *ownKey) (final map[string][]expr.Captured, beside []*history.Operation, why string) {
	final = map[string][]expr.Captured{}
	looked := 0
	for _, p := range c.plan.Observations {
		if !program.Observes(p.Name) {
			continue
		}
		looked++
		found := false
		for i := range k.observed {
			o := &k.observed[i]
			switch {
			case o.Name != p.Name:
			case o.Attempts == 0:
				if o.Captured != "" {
					beside = append(beside, o)
				}
			case o.Captured == "":
				return nil, nil, "the observation " + p.Name + " could not be made, or no two passes agreed"
			default:
				final[p.Name], found = append(final[p.Name], rowsOf(o.Captured)...), true
			}
		}
		if !found {
			return nil, nil, "the observation " + p.Name + " was not made"
		}
	}
	if looked != 1 {
		beside = nil
	}
	return final, beside, ""
}

func (c *Case) lagOf(name string) int64 {
	for _, p := range c.plan.Observations {
		if p.Name == name {
			return p.Lag
		}
	}
	return 0
}

func ownEffect(o history.Outcome) invariant.Effect {
	switch o {
	case history.Committed:
		return invariant.Accepted
	case history.OutcomeUnknown:
		return invariant.Unanswered
	}
	return invariant.Refused
}

// meets reports whether operations of two clients overlapped.
func meets(ops []history.Operation) bool {
	sorted := slices.Clone(ops)
	slices.SortFunc(sorted, func(a, b history.Operation) int { return int(a.Call - b.Call) })
	for i := range sorted {
		for j := i + 1; j < len(sorted) && sorted[j].Call < sorted[i].Return; j++ {
			if sorted[i].Client != sorted[j].Client {
				return true
			}
		}
	}
	return false
}

// captured reads a JSON object; numbers without a fraction are whole.
func captured(text string) expr.Captured {
	out := expr.Captured{}
	if text == "" {
		return out
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&out) != nil {
		return expr.Captured{}
	}
	for name, v := range out {
		out[name] = plain(v)
	}
	return out
}

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		text, _ := json.Marshal(v)
		return string(text)
	}
	return v
}

// rowsOf are the rows of an observation: its items, or itself.
func rowsOf(text string) []expr.Captured {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if json.Unmarshal([]byte(text), &list) == nil && list.Items != nil {
		rows := []expr.Captured{}
		for _, item := range list.Items {
			rows = append(rows, captured(string(item)))
		}
		return rows
	}
	return []expr.Captured{captured(text)}
}
