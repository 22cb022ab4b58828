package runner

import (
	"context"
	"strings"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/fault"
	"tussle/runner/locking"
	"tussle/runner/transport"
)

// spoilt is what a client knows of the fault in its present request.
type spoilt struct {
	by      *fault.Fault // nil without
	truth   int
	copy    *fault.Copy
	late    *fault.Late
	second  *transport.Conn // of second deliveries
	waiting []late          // second deliveries that are still to come
	locked  int64           // when the client's lock was granted
	crash   *fault.Fault    // by which the client is gone after its last answer
}

// late is a delivery that waits, with what its record will say.
type late struct {
	*fault.Late
	by   *fault.Fault
	sent dialect.Sent
	rec  history.Request
}

// quiet reports whether a client is out of the reach of faults: observers and
// the preflight.
func (c *client) quiet() bool {
	return len(c.block.run.faults.Faults) == 0 || c.id < 0 || c.block.number < 0
}

// where says which request is about to be sent.
func (c *client) where(step history.Step, attempt int) *fault.Request {
	return &fault.Request{Strategy: c.block.strategy, Since: c.block.run.clock.now() - c.block.start, Client: c.id, Op: c.machine.Op(),
		Attempt: attempt, Number: c.requests, Step: c.sp.speak.As(step), Body: len(c.req.Body()) > 0, Held: c.machine.Ask.Lock != "", Replica: c.readConn != nil}
}

// struck draws the fault of a request.
func (c *client) struck(do exchange) *fault.Fault {
	if c.quiet() {
		return nil
	}
	return c.block.run.faults.Draw(fault.OnRequest, c.where(do.step, do.attempt))
}

// spoil performs an exchange with a fault.
func (c *client) spoil(conn *transport.Conn, do exchange, f *fault.Fault) transport.Result {
	b := c.block
	key := c.machine.Ask.Key.Record
	x := fault.Exchange{Ctx: do.ctx, Conn: conn, Other: c.secondConn, Replica: c.readConn, Req: &c.req, Resp: &c.resp,
		Client: c.id, Op: c.machine.Op(), Number: c.requests, Deadline: do.deadline, Step: c.sp.speak.As(do.step), Now: b.run.clock.now, Sleep: c.sleep,
		Grants: func() int64 { return b.watch.grantsOf(key) }, TTL: c.sp.ttl, LockedAt: c.locked}
	f.Perform(b.strategy, &x)
	c.by, c.truth, c.copy, c.late = f, x.Truth, x.Copy, x.Late
	return x.Result
}

// secondConn is the connection of second deliveries.
func (c *client) secondConn() *transport.Conn {
	if c.second == nil {
		c.second = transport.NewConn(c.sp.end, c.conn.Fixed, c.block.run.clock.now)
	}
	return c.second
}

// observe tells the block what the client was told, and counts a stale read.
func (c *client) observe(a *locking.Ask, before int) {
	w := c.block.watch
	if w == nil || c.id < 0 {
		return
	}
	key, ans := a.Key.Record, &c.answer
	switch {
	case a.Step == history.StepLock && ans.Class == history.OK:
		w.granted(key)
		c.locked = c.block.run.clock.now()
	case a.Step.Writes() && ans.Effect == history.Applied:
		state := a.Tag
		if c.sp.identify == "version" {
			state = ans.Version.S
		}
		w.acknowledged(key, state)
	case a.Step == history.StepRead && c.by != nil && c.by.Name == "stale-replica" && ans.Class == history.OK:
		state := ans.Tag.S
		if c.sp.identify == "version" {
			state = ans.Version.S
		}
		if w.stale(key, state, before, locking.Initial) {
			c.by.Effective(c.block.strategy)
		}
	}
}

// crashes returns the fault by which the client is gone now that it holds a
// lock; nil when it lives on.
func (c *client) crashes() *fault.Fault {
	a := &c.machine.Ask
	if a.Step != history.StepLock || c.answer.Class != history.OK || c.quiet() {
		return nil
	}
	return c.block.run.faults.Draw(fault.OnHolder, c.where(a.Step, a.Attempt))
}

// goneWithLock carries a crash out.
func (c *client) goneWithLock() {
	c.conn.Close()
	c.session++
	c.crash.Injected(c.block.strategy)
	c.crash.Effective(c.block.strategy)
}

// recordCopy records the second delivery of the request that was recorded
// last, as a request outside of attempts.
func (c *client) recordCopy(a *locking.Ask, rec *history.Request) {
	if c.late != nil {
		r := *rec
		for _, text := range []*string{&r.Key, &r.Expect, &r.Base, &r.Tag, &r.Value, &r.Lock, &r.Fence} {
			*text = strings.Clone(*text)
		}
		c.waiting = append(c.waiting, late{c.late, c.by, c.machine.Vars.Sent(), r})
	}
	if c.copy != nil {
		c.requests++
		c.recordSecond(*rec, c.by, c.machine.Vars.Sent(), c.copy)
	}
}

// recordSecond records a second delivery by the record of the first, in a
// turn of the buffer.
func (c *client) recordSecond(r history.Request, by *fault.Fault, sent dialect.Sent, copy *fault.Copy) {
	res := &copy.Result
	ans := &c.other
	c.readAnswer(r.Step, res, &copy.Resp, sent, ans)
	keep := c.texts.Keep
	r.Attempt, r.Fault, r.Truth, r.Error = 0, by.Name, 0, ""
	r.Call, r.Return, r.Sent, r.Received = res.Call, res.Return, res.Sent, res.Received
	r.Status, r.Class, r.Effect = ans.Status, ans.Class, ans.Effect
	r.Version, r.Problem, r.Detail = keep(ans.Version.S), keep(ans.Problem), keep(ans.Detail)
	if res.Err != nil {
		r.Error = res.Err.Error()
	}
	c.pending = append(c.pending, r)
}

// deliverLate sends what is due, or with all everything that still waits.
func (c *client) deliverLate(ctx context.Context, all bool) {
	for len(c.waiting) > 0 && (all || c.waiting[0].Due <= c.block.run.clock.now()) {
		l := c.waiting[0]
		c.waiting = c.waiting[1:]
		x := fault.Exchange{Ctx: ctx, Other: c.secondConn, Req: &c.req, Deadline: c.deadline(ctx, l.rec.Step), Now: c.block.run.clock.now}
		copy := l.Deliver(&x)
		if !copy.Result.Started {
			continue
		}
		l.by.Injected(c.block.strategy)
		if copy.Result.Err == nil {
			l.by.Effective(c.block.strategy)
		}
		c.requests++
		c.buf.Lock()
		c.recordSecond(l.rec, l.by, l.sent, copy)
		c.buf.Unlock()
	}
}

// held waits while a fault holds all clients.
func (c *client) heldUp(ctx context.Context) {
	if c.id >= 0 && c.block.number >= 0 {
		c.block.crowd.pass(ctx)
	}
}
