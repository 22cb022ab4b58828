package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner"
	"tussle/runner/dialect"
	"tussle/runner/store"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// pair is two (or more) requests whose orders are explored.
type pair struct {
	session  *runner.Session
	relay    store.Relay
	strategy int
	workload scenarios.Workload
	steps    []history.Step
	absent   bool // begins with nothing there: one of them creates
	every    bool
	number   int
	lines    []*runner.Line // of each request
	observer *runner.Line
	patience time.Duration // after which a request without a statement is busy outside the store
	learned  time.Duration // what patience is once it was really needed
	mask     func(string) string
	now      func() int64
	tried    *int // orders begun, of all pairs: names keys

	keys []string // of the present order
	vars []*dialect.Vars
}

// open connects every party.
func (p *pair) open(ctx context.Context) error {
	var err error
	if p.observer, err = p.session.Line(ctx, p.strategy, len(p.steps)); err != nil {
		return err
	}
	for i := range p.steps {
		l, err := p.session.Line(ctx, p.strategy, i)
		if err != nil {
			return err
		}
		p.lines = append(p.lines, l)
		p.vars = append(p.vars, &dialect.Vars{})
	}
	return nil
}

func (p *pair) close() {
	for _, l := range append(p.lines, p.observer) {
		if l != nil {
			l.Close()
		}
	}
}

// amounts are what the first, second and third request add or move: three
// numbers whose sums all differ.
var amounts = []int64{3, 4, 9}

// values are what they write where a value is a text.
var values = []string{"a", "b", "c"}

// fresh sets up keys that were not there before, and lets every request that
// needs it read what it builds on.
func (p *pair) fresh(ctx context.Context) error {
	*p.tried++
	p.keys = nil
	want := 1
	if p.workload.Kind == "transfer" || p.workload.Kind == "pair" {
		want = 2
	}
	for range want {
		key := p.session.ID() + "-x" + strconv.Itoa(*p.tried) + "k" + strconv.Itoa(len(p.keys))
		p.keys = append(p.keys, key)
		if p.absent {
			continue
		}
		if err := p.setUp(ctx, len(p.keys)-1); err != nil {
			return err
		}
	}
	for i, step := range p.steps {
		v := p.vars[i]
		p.fill(v, i)
		l := p.lines[i]
		d := l.Dialect()
		value, _ := v.Get(dialect.Value)
		if step != history.StepRead && d.Has(history.StepRead) && !p.absent &&
			(d.Uses(step, dialect.Version) || d.Uses(step, dialect.ReadBody) || p.computes(step) && d.Uses(step, dialect.Value)) {
			a, err := l.Ask(ctx, history.StepRead, v, 0)
			if err != nil {
				return err
			}
			if a.Class != history.OK || a.Absent {
				return p.cannot(history.StepRead, a, l, v, "the read before the request")
			}
			if a.HasVersion {
				v.Set(dialect.Version, keep(a.Version))
			}
			if d.Uses(step, dialect.ReadBody) {
				v.Set(dialect.ReadBody, dialect.Text{S: string(a.Body), Raw: true})
			}
			for _, name := range slices.Sorted(maps.Keys(a.Named)) {
				v.SetNamed(name, keep(a.Named[name]))
			}
			if n, err := strconv.ParseInt(a.Value.S, 10, 64); err == nil && a.HasValue && p.computes(step) {
				value = number(n + amounts[i])
			}
		}
		v.Set(dialect.Value, value)
	}
	return nil
}

// computes reports whether the client itself works out what a write sends.
func (p *pair) computes(step history.Step) bool {
	return step == history.StepWrite && (p.workload.Kind == "counter" || p.workload.Kind == "transfer" || p.workload.Kind == "lease")
}

func keep(t dialect.Text) dialect.Text {
	return dialect.Text{S: string(append([]byte(nil), t.S...)), Raw: t.Raw}
}

func number(n int64) dialect.Text { return dialect.Text{S: strconv.FormatInt(n, 10), Raw: true} }

// fill sets what a request of this order sends. Only keys differ from order to
// order.
func (p *pair) fill(v *dialect.Vars, i int) {
	v.Reset()
	key := func(n int) dialect.Text { return dialect.Text{S: p.keys[n%len(p.keys)]} }
	for x, text := range map[dialect.Var]dialect.Text{
		dialect.Key: key(0), dialect.Name: key(0), dialect.Parent: key(0), dialect.Run: {S: p.session.ID()},
		dialect.From: key(i), dialect.To: key(i + 1), dialect.Amount: number(amounts[i%len(amounts)]),
		dialect.Block: number(1), dialect.N: number(int64(*p.tried)), dialect.Op: number(int64(*p.tried)), dialect.Attempt: number(1),
		dialect.Client: number(int64(i)), dialect.Tag: {S: "tag-" + values[i%len(values)]},
		dialect.IdempotencyKey: {S: p.keys[0] + "-" + values[i%len(values)]},
	} {
		v.Set(x, text)
	}
	switch p.workload.Kind {
	case "counter", "lease", "transfer", "pair":
		v.Set(dialect.Value, number(amounts[i%len(amounts)]))
	case "append":
		v.Set(dialect.Value, dialect.Text{S: `["` + values[i%len(values)] + `"]`, Raw: true})
	default:
		v.Set(dialect.Value, dialect.Text{S: values[i%len(values)]})
	}
}

