package probe

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner"
	"tussle/runner/dialect"
	"tussle/runner/locking"
	"tussle/runner/transport"
	"tussle/runner/workload"
)

// party is one of the two clients.
type party struct {
	*prober
	who     int
	line    *runner.Line
	vars    dialect.Vars
	op      int  // {op}: one for each operation
	ended   bool // the operation has ended: the next request begins another
	holding bool
	chosen  dialect.Text // token of the lock that was asked for last, where the client chooses it
}

// thing is a resource under test.
type thing struct {
	id, record string
	n          int
	created    bool // there is something to tear down
}

// state is what a client knows of a thing.
type state struct {
	version dialect.Text
	body    dialect.Text
	name    string // its identity, as the strategy's reads tell it
	seen    workload.Seen
	named   map[string]dialect.Text
}

// held is a lock as its holder knows it.
type held struct{ lock, fence dialect.Text }

// reply is a copy of what an answer said.
type reply struct {
	class    history.Class
	effect   history.Effect
	state    state
	held     held
	key      string
	encoding string
	wait     time.Duration
	clear    bool // it tells something
	err      error
}

func (r reply) ok() bool { return r.clear && r.class == history.OK }

func (p *prober) has(step history.Step) bool { return p.parties[0].line.Dialect().Has(step) }

func (p *prober) uses(step history.Step, v dialect.Var) bool {
	return p.parties[0].line.Dialect().Uses(step, v)
}

// guards reports whether writes present the lock, so that the server can look
// at it.
func (p *prober) guards() bool {
	return p.uses(history.StepWrite, dialect.Lock) || p.uses(history.StepWrite, dialect.Fence)
}

// name makes a key that is not there yet.
func (p *prober) name() *thing {
	record := "s" + strconv.Itoa(p.index) + "k" + strconv.Itoa(p.keys)
	t := &thing{n: p.keys, record: record, id: p.session.ID() + "-" + record}
	p.keys++
	p.things = append(p.things, t)
	return t
}

// tag is a text that no other request of any probe carries.
func (p *prober) tag() string {
	p.tags++
	return p.session.ID() + "." + strconv.Itoa(p.index) + "." + strconv.Itoa(p.tags)
}

// number is a JSON number.
func number(n int64) dialect.Text { return dialect.Text{S: strconv.FormatInt(n, 10), Raw: true} }

// brakes bounds how long a throttled request is repeated, and all of them.
const (
	brakeTries = 6
	brakeMost  = 10 * time.Second
	brakeAll   = 60 * time.Second
)

// lookPause is the first pause before a read that told nothing is asked again:
// a proxy's page or a torn body passes.
const lookPause = time.Millisecond

// do sends one step on a thing. A throttled request is sent again as the
// server says, unless it may have been carried out; a read that could not be
// read, soon.
func (c *party) do(ctx context.Context, q *asking, role string, step history.Step, t *thing, fill func(*dialect.Vars, *history.Request), headers ...transport.Header) reply {
	return c.within(ctx, 0, q, role, step, t, fill, headers...)
}

// within is do with a deadline of its own.
func (c *party) within(ctx context.Context, d time.Duration, q *asking, role string, step history.Step, t *thing, fill func(*dialect.Vars, *history.Request), headers ...transport.Header) reply {
	if c.ended {
		c.ended = false
		c.op = c.ops
		c.ops++
	}
	tries := brakeTries
	if step == history.StepLock && d > 0 {
		tries = 2 // another holds it
	}
	var r reply
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			stop(ctx.Err())
		}
		var again bool
		r, again = c.send(ctx, d, q, role, step, t, fill, headers, try < tries && c.braked < brakeAll)
		if !again {
			break
		}
		if r.class != history.Throttled {
			rest(ctx, lookPause<<try)
			continue
		}
		wait := min(max(r.wait, 50*time.Millisecond), brakeMost)
		c.braked += wait
		rest(ctx, wait)
	}
	c.ended = step.Writes() && !c.holding || step == history.StepUnlock
	if !r.clear && !(step == history.StepLock && d > 0) {
		q.unclear = true
	}
	return r
}

// send sends the request once and records it; again says that it was told to
// wait and may be sent again.
func (c *party) send(ctx context.Context, d time.Duration, q *asking, role string, step history.Step, t *thing,
	fill func(*dialect.Vars, *history.Request), headers []transport.Header, may bool) (r reply, again bool) {
	v := &c.vars
	v.Reset()
	for x, text := range map[dialect.Var]dialect.Text{
		dialect.Key: {S: t.id}, dialect.Name: {S: t.id}, dialect.Parent: {S: t.id}, dialect.Run: {S: c.session.ID()},
		dialect.Block: number(int64(max(q.block, 0))), dialect.N: number(int64(t.n)), dialect.Op: number(int64(c.op)),
		dialect.Attempt: number(1), dialect.Client: number(int64(c.who)),
	} {
		v.Set(x, text)
	}
	v.Set(dialect.UUID, dialect.Text{S: wire.UUIDOf(c.session.ID(), q.block, c.who, c.op)})
	if token, ok := c.line.Dialect().Chosen(v); ok && step == history.StepLock {
		c.chosen = dialect.Text{S: strings.Clone(token.S)}
		v.Set(dialect.Lock, c.chosen)
	}
	if c.strategy.IdempotencyKey {
		v.Set(dialect.IdempotencyKey, dialect.Text{S: c.session.ID() + "-" + strconv.Itoa(c.index) + "-" + strconv.Itoa(c.op)})
	}
	rec := history.Request{Block: q.block, Client: c.who, Op: c.op, Attempt: 1, Step: step, Key: t.record}
	if role == "setup" {
		rec.Client, rec.Attempt = history.Observer, 0
	}
	if fill != nil {
		fill(v, &rec)
	}
	if !c.uses(step, dialect.Value) && step.Writes() && step != history.StepAdd && step != history.StepTransfer {
		rec.Value = "" // it was not sent
	}
	if version, ok := v.Get(dialect.Version); ok && c.uses(step, dialect.Version) {
		rec.Expect = version.S
	}
	curl := c.line.Curl(step, v)
	for _, h := range headers {
		curl += " -H '" + h.Name + ": " + h.Value + "'"
	}
	a, err := c.line.Ask(ctx, step, v, d, headers...)
	if err != nil { // it cannot be made of what is known
		rec.Call = c.session.Now()
		rec.Return, rec.Class, rec.Error = rec.Call, history.Transport, "the request cannot be made: "+err.Error()
		if step.Writes() {
			rec.Effect = history.Refused
		}
		q.record(&rec, role, curl)
		return reply{class: history.Transport, err: err}, false
	}
	c.fill(&r, &rec, a, step)
	if lag := declared(c.line); step == history.StepRead && lag != "" && a.Status > 0 {
		q.attrs["lag"] = lag
	}
	again = may && (r.class == history.Throttled && !(step.Writes() && r.effect == history.Unknown) ||
		step == history.StepRead && (r.class == history.Unreadable || r.class == history.Transport))
	if again {
		role = "asked again"
	}
	q.record(&rec, role, curl)
	return r, again
}

