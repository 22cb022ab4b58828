package dialect

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// Options are what a dialect needs to know besides the scenario's tables.
type Options struct {
	Origin   string // scheme and host of the target's URL, for requests that are shown
	BasePath string // its path, put before every request's
	// ContentType is that of bodies that are texts, where the step states none;
	// somebody else sends it.
	ContentType string

	Gzip   bool                             // ask for gzip
	Mask   func(string) string              // hides secrets in what is shown and in what is told of answers
	Window func(s string, n int) string     // does it in the first n bytes of a text, of an answer's body
	Getenv func(name string) (string, bool) // os.LookupEnv when nil
	Now    func() time.Time                 // time.Now when nil; used only for a Retry-After with a date but without a Date header
}

// Dialect renders the steps of one strategy and reads their answers. It is
// not changed after [Compile], so that all clients share it.
type Dialect struct {
	steps    [numSteps]*step
	own      map[history.Step]*step      // of the user's operations and observations
	shown    map[history.Step]*wire.Step // the same with secrets marked
	requests map[string]history.PlanRequest
	rules    []rule
	opt      Options
}

// step is one compiled step table.
type step struct {
	*wire.Step
	table    scenarios.Step
	captures captures
	as       history.Step // what an own step is like
	expect   *expectation // of an own step
	until    *expectation // of an own step: what ends its being sent again
	next     *capture     // of an observation of items: what the next page is asked for by
	items    []itemField  // of an observation of items
}

// Compile compiles the steps of a strategy, by name ("read", "login"), with
// the rules and the identification of its writes. The error names the step
// and the key.
func Compile(steps map[string]scenarios.Step, outcomes []scenarios.Outcome, identify scenarios.Identify, opt Options) (*Dialect, error) {
	if opt.Getenv == nil {
		opt.Getenv = os.LookupEnv
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.BasePath = strings.TrimRight(opt.BasePath, "/")
	d := &Dialect{opt: opt, requests: map[string]history.PlanRequest{}}
	for name, table := range steps {
		d.requests[name] = table.Plan(opt.Origin+opt.BasePath, opt.ContentType)
	}
	made, err := wire.Compile(d.requests, wire.Options{Gzip: opt.Gzip, Getenv: opt.Getenv})
	if err == nil {
		d.shown, err = wire.Compile(d.requests, wire.Options{Gzip: opt.Gzip})
	}
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(steps)) {
		i := index(history.Step(name))
		if i < 0 && !history.Step(name).Own() {
			return nil, fmt.Errorf("step %q is not known", name)
		}
		s := &step{Step: made[history.Step(name)], table: steps[name]}
		if i < 0 {
			if err := d.addOwn(history.Step(name), s); err != nil {
				return nil, fmt.Errorf("step %s: %w", name, err)
			}
			continue
		}
		if err := s.captures.compile(history.Step(name), &s.table, identify); err != nil {
			return nil, fmt.Errorf("step %s: %w", name, err)
		}
		d.steps[i] = s
	}
	if read := d.at(history.StepRead); read != nil {
		read.captures.yields.tag = d.tagged()
		read.captures.yields.version = identify.By == "version" || d.presents(Version)
	}
	for i, o := range outcomes {
		r, err := compileRule(o)
		if err != nil {
			return nil, fmt.Errorf("outcome %d: %w", i+1, err)
		}
		d.rules = append(d.rules, r)
	}
	return d, nil
}

// Requests says how every step is spoken, as the history's plan has it.
func (d *Dialect) Requests() map[string]history.PlanRequest { return d.requests }

// Own lists the variables of a step that captures define.
func (d *Dialect) Own(name history.Step) []string {
	if s := d.at(name); s != nil {
		return s.Own
	}
	return nil
}

// Documents reports whether a step sends back a document that was read.
func (d *Dialect) Documents() bool {
	for _, s := range d.steps {
		if s != nil && s.Whole() {
			return true
		}
	}
	return false
}

// Render builds the step's request from the variables; see [wire.Step.Render].
func (d *Dialect) Render(name history.Step, v *Vars, req *transport.Request) error {
	s := d.at(name)
	if s == nil {
		return fmt.Errorf("step %s has no table in this dialect", name)
	}
	req.Reset()
	return s.Render(v, req)
}

// Shown is the step's request as data that may be shown: secrets from the
// environment are marked, the token of a login is.
func (d *Dialect) Shown(name history.Step, v *Vars) (wire.Request, error) {
	s := d.shown[name]
	if s == nil {
		return wire.Request{}, fmt.Errorf("step %s has no table in this dialect", name)
	}
	return s.Request(v.Hidden())
}