// setUp makes one key.
func (p *pair) setUp(ctx context.Context, n int) error {
	d := p.observer.Dialect()
	var v dialect.Vars
	for _, step := range []history.Step{history.StepSetup, history.StepReset, history.StepCreate} {
		if !d.Has(step) {
			continue
		}
		p.fill(&v, 0)
		v.Set(dialect.Key, dialect.Text{S: p.keys[n]})
		v.Set(dialect.Name, dialect.Text{S: p.keys[n]})
		v.Set(dialect.Client, number(-1))
		v.Set(dialect.Tag, dialect.Text{S: "init"})
		switch p.workload.Kind {
		case "counter", "lease", "transfer", "pair":
			v.Set(dialect.Value, number(p.workload.Initial))
		case "append":
			v.Set(dialect.Value, dialect.Text{S: "[]", Raw: true})
		default:
			v.Set(dialect.Value, dialect.Text{S: "init"})
		}
		a, err := p.observer.Ask(ctx, step, &v, 0)
		if err != nil {
			return err
		}
		if a.Class != history.OK {
			return p.cannot(step, a, p.observer, &v, "the set-up of a key")
		}
		if a.HasKey {
			p.keys[n] = keep(a.Key).S
		}
		return nil
	}
	return nil // the first request that names the key makes it
}

func (p *pair) cannot(step history.Step, a *dialect.Answer, l *runner.Line, v *dialect.Vars, what string) error {
	said := "got no answer"
	if a.Status > 0 {
		said = fmt.Sprintf("was answered with %d (%s)", a.Status, a.Class)
	}
	return &runner.CannotRun{What: what + " " + said, Curl: l.Curl(step, v), Answer: a.Detail,
		Hint: "run the request by hand, then see target." + string(step) + " in the scenario"}
}

// named are variables that stand for themselves: {key}.
func named() *dialect.Vars {
	v := &dialect.Vars{}
	for x, name := range wire.VarNames {
		if name != "" && dialect.Var(x) != dialect.Token {
			v.Set(dialect.Var(x), dialect.Text{S: "{" + name + "}", Raw: dialect.Var(x) == dialect.Amount || dialect.Var(x) == dialect.Value})
		}
	}
	return v
}

// trace is what the application may put into its statements, so that they name
// their request: the trace id of the header traceparent.
func (p *pair) trace(i int) string { return fmt.Sprintf("%016x%016x", uint64(*p.tried), uint64(i+1)) }

// send sends request i and takes its answer apart.
func (p *pair) send(ctx context.Context, i int) history.Reply {
	parent := transport.Header{Name: "traceparent", Value: "00-" + p.trace(i) + "-00000000000000" + fmt.Sprintf("%02x", i+1) + "-01"}
	return p.ask(ctx, p.lines[i], p.steps[i], p.vars[i], parent)
}

func (p *pair) ask(ctx context.Context, l *runner.Line, step history.Step, v *dialect.Vars, headers ...transport.Header) history.Reply {
	r := history.Reply{Step: step, Sent: true, Call: p.now(), Curl: l.Curl(step, v)}
	a, err := l.Ask(ctx, step, v, 0, headers...)
	r.Return = p.now()
	if err != nil {
		r.Class, r.Facts = history.Rejected, map[string]string{"error": err.Error()}
		return r
	}
	r.Status, r.Class, r.Effect = a.Status, a.Class, a.Effect
	if a.Status == 0 {
		return r
	}
	r.Facts = facts(a.Body, p.keys, p.mask)
	if a.HasVersion {
		r.Facts["version"] = short(p.mask(unnamed(a.Version.S, p.keys)))
	}
	if a.HasValue {
		r.Value = short(p.mask(unnamed(a.Value.S, p.keys)))
	}
	return r
}

// final reads every key.
func (p *pair) final(ctx context.Context) []history.Reply {
	if !p.observer.Dialect().Has(history.StepRead) {
		return nil
	}
	var out []history.Reply
	for n := range p.keys {
		var v dialect.Vars
		p.fill(&v, 0)
		v.Set(dialect.Key, dialect.Text{S: p.keys[n]})
		v.Set(dialect.Client, number(-1))
		out = append(out, p.ask(ctx, p.observer, history.StepRead, &v))
	}
	return out
}

// tidy removes the keys of an order, where the scenario says how.
func (p *pair) tidy(ctx context.Context) {
	if !p.observer.Dialect().Has(history.StepTeardown) {
		return
	}
	for n := range p.keys {
		var v dialect.Vars
		p.fill(&v, 0)
		v.Set(dialect.Key, dialect.Text{S: p.keys[n]})
		_, _ = p.observer.Ask(ctx, history.StepTeardown, &v, 0) // the keys are of no further use
	}
}

func sortTexts(s []string) { sort.Strings(s) }
