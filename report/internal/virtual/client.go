package virtual

import (
	"strconv"

	"tussle/history"
)

// client works through one operation after the other.
type client struct {
	w      *world
	number int
	op     history.Operation
	key    int
	due    []int64 // open model: arrivals that wait for this client
	busy   bool

	attempt int
	version int64
	value   int64
	saw     string
}

// arrive is an arrival of the open model: it is served now or waits.
func (c *client) arrive() {
	if c.w.now >= c.w.block.Stop {
		return
	}
	c.due = append(c.due, c.w.now)
	c.w.after(c.w.rng.exp(1e9*float64(c.w.block.Clients)/c.w.Rate), c.arrive)
	if !c.busy {
		c.begin()
	}
}

func (c *client) begin() {
	w := c.w
	planned := w.now
	if w.Rate > 0 {
		if len(c.due) == 0 || w.now >= w.block.Stop {
			w.block.NotStarted += len(c.due)
			c.due, c.busy = nil, false
			return
		}
		planned, c.due = c.due[0], c.due[1:]
	}
	if w.now >= w.block.Stop {
		return
	}
	c.busy = true
	c.key = int(w.rng.next() % uint64(w.Keys))
	next := c.op.Op + 1
	if c.op.Intent == "" {
		next = 0
	}
	c.op = history.Operation{Block: w.block.Block, Client: c.number, Op: next, Intent: history.IntentUpdate, Key: w.key(c.key),
		Planned: planned, Call: w.now, Amount: 1}
	c.attempt = 0
	switch {
	case w.rng.float() < w.ReadShare:
		c.op.Intent = history.IntentRead
		c.attempt = 1
		c.send(history.StepRead, c.read, func(*history.Request) { c.finish(history.Committed) })
	case w.strategy.Locking == "pessimistic":
		c.attempt = 1
		c.lock()
	default:
		c.try()
	}
}

// send does one request: out, at the server, and back.
func (c *client) send(step history.Step, at func(*history.Request), then func(*history.Request)) {
	w := c.w
	w.sent++
	c.op.Requests++
	r := &history.Request{Block: w.block.Block, Client: c.number, Op: c.op.Op, Attempt: c.attempt, Step: step, Key: c.op.Key,
		Call: w.now, Status: 200, Class: history.OK, Sent: 100}
	if w.strategy.Locking == "pessimistic" && step != history.StepRead {
		r.Lock = tag(c.number, c.op.Op, 0) // the name of the lock's holder serves as its token
	}
	mean := float64(w.Delay)
	if w.strategy.Slower > 0 {
		mean *= w.strategy.Slower
	}
	back := w.rng.exp(mean)
	w.after(w.rng.exp(mean), func() {
		reply := func() {
			at(r)
			w.after(back, func() {
				r.Return = w.now
				w.rec.Kind, w.rec.Request = history.KindRequest, *r
				w.emit(&w.rec)
				then(r)
			})
		}
		it := &w.items[c.key]
		switch {
		case step == history.StepLock && it.held:
			it.waiting = append(it.waiting, reply)
			return
		case step == history.StepLock:
			it.held = true
		case step == history.StepUnlock:
			it.held = false
			if len(it.waiting) > 0 {
				next := it.waiting[0]
				it.waiting, it.held = it.waiting[1:], true
				w.after(0, next)
			}
		}
		reply()
	})
}

func (c *client) read(r *history.Request) {
	it := &c.w.items[c.key]
	r.Version, r.Saw, r.Value = strconv.FormatInt(it.version, 10), it.tag, strconv.FormatInt(it.value, 10)
	c.version, c.value, c.saw = it.version, it.value, it.tag
}

func (c *client) write(r *history.Request) {
	it := &c.w.items[c.key]
	s := c.w.strategy
	r.Base, r.Tag = c.saw, tag(c.number, c.op.Op, c.attempt)
	r.Value = strconv.FormatInt(c.value+1, 10)
	if s.Locking == "optimistic" {
		r.Expect = strconv.FormatInt(c.version, 10)
		if it.version != c.version && !s.Broken {
			r.Status, r.Class, r.Effect, r.Problem = 412, history.Stale, history.Refused, "/problems/stale-version"
			if c.w.Details {
				r.Detail = `{"type":"/problems/stale-version","title":"stale","instance":"/etag/items/` + r.Key + `","current_version":` + strconv.FormatInt(it.version, 10) + `,"detail":"read it again"}`
			}
			return
		}
	}
	it.version, it.value, it.tag = it.version+1, c.value+1, r.Tag
	r.Effect, r.Version = history.Applied, strconv.FormatInt(it.version, 10)
}

func tag(client, op, attempt int) string {
	b := strconv.AppendInt(nil, int64(client), 10)
	b = strconv.AppendInt(append(b, '.'), int64(op), 10)
	return string(strconv.AppendInt(append(b, '.'), int64(attempt), 10))
}

func (c *client) try() {
	c.attempt++
	c.send(history.StepRead, c.read, func(*history.Request) {
		c.w.after(int64(c.w.Think), func() {
			c.send(history.StepWrite, c.write, func(r *history.Request) {
				if r.Effect == history.Applied {
					c.op.Commit = c.w.now
					c.finish(history.Committed)
					return
				}
				c.op.Conflicts++
				if n := c.w.strategy.Attempts; n > 0 && c.attempt >= n {
					c.op.Reason = "out of attempts"
					c.finish(history.GaveUp)
					return
				}
				c.try()
			})
		})
	})
}

func (c *client) lock() {
	c.send(history.StepLock, func(*history.Request) {}, func(*history.Request) {
		c.send(history.StepRead, c.read, func(*history.Request) {
			c.w.after(int64(c.w.Think), func() {
				c.send(history.StepWrite, c.write, func(*history.Request) {
					c.op.Commit = c.w.now
					c.send(history.StepUnlock, func(*history.Request) {}, func(*history.Request) { c.finish(history.Committed) })
				})
			})
		})
	})
}

func (c *client) finish(outcome history.Outcome) {
	w := c.w
	c.op.Return, c.op.Outcome, c.op.Attempts = w.now, outcome, c.attempt
	w.rec.Kind, w.rec.Operation = history.KindOperation, c.op
	w.emit(&w.rec)
	pause := int64(0)
	if w.Rate == 0 {
		pause = w.rng.exp(float64(w.Pause))
	}
	w.after(pause, c.begin)
}
