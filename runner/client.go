package runner

import (
	"context"
	"strings"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/draw"
	"tussle/runner/live"
	"tussle/runner/locking"
	"tussle/runner/talk"
	"tussle/runner/texts"
	"tussle/runner/transport"
	"tussle/runner/workload"
)

// client drives one step machine over one connection: it owns time and I/O,
// the machine decides. Everything that it does is recorded.
type client struct {
	id       int
	block    *block
	sp       *spoken
	machine  *locking.Machine
	work     workload.Workload
	conn     *transport.Conn
	readConn *transport.Conn // of reads, when they go elsewhere
	who      *identity
	gen      int // of the identity's login
	member   *member

	req     transport.Request
	resp    transport.Response
	answer  dialect.Answer
	other   dialect.Answer // of second deliveries
	buf     *history.Buffer
	pending []history.Request // of the current operation, not yet encoded; touched in the buffer's turns only
	texts   texts.Arena       // their texts
	timer   *time.Timer
	session int
	failed  error // why the last request got no answer; nil when it got one
	live    *live.Counter

	requests int
	pages    pages // of a list that is read
	paging   bool  // an observation's list is read
	spoilt
}

// newClient prepares client id of a block; its connection is opened before
// the block starts.
func newClient(b *block, id int) *client {
	sp := b.sp
	c := &client{id: id, block: b, sp: sp, work: b.work, live: live.NewCounter(),
		who: sp.who[max(id, 0)%len(sp.who)], timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	c.buf = b.run.hist.Swept(c.encode)
	c.conn = transport.NewConn(sp.end, nil, b.run.clock.now)
	if sp.readEnd != nil {
		c.readConn = transport.NewConn(sp.readEnd, nil, b.run.clock.now)
	}
	c.machine = locking.New(locking.Config{
		Locking: sp.Locking, Workload: b.work, Dialect: sp.speak, Retry: b.retry, Identify: sp.identify,
		Seed: draw.Seed(b.run.s.Seed), Client: id, Block: b.number, Run: b.run.id, Own: b.own, Think: b.think(), Names: b.names,
		Ordered: b.run.s.Target.LockOrder != "given", IdempotencyKey: sp.IdempotencyKey,
		RetryUnknown: sp.Retry.Unknown == "retry", ListAll: listsAll(b.stretch.workload.Kind, sp.speak),
	})
	c.who.keep(&c.machine.Vars)
	for name, text := range sp.prepared {
		c.machine.Vars.Keep(name, text)
	}
	return c
}

// open connects and presents the identity's headers.
func (c *client) open(ctx context.Context) error {
	h, gen, err := c.who.headersNow(ctx)
	if err != nil {
		return err
	}
	c.present(h, gen)
	if c.member == nil {
		if c.member, err = c.sp.enter(ctx, c.id, c.who); err != nil {
			return err
		}
		c.member.know(&c.machine.Vars)
	}
	deadline := time.Now().Add(10 * time.Second)
	if c.readConn != nil {
		if err := c.readConn.Open(ctx, deadline); err != nil {
			return err
		}
	}
	return c.conn.Open(ctx, deadline)
}

func (c *client) present(h []transport.Header, gen int) {
	c.gen, c.conn.Fixed = gen, h
	if c.readConn != nil {
		c.readConn.Fixed = h
	}
}

func (c *client) close() {
	c.sp.leave(c.member)
	c.member = nil
	c.buf.Close()
	c.conn.Close()
	if c.readConn != nil {
		c.readConn.Close()
	}
	if c.second != nil {
		c.second.Close()
	}
}

// operate runs one operation from its intended start to its end.
func (c *client) operate(ctx context.Context, op workload.Op, n int, planned int64) history.Outcome {
	now := c.block.run.clock.now
	rec := history.Operation{Block: c.block.number, Client: c.id, Session: c.session, Op: n, Intent: op.Intent,
		Key: c.block.names[op.Key].Record, Planned: planned, Call: now(), Amount: op.Amount}
	if op.Key2 >= 0 {
		rec.Key2 = c.block.names[op.Key2].Record
	}
	c.requests = 0
	m := c.machine
	committed := false
	act := m.Start(op, n)
	for act.Do != locking.Done {
		if ctx.Err() != nil { // the drain is over
			act = locking.Action{Do: locking.Done, Outcome: history.GaveUp, Reason: "the block ended"}
			break
		}
		switch act.Do {
		case locking.Send:
			act = c.send(ctx)
		case locking.Wait:
			c.sleep(ctx, act.For)
			act = m.Woke()
		}
		if m.Committed && !committed {
			committed, rec.Commit = true, now()
		}
	}
	if m.Committed && act.Outcome != history.Committed {
		act.Outcome, act.Reason = history.Committed, "" // only the unlock was left
	}
	rec.Return, rec.Outcome, rec.Reason, rec.Known = now(), act.Outcome, act.Reason, m.Known
	if act.Outcome != history.Committed {
		rec.Commit = 0
	}
	if op.Own != nil {
		rec.Name, rec.Captured, rec.Breach = op.Own.Name, m.Captured(), m.Breach
	}
	rec.Attempts, rec.Conflicts, rec.Requests, rec.Waited = m.Attempts, m.Conflicts, c.requests, int64(m.Waited)
	c.ended(&rec)
	c.block.livelock.operation(m.Livelock, act.Outcome == history.Committed && op.Intent != history.IntentRead)
	c.live.Operation(op.Intent != history.IntentRead && act.Outcome == history.Committed, m.Attempts, m.Conflicts,
		time.Duration(rec.Return-planned))
	if act.Outcome == history.OutcomeUnknown {
		c.session++
	}
	return act.Outcome
}

// send sends what the machine asks and tells it the answer.
func (c *client) send(ctx context.Context) locking.Action {
	c.askLoggedIn(ctx)
	if c.crash != nil {
		c.goneWithLock()
		c.machine.Crash()
		return locking.Action{Do: locking.Done, Outcome: history.Failed, Reason: "the client crashed while it held the lock (fault)"}
	}
	return c.machine.Answer(&c.answer)
}

// ask performs one exchange and records it.
func (c *client) ask(ctx context.Context) {
	m := c.machine
	a := &m.Ask
	c.deliverLate(ctx, false)
	c.heldUp(ctx)
	c.by, c.truth, c.copy, c.late = nil, 0, nil, nil
	before := 0
	conn := c.conn
	if a.Step == history.StepRead {
		if c.readConn != nil && c.block.replica {
			conn = c.readConn
		}
		if c.block.watch != nil {
			before = c.block.watch.latest(a.Key.Record)
		}
	}
	var res transport.Result
	if j := c.jar(); j != nil {
		j.Fill(&m.Vars, c.sp.speak.Own(a.Step))
		j.Fill(&m.Vars, c.who.named)
	}
	if err := c.sp.speak.Render(a.Step, &m.Vars, &c.req); err != nil {
		res.Call = c.block.run.clock.now()
		res.Return, res.Err = res.Call, err
	} else {
		if a.Step == history.StepList || c.paging {
			c.pages.turn(&c.req)
		}
		res = c.deliver(ctx, conn, a)
	}
	var followed *locking.Ask
	if c.sp.speak.Follows(a.Step) {
		followed = c.follow(ctx, conn, a, &res)
	}
	c.requests++
	c.failed = res.Err
	c.readAnswer(a.Step, &res, &c.resp, m.Vars.Sent(), &c.answer)
	if followed != nil {
		c.afterHops()
		a = followed
	}
	if a.Step == history.StepList {
		c.pages.take(c.sp.end.URL, &c.answer)
		if m.ListAll {
			balances(&c.answer, c.block.names)
		}
	}
	c.observe(a, before)
	c.crash = c.crashes()
	c.record(a, &res)
}

// jar is the client's; nil where it keeps none, or has not joined yet.
func (c *client) jar() *talk.Jar {
	if c.member == nil {
		return nil
	}
	return c.member.jar
}

// deliver adds to c.req what comes last and sends it.
func (c *client) deliver(ctx context.Context, conn *transport.Conn, a *locking.Ask) transport.Result {
	c.who.Present(&c.machine.Vars, &c.req)
	if err := talk.Finish(&c.req, conn, c.jar(), c.sp.sign); err != nil {
		now := c.block.run.clock.now()
		return transport.Result{Call: now, Return: now, Err: err}
	}
	res := c.exchange(conn, exchange{ctx, a.Step, a.Attempt, c.deadline(ctx, a.Step)})
	if res.Err == nil {
		c.jar().Take(c.req.Target(), &c.resp)
	}
	return res
}

// follow goes where redirects lead. What redirected is recorded as a request of
// its own: a write that is answered with a page to go to was applied. It returns
// what the request is called that brought the answer; nil when it is the step's.
func (c *client) follow(ctx context.Context, conn *transport.Conn, a *locking.Ask, res *transport.Result) *locking.Ask {
	var then *locking.Ask
	for hops := 0; hops < talk.MaxHops && res.Err == nil; hops++ {
		target, same, ok := talk.Leads(&c.resp, c.sp.end.URL, c.req.Target())
		if !ok {
			break
		}
		asked := a
		if then != nil {
			asked = then
		}
		c.requests++
		c.readAnswer(asked.Step, res, &c.resp, c.machine.Vars.Sent(), &c.answer)
		if !same && !talk.Safe(c.req.Method()) {
			c.answer.Class, c.answer.Effect = history.OK, history.Applied
		}
		c.record(asked, res)
		if !same {
			page := *a
			page.Step += "/follow"
			then = &page
		}
		talk.GoTo(&c.req, target, same)
		*res = c.deliver(ctx, conn, a)
	}
	return then
}

// afterHops corrects the answer of a step that ended on a page: whatever is
// wrong with the page, the write before it was applied.
func (c *client) afterHops() {
	if c.answer.Class != history.OK && c.answer.Effect != "" {
		c.answer.Effect = history.Unknown
	}
}

// exchange is one request that is about to be sent.
type exchange struct {
	ctx      context.Context
	step     history.Step
	attempt  int
	deadline time.Time
}

// exchange sends c.req and reads the answer into c.resp.
func (c *client) exchange(conn *transport.Conn, do exchange) transport.Result {
	if c.gated(do.step, do.attempt) {
		return c.doTogether(conn, do)
	}
	if f := c.struck(do); f != nil {
		return c.spoil(conn, do, f)
	}
	return conn.Do(do.ctx, &c.req, &c.resp, do.deadline)
}

// deadline of one request: the step's timeout, but not past the drain.
func (c *client) deadline(ctx context.Context, step history.Step) time.Time {
	d := time.Now().Add(c.timeout(step))
	if end, ok := ctx.Deadline(); ok && end.Before(d) {
		return end
	}
	return d
}

func (c *client) timeout(step history.Step) time.Duration {
	t := c.sp.speak.Timeout(step)
	if t <= 0 {
		t = time.Duration(c.block.run.s.Target.Timeout)
	}
	return t + c.sp.speak.Wait(step)
}

// readAnswer fills ans from an exchange; sent is what its request carried.
func (c *client) readAnswer(step history.Step, res *transport.Result, resp *transport.Response, sent dialect.Sent, ans *dialect.Answer) {
	if res.Err == nil {
		ans.Sent = sent
		c.sp.speak.Read(step, resp, ans)
		ans.Tag.S = strings.TrimPrefix(ans.Tag.S, c.block.own)
		return
	}
	*ans = dialect.Answer{}
	ans.Class, ans.Effect = wire.NoAnswer(c.sp.speak.As(step), res.Timeout, res.Started)
}

// record keeps the request until the operation ends or the history's writer
// comes by: encoding it here would lengthen the window between read and write.
func (c *client) record(a *locking.Ask, res *transport.Result) {
	c.buf.Lock()
	defer c.buf.Unlock()
	ans := &c.answer
	keep := c.texts.Keep
	r := history.Request{
		Block: c.block.number, Client: c.id, Session: c.session, Op: c.machine.Op(), Attempt: a.Attempt,
		Step: a.Step, Key: a.Key.Record, Call: res.Call, Return: res.Return, Status: ans.Status, Class: ans.Class,
		Expect: keep(a.Expect), Version: keep(ans.Version.S), Base: keep(a.Base), Tag: keep(a.Tag), Value: keep(a.Value),
		Lock: keep(a.Lock), Fence: keep(a.Fence), Sent: res.Sent, Received: res.Received,
		Problem: keep(ans.Problem), Detail: keep(ans.Detail),
	}
	if c.sp.speak.Writes(a.Step) {
		r.Effect = ans.Effect
		if a.Step == history.StepCreate {
			r.Saw = keep(shown(ans))
		}
	} else if ans.HasTag {
		r.Saw = keep(ans.Tag.S)
	}
	r.Absent = ans.Absent && ans.Status != 404 && ans.Status != 410
	if a.Step == history.StepList {
		r.Part = keep(c.pages.lacks)
	}
	if ans.HasValue && !a.Step.Writes() {
		r.Value = keep(ans.Value.S)
	}
	if a.Step == history.StepLock {
		r.Fence, r.TTL = keep(ans.Fence.S), int64(ans.Granted)
		if ans.HasToken || ans.Class != history.OK {
			r.Lock = keep(ans.Token.S) // and else the one that the client chose
		}
	}
	if a.Step == history.StepCreate && ans.HasKey {
		r.Value = keep(ans.Key.S)
	}
	if res.Err != nil {
		r.Error = res.Err.Error()
	}
	if c.by != nil {
		r.Fault, r.Truth = c.by.Name, c.truth
	}
	r.Vars = c.besides(a, ans)
	if c.crash != nil {
		r.Fault = c.crash.Name
	}
	c.pending = append(c.pending, r)
	if c.copy != nil || c.late != nil {
		c.recordCopy(a, &r)
	}
	if len(c.pending) >= 64 {
		c.encode()
	}
}

// shown is what tells whose object the answer to a create shows.
func shown(a *dialect.Answer) string {
	if a.HasTag || !a.HasValue {
		return a.Tag.S
	}
	return a.Value.S
}

// flush encodes what is pending.
func (c *client) flush() {
	c.buf.Lock()
	defer c.buf.Unlock()
	c.encode()
}

// ended records the end of an operation.
func (c *client) ended(o *history.Operation) {
	c.buf.Lock()
	defer c.buf.Unlock()
	c.encode()
	c.buf.Operation(o)
}

// encode is called in the buffer's turns only.
func (c *client) encode() {
	for i := range c.pending {
		c.buf.Request(&c.pending[i])
	}
	c.pending = c.pending[:0]
	c.texts.Reset()
}

// sleep waits, but not past the end of ctx.
func (c *client) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	c.timer.Reset(d)
	select {
	case <-c.timer.C:
	case <-ctx.Done():
		c.timer.Stop()
	}
}

// pause waits between operations; false when the block stops meanwhile.
func (c *client) pause(stop <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	c.timer.Reset(d)
	select {
	case <-c.timer.C:
		return true
	case <-stop:
		c.timer.Stop()
		return false
	}
}

// askLoggedIn asks; after a 401 it logs in again, or joins again where that is
// how clients become known, and asks once more, as a request of its own.
func (c *client) askLoggedIn(ctx context.Context) {
	c.ask(ctx)
	if c.answer.Status != 401 || c.who.login == nil && c.sp.joins == nil {
		return
	}
	if c.who.login != nil {
		h, gen, err := c.who.renew(ctx, c.gen)
		if err != nil {
			return
		}
		c.present(h, gen)
		c.member.jar.Give(c.who.given())
	}
	if c.sp.joins != nil && c.sp.join(ctx, c.member, c.who, c.sp.number()) != nil {
		return
	}
	c.member.know(&c.machine.Vars)
	c.ask(ctx)
}
