package probe

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner"
	"tussle/runner/dialect"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// prober probes one strategy with two clients, A and B.
type prober struct {
	session  *runner.Session
	strategy *scenarios.Strategy
	index    int
	opt      Options
	parties  [2]*party
	keys     int
	writes   int
	requests int
	things   []*thing
	partner  *thing       // of a pair: the other one
	same     dialect.Text // with Options.Same: what is written
	table    Table
	leased   time.Time     // when the lock was taken that shall lapse
	lockWait time.Duration // after which a lock that is not granted counts as refused
}

// party is one of the two clients.
type party struct {
	*prober
	who  int
	line *runner.Line
	vars dialect.Vars
}

// thing is a resource under test.
type thing struct {
	id      string
	n       int
	created bool // there is something to tear down
}

// state is what a client knows of a thing.
type state struct {
	version dialect.Text
	body    dialect.Text
	value   string
	absent  bool
	named   map[string]dialect.Text
}

// held is a lock as its holder knows it.
type held struct{ lock, fence dialect.Text }

// reply is a copy of what an answer said.
type reply struct {
	step     history.Step
	status   int
	class    history.Class
	state    state
	held     held
	key      string
	problem  string
	detail   string
	encoding string
	value    string // that was sent
	curl     string
	err      error
}

func (r reply) ok() bool { return r.class == history.OK }

// refused reports whether the server said no: not merely that it broke down.
func (r reply) refused() bool {
	return r.class.Conflict() || r.class == history.PreconditionRequired || r.class == history.Rejected
}

// silent reports whether nothing is known of what the server did: no answer
// came, or one that says it broke down.
func (r reply) silent() bool { return r.err == nil && (r.status == 0 || r.status >= 500) }

// said is the answer in a word.
func (r reply) said() string {
	switch {
	case r.err != nil:
		return "nothing: the request cannot be made"
	case r.status == 0 && r.class == history.Timeout:
		return "no answer in time"
	case r.status == 0:
		return "no answer: the connection was closed (did the server break down on it?)"
	case r.status/100 == 2 && !r.ok():
		return strconv.Itoa(r.status) + ", which means " + string(r.class)
	}
	return strconv.Itoa(r.status)
}

func newProber(ctx context.Context, s *runner.Session, index int, o Options) (*prober, error) {
	p := &prober{session: s, strategy: &s.Scenario().Strategies[index], index: index, opt: o, lockWait: 500 * time.Millisecond}
	for i := range p.parties {
		line, err := s.Line(ctx, index, i)
		if err != nil {
			return nil, err
		}
		p.parties[i] = &party{prober: p, who: i, line: line}
	}
	return p, nil
}

// close removes what was made and closes the lines.
func (p *prober) close(ctx context.Context) {
	if p.has(history.StepTeardown) && ctx.Err() == nil {
		for _, t := range p.things {
			if t.created {
				p.parties[0].do(ctx, history.StepTeardown, t, nil)
			}
		}
	}
	for _, q := range p.parties {
		q.line.Close()
	}
}

func (p *prober) has(step history.Step) bool { return p.parties[0].line.Dialect().Has(step) }

func (p *prober) uses(step history.Step, v dialect.Var) bool {
	return p.parties[0].line.Dialect().Uses(step, v)
}

// name makes a key that is not there yet.
func (p *prober) name() *thing {
	t := &thing{n: p.keys, id: p.session.ID() + "-s" + strconv.Itoa(p.index) + "k" + strconv.Itoa(p.keys)}
	p.keys++
	p.things = append(p.things, t)
	return t
}

// fresh makes a resource and reads it.
func (p *prober) fresh(ctx context.Context) (*thing, state) {
	a := p.parties[0]
	t := p.name()
	for _, step := range []history.Step{history.StepSetup, history.StepReset, history.StepCreate} {
		if !p.has(step) {
			continue
		}
		r := a.do(ctx, step, t, func(v *dialect.Vars) { p.fill(v, "init") })
		if !r.ok() {
			stop(alone(r, "set-up of a resource"))
		}
		t.created = true
		if r.key != "" {
			t.id = r.key
		}
		break
	}
	if p.partner == nil && p.session.Scenario().Workload.Kind == "pair" {
		p.partner = t
		return p.fresh(ctx)
	}
	r := a.read(ctx, t)
	if r.silent() {
		r = a.read(ctx, t) // it may have been the moment
	}
	if !r.ok() || r.state.absent {
		stop(alone(r, "the read of a resource that was set up"))
	}
	if p.opt.Same && p.same.S == "" {
		p.same = dialect.Text{S: r.state.value}
	}
	return t, r.state
}

// fill sets a value that was not sent before, and its tag.
func (p *prober) fill(v *dialect.Vars, tag string) {
	p.writes++
	if tag == "" {
		tag = "p." + strconv.Itoa(p.writes)
	}
	v.Set(dialect.Value, p.next())
	v.Set(dialect.Tag, dialect.Text{S: tag})
	if p.partner != nil {
		key, _ := v.Get(dialect.Key)
		v.Set(dialect.From, key)
		v.Set(dialect.To, dialect.Text{S: p.partner.id})
	}
}

