package scenarios

import (
	"maps"
	"slices"

	"tussle/history"
	"tussle/history/expr"
)

// Operation is what a client does, in steps, where none of the workloads says it.
type Operation struct {
	Name     string           `toml:"name"`                                     // as invariants and reports call it
	Weight   int              `toml:"weight" min:"1" max:"1000000" default:"1"` // how often, beside the weights of the others; 1 by default
	Values   map[string][]any `toml:"values"`                                   // variables of its templates: one of each list is drawn for every operation
	Steps    []OperationStep  `toml:"step"`                                     // its requests, in order
	Outcomes []Outcome        `toml:"outcome"`                                  // rules for its steps, before those of the target
}

// OperationStep is one request of an operation. What an earlier step captured
// is a variable of the later ones.
type OperationStep struct {
	Step
	Think  Spread      `toml:"think"`                // before it is sent; 0 by default
	Expect Expectation `toml:"expect"`               // what an accepted answer must say: "json:discount > 0"; a breach is a finding
	Until  Expectation `toml:"until"`                // it is sent again until its answer says so: "json:state == done". A 202 of the step before it is decided by that
	Every  Duration    `toml:"every" default:"50ms"` // with until: how long to wait in between
	Within Duration    `toml:"within" default:"10s"` // with until: for how long at most; then nobody knows what became of the operation
}

// Observe is a request whose answer invariants speak of. It is sent for each
// key when all operations have ended.
type Observe struct {
	Name    string            `toml:"name"`                 // as invariants call it
	Request string            `toml:"request" as:"request"` // "GET /coupons/{key}"
	Headers map[string]Text   `toml:"headers"`              // sent with it
	Query   map[string]Text   `toml:"query"`                // parameters of the URL
	Follow  bool              `toml:"follow"`               // go where a redirect leads, within the target
	Items   string            `toml:"items" as:"capture"`   // a JSON array; captures are of each item
	Next    string            `toml:"next" as:"capture"`    // with items: where an answer says what to ask for next; gives {next}, which only the requests after the first have. A Link header or a URL as next is followed without
	Capture map[string]string `toml:"capture" as:"capture"` // what invariants see of it, by name
	Settle  Duration          `toml:"settle"`               // how long to wait before it, when all operations have ended
	Every   Duration          `toml:"every"`                // also beside the load, this often
	Lag     Duration          `toml:"lag"`                  // beside the load: how old the answer may be
}

// Invariant is what must be true, in CEL.
type Invariant struct {
	Name string `toml:"name"`                              // in reports
	Expr string `toml:"expr"`                              // "coupon.left + accepted('redeem') == 1"
	Over string `toml:"over" enum:"key,all" default:"key"` // of each key, or of all keys of a block together
}

// step is an observation as a step that can be spoken.
func (o *Observe) step() Step {
	s := Step{Request: o.Request, Headers: o.Headers, Query: o.Query, Capture: o.Capture, Follow: o.Follow}
	if o.Items != "" {
		s.Capture, s.Items, s.Next = map[string]string{ItemsName: o.Items}, o.Capture, o.Next
	}
	return s
}

// ItemsName is the capture that holds the items of an observation.
const ItemsName = "items"

// speakOwn adds the steps of operations and observations to what a strategy speaks.
func (s *Scenario) speakOwn(st *Strategy) {
	st.Own = slices.Clone(s.Operations)
	for i := range st.Own {
		if n := slices.IndexFunc(st.Operations, func(o Operation) bool { return o.Name == st.Own[i].Name }); n >= 0 {
			st.Own[i] = st.Own[i].as(&st.Operations[n])
		}
	}
	for i := range st.Own {
		o := &st.Own[i]
		for n := range o.Steps {
			name := string(history.OperationStep(o.Name, n+1))
			step := o.Steps[n].Step
			step.Want, step.Until = o.Steps[n].Expect, o.Steps[n].Until
			st.Speaks[name] = step
			for _, rule := range o.Outcomes {
				rule.Step = StringList{name}
				st.Outcomes = append(st.Outcomes, rule)
			}
		}
	}
	for i := range s.Observes {
		st.Speaks[string(history.ObserveStep(s.Observes[i].Name))] = s.Observes[i].step()
	}
}

// as is the operation in the steps of another form of it. What it is called and
// how often it is wanted stays.
func (o Operation) as(form *Operation) Operation {
	if len(form.Steps) > 0 {
		o.Steps = form.Steps
	}
	if len(form.Outcomes) > 0 {
		o.Outcomes = form.Outcomes
	}
	return o
}

// promiseOwn is what a strategy promises of operations when the file does not
// say: with any locking every invariant.
func (s *Scenario) promiseOwn(st *Strategy) []string {
	out := []string{}
	if st.Locking == "none" || st.Locking == "" {
		return out
	}
	for i := range s.Invariants {
		out = append(out, s.Invariants[i].Name)
	}
	for i := range st.Own {
		if slices.ContainsFunc(st.Own[i].Steps, func(step OperationStep) bool { return step.Expect.Text != "" }) {
			return append(out, "expectations")
		}
	}
	return out
}

// Captures lists what the steps of an operation capture, and its values.
func (o *Operation) Captures() []string {
	names := slices.Collect(maps.Keys(o.Values))
	for i := range o.Steps {
		names = append(names, slices.Collect(maps.Keys(o.Steps[i].Capture))...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// captures are those of an operation in any of its forms.
func (s *Scenario) captures(i int) []string {
	names := s.Operations[i].Captures()
	for n := range s.Strategies {
		for k := range s.Strategies[n].Operations {
			if form := &s.Strategies[n].Operations[k]; form.Name == s.Operations[i].Name {
				names = append(names, form.Captures()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Schema is what invariants may speak of.
func (s *Scenario) Schema(all bool) expr.Schema {
	out := expr.Schema{Operations: map[string][]string{}, Observed: map[string]expr.Observation{}, All: all}
	for i := range s.Operations {
		out.Operations[s.Operations[i].Name] = s.captures(i)
	}
	for i := range s.Observes {
		o := &s.Observes[i]
		out.Observed[o.Name] = expr.Observation{Fields: slices.Sorted(maps.Keys(o.Capture)), Items: o.Items != ""}
	}
	return out
}

// OwnWorkload is the kind of workload of a scenario with operations.
const OwnWorkload = "operations"