// fill reads an answer into a reply and the record.
func (c *party) fill(r *reply, rec *history.Request, a *dialect.Answer, step history.Step) {
	keep := strings.Clone
	res := c.line.Result()
	rec.Call, rec.Return, rec.Sent, rec.Received = res.Call, res.Return, res.Sent, res.Received
	rec.Status, rec.Class, rec.Version = a.Status, a.Class, keep(a.Version.S)
	rec.Problem, rec.Detail = keep(a.Problem), keep(a.Detail)
	if res.Err != nil {
		rec.Error = c.session.Mask(res.Err.Error())
	}
	if step.Writes() {
		rec.Effect = a.Effect
		if step == history.StepCreate && a.HasTag {
			rec.Saw = keep(a.Tag.S) // whose object the answer shows
		}
	} else {
		if a.HasTag {
			rec.Saw = keep(a.Tag.S)
		}
		if a.HasValue {
			rec.Value = keep(a.Value.S)
		}
	}
	rec.Absent = a.Absent && a.Status != 404 && a.Status != 410
	if step == history.StepLock {
		rec.Lock, rec.Fence, rec.TTL = keep(a.Token.S), keep(a.Fence.S), int64(a.Granted)
	}
	lacks := a.Class == history.OK && a.Missing != "" && !a.Absent && (step == history.StepRead || step == history.StepLock)
	if lacks && rec.Error == "" {
		rec.Error = unreadable + ": its " + a.Missing + " is not in the answer"
	}
	*r = reply{class: a.Class, effect: a.Effect, wait: time.Second,
		clear: !lacks && a.Status > 0 && a.Status < 500 && a.Class != history.Throttled && a.Class != history.Transport && a.Class != unreadable}
	if a.HasRetryAfter {
		r.wait = a.RetryAfter
	}
	r.state = state{version: keepText(a.Version), named: map[string]dialect.Text{},
		seen: workload.Seen{Exists: !a.Absent, Value: keep(a.Value.S), Raw: a.Value.Raw}}
	for name, text := range a.Named {
		r.state.named[name] = keepText(text)
	}
	switch c.strategy.Identify.By {
	case "tag":
		if r.state.name = rec.Saw; r.state.name == "" && r.state.seen.Exists {
			r.state.name = locking.Initial
		}
	case "version":
		r.state.name = rec.Version
	case "value":
		r.state.name = r.state.seen.Value
	}
	if a.HasKey {
		r.key = keep(a.Key.S)
	}
	if r.held = (held{keepText(a.Token), keepText(a.Fence)}); step == history.StepLock && !a.HasToken && a.Class == history.OK {
		r.held.lock, rec.Lock = c.chosen, c.chosen.S
	}
	if a.Status > 0 {
		r.encoding = c.line.Header("Content-Encoding")
	}
	if step == history.StepRead && c.uses(history.StepWrite, dialect.ReadBody) {
		r.state.body = dialect.Text{S: string(a.Body), Raw: true}
	}
}

// declared is what an answer says of its age: a cache may give older states
// for so long (RFC 9111, 4.2).
func declared(line *runner.Line) string {
	if age := line.Header("Age"); age != "" && age != "0" {
		return "Age: " + age
	}
	for _, d := range strings.Split(line.Header("Cache-Control"), ",") {
		d = strings.ToLower(strings.TrimSpace(d))
		name, seconds, _ := strings.Cut(d, "=")
		if n, err := strconv.Atoi(strings.Trim(seconds, `"`)); (name == "max-age" || name == "s-maxage") && err == nil && n > 0 {
			return "Cache-Control: " + d
		}
	}
	return ""
}

// unreadable marks an answer that lacks what its step must yield.
const unreadable = "unreadable"

func keepText(t dialect.Text) dialect.Text { return dialect.Text{S: strings.Clone(t.S), Raw: t.Raw} }

// know sets what a state gives to later steps.
func (s *state) know(v *dialect.Vars) {
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

func (h *held) know(v *dialect.Vars, rec *history.Request) {
	if h.lock.S != "" {
		v.Set(dialect.Lock, h.lock)
	}
	if h.fence.S != "" {
		v.Set(dialect.Fence, h.fence)
	}
	rec.Lock, rec.Fence = h.lock.S, h.fence.S
}
