package runner

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"tussle/history"
	"tussle/runner/draw"
	"tussle/runner/live"
	"tussle/runner/transport"
	"tussle/runner/workload"
)

// busy is a block with the clients that load it.
type busy struct {
	*block
	clients []*client
}

// carryOut runs a whole block: set-up, load, drain, final reads, teardown. It
// calls begun before the first operation starts.
func carryOut(ctx context.Context, idle *block, begun func(*busy)) error {
	b, r := &busy{block: idle}, idle.run
	saw, started := r.targetSaw(ctx), r.target.started()
	if err := b.setUp(ctx); err != nil {
		return err
	}
	length := time.Duration(b.load.Warmup + b.load.Duration)
	if b.load.Rate.Text != "" {
		b.arrive = schedule(b.load.Rate, length, draw.Seed(r.s.Seed), b.number)
	}
	b.gate = newGate(b.load.Burst, b.load.Clients, b.run.broken.guard)
	for i := range b.load.Clients {
		c := newClient(b.block, i)
		b.clients = append(b.clients, c)
		if err := c.open(ctx); err != nil {
			return cannotConnect("client "+strconv.Itoa(i)+" cannot connect: ", err, "is the target up, and does it allow that many connections?")
		}
	}
	rec := history.Block{Block: b.number, Strategy: b.strategy, Repeat: b.repeat, Point: b.point, At: b.at, Clients: b.load.Clients}
	b.start = r.clock.now() + int64(time.Millisecond)
	b.stop = b.start + int64(length)
	rec.Start, rec.Measure, rec.Stop = b.start, b.start+int64(b.load.Warmup), b.stop
	if err := r.out.Block(&rec); err != nil {
		return err
	}
	begun(b)
	bg, err := b.startBackground(length)
	if err != nil {
		return err
	}
	stopped, broken := b.underLoad(ctx)
	if err := errors.Join(broken, bg.stop(r.out)); err != nil {
		return err
	}
	rec.Stop = min(rec.Stop, stopped)
	rec.NotStarted = int(b.late.Load())
	b.finalReads(ctx)
	b.tearDown(ctx)
	for _, c := range b.clients {
		c.close()
	}
	if b.gate != nil {
		if err := r.out.Event(b.gate.event(r.clock.now(), b.number)); err != nil {
			return err
		}
	}
	if ev := b.livelock.event(r.clock.now(), b.number, b.sp.Name); ev != nil {
		if err := r.out.Event(ev); err != nil {
			return err
		}
	}
	rec.Wire, rec.TargetSaw = b.wire(), -1
	if after := r.targetSaw(ctx); saw >= 0 && after >= 0 && r.target.started() == started && r.replica == nil {
		rec.TargetSaw = after - saw - bg.answered
	}
	rec.End = r.clock.now()
	return r.out.Block(&rec)
}

// underLoad lets the clients work until the block's time is up or the run is
// interrupted, then drains. It returns when no operation was started any more.
func (b *busy) underLoad(ctx context.Context) (stopped int64, err error) {
	stop := make(chan struct{})
	ended := make(chan struct{})
	drained, cancel := context.WithDeadline(ctx, b.run.clock.at(b.stop).Add(time.Duration(b.load.Drain)))
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range b.clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer b.run.broken.guard()
			if b.arrive != nil {
				c.opened(drained, stop)
			} else {
				c.closed(drained, stop)
			}
			c.deliverLate(drained, true)
		}()
	}
	observed := b.observeBeside(drained, stop)
	undo := b.disturb(ctx)
	go func() { wg.Wait(); close(ended) }()
	timer := time.NewTimer(time.Until(b.run.clock.at(b.stop)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.run.o.Interrupt:
	case <-b.run.broken.gone():
	case <-b.run.unwritten:
	case <-b.livelock.ended:
	case <-ended:
	}
	stopped = b.run.clock.now()
	close(stop)
	if b.gate != nil {
		b.gate.close()
	}
	err = undo() // first: a drain needs a target that answers
	<-ended
	observed()
	return stopped, errors.Join(err, b.run.broken.why())
}

// closed is the closed model: a client starts its next operation when the
// last one ended and its pause is over.
func (c *client) closed(ctx context.Context, stop <-chan struct{}) {
	b := c.block
	if !c.pause(stop, time.Until(b.run.clock.at(b.start))) {
		return
	}
	seed := draw.Seed(b.run.s.Seed)
	for n := 0; b.run.clock.now() < b.stop; n++ {
		// The first pause is drawn too, so that clients do not start in step.
		if !c.pause(stop, workload.Draw(b.stretch.workload.Pause, seed, draw.Pause, c.id, n, 0)) {
			return
		}
		if b.gate != nil && !b.gate.start() {
			return
		}
		now := b.run.clock.now()
		if b.gate == nil && now >= b.stop {
			return
		}
		c.operate(ctx, c.work.Next(c.id, n, b.share(now)), n, now)
		if b.gate != nil {
			b.gate.ended()
		}
	}
}

// opened is the open model: a free client takes the next intended start,
// whenever that was due. An operation that waited for a client is late, and
// its lag counts.
func (c *client) opened(ctx context.Context, stop <-chan struct{}) {
	b := c.block
	for {
		n := int(b.next.Add(1)) - 1
		if n >= len(b.arrive) {
			return
		}
		planned := b.start + b.arrive[n]
		if !c.pause(stop, time.Duration(planned-b.run.clock.now())) || b.run.clock.now() >= b.stop {
			b.late.Add(1)
			continue
		}
		c.operate(ctx, c.work.Next(0, n, b.share(planned)), n, planned)
	}
}

// wire counts the requests that clients and observers have put on their
// connections.
func (b *busy) wire() int64 {
	n := b.observed.Load()
	for _, c := range b.clients {
		n += c.conn.Wire
		if c.readConn != nil {
			n += c.readConn.Wire
		}
		if c.second != nil {
			n += c.second.Wire
		}
	}
	return n
}

// progress is the block's state for the progress line.
func (b *busy) progress(blocks int) live.Snapshot {
	s := live.Snapshot{Strategy: b.sp.Name, Block: b.number + 1, Blocks: blocks,
		Elapsed: time.Duration(max(b.run.clock.now()-b.start, 0))}
	var counters []*live.Counter
	for _, c := range b.clients {
		counters = append(counters, c.live)
	}
	return live.Sum(s, counters)
}

// targetSaw asks a built-in target how many requests it received; -1 when it
// does not tell.
func (r *shared) targetSaw(ctx context.Context) int64 {
	if !r.target.builtin {
		return -1
	}
	c := transport.NewConn(r.speak[0].end, nil, r.clock.now)
	defer c.Close()
	var req transport.Request
	var resp transport.Response
	req.SetMethod("GET")
	req.SetTarget([]byte("/-/stats"))
	if res := c.Do(ctx, &req, &resp, time.Now().Add(5*time.Second)); res.Err != nil || resp.Status() != 200 {
		return -1
	}
	stats := struct{ Requests int64 }{-1}
	if json.Unmarshal(resp.Body(), &stats) != nil {
		return -1
	}
	return stats.Requests
}