// next is a value of the workload's type.
func (p *prober) next() dialect.Text {
	if p.opt.Same {
		return p.same
	}
	w := p.session.Scenario().Workload
	n := strconv.Itoa(p.writes)
	switch w.Kind {
	case "counter", "lease", "transfer":
		return dialect.Text{S: strconv.FormatInt(w.Initial+int64(p.writes), 10), Raw: true}
	case "pair":
		return dialect.Text{S: "1", Raw: true} // allowed whatever the other is
	case "append":
		return dialect.Text{S: `["p` + n + `"]`, Raw: true}
	}
	return dialect.Text{S: "p" + n}
}

// do sends one step on a thing.
func (q *party) do(ctx context.Context, step history.Step, t *thing, set func(*dialect.Vars)) reply {
	return q.within(ctx, 0, step, t, set)
}

// within is do with a deadline of its own and further headers.
func (q *party) within(ctx context.Context, d time.Duration, step history.Step, t *thing, set func(*dialect.Vars), headers ...transport.Header) reply {
	if ctx.Err() != nil {
		stop(ctx.Err())
	}
	v := &q.vars
	v.Reset()
	number := func(n int) dialect.Text { return dialect.Text{S: strconv.Itoa(n), Raw: true} }
	for x, text := range map[dialect.Var]dialect.Text{
		dialect.Key: {S: t.id}, dialect.Name: {S: t.id}, dialect.Parent: {S: t.id}, dialect.Run: {S: q.session.ID()},
		dialect.Block: number(1), dialect.N: number(t.n), dialect.Op: number(q.requests), dialect.Attempt: number(1), dialect.Client: number(q.who),
	} {
		v.Set(x, text)
	}
	if set != nil {
		set(v)
	}
	q.requests++
	r := reply{step: step, curl: q.line.Curl(step, v)}
	for _, h := range headers {
		r.curl += " -H '" + h.Name + ": " + h.Value + "'"
	}
	if sent, ok := v.Get(dialect.Value); ok {
		r.value = sent.S
	}
	a, err := q.line.Ask(ctx, step, v, d, headers...)
	if err != nil {
		r.err, r.class = err, history.Rejected
		return r
	}
	r.status, r.class = a.Status, a.Class
	r.state = state{version: keep(a.Version), value: strings.Clone(a.Value.S), absent: a.Absent, named: map[string]dialect.Text{}}
	for name, text := range a.Named {
		r.state.named[name] = keep(text)
	}
	if a.HasKey {
		r.key = strings.Clone(a.Key.S)
	}
	r.held = held{keep(a.Token), keep(a.Fence)}
	r.problem, r.detail = strings.Clone(a.Problem), strings.Clone(a.Detail)
	if a.Status > 0 {
		r.encoding = q.line.Header("Content-Encoding")
	}
	if step == history.StepRead && q.uses(history.StepWrite, dialect.ReadBody) {
		r.state.body = dialect.Text{S: string(a.Body), Raw: true}
	}
	return r
}

func keep(t dialect.Text) dialect.Text { return dialect.Text{S: strings.Clone(t.S), Raw: t.Raw} }

func (q *party) read(ctx context.Context, t *thing) reply {
	return q.do(ctx, history.StepRead, t, nil)
}

// know sets what a state gives to later steps.
func (s state) know(v *dialect.Vars) {
	if s.version.S != "" {
		v.Set(dialect.Version, s.version)
	}
	if s.body.S != "" {
		v.Set(dialect.ReadBody, s.body)
	}
	for _, name := range slices.Sorted(maps.Keys(s.named)) {
		v.SetNamed(name, s.named[name])
	}
}

func (h held) know(v *dialect.Vars) {
	if h.lock.S != "" {
		v.Set(dialect.Lock, h.lock)
	}
	if h.fence.S != "" {
		v.Set(dialect.Fence, h.fence)
	}
}

// write writes a new value on a state, with a lock if there is one.
func (q *party) write(ctx context.Context, t *thing, on state, with held) reply {
	return q.do(ctx, history.StepWrite, t, func(v *dialect.Vars) {
		q.fill(v, "")
		on.know(v)
		with.know(v)
	})
}

// remove deletes a state.
func (q *party) remove(ctx context.Context, t *thing, on state, with held) reply {
	return q.do(ctx, history.StepDelete, t, func(v *dialect.Vars) {
		on.know(v)
		with.know(v)
	})
}

// create makes a thing that must not be there.
func (q *party) create(ctx context.Context, t *thing, with held) reply {
	r := q.do(ctx, history.StepCreate, t, func(v *dialect.Vars) {
		q.fill(v, "")
		with.know(v)
	})
	if r.ok() {
		t.created = true
		if r.key != "" {
			t.id = r.key
		}
	}
	return r
}
