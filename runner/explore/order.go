package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/fault"
	"tussle/runner/store"
)

// order carries out one order of the statements of some requests.
type order struct {
	*pair
	gate    *gate
	parties []*actor
	ends    chan ended
	owner   map[uint64]int
	running int // the request that runs at present; -1: none
	last    int // who was let go last; -1: nobody yet
	steps   []step
	moves   []move
	record  *history.Order
	useless bool // shows nothing new
	strayed bool // the prefix could not be followed
	others  int64
	outside int64
	faults  *fault.Statements // nil: none
	gap     time.Duration     // the longest time that a request was busy by itself
}

// actor is one request in an order.
type actor struct {
	held    []*held
	blocked *held // was let go, and waits for a lock
	busy    bool  // outside the store, for long
	started bool
	ended   bool
}

type ended struct {
	who   int
	reply history.Reply
}

// limits of one order.
const (
	maxStatements = 400
	slow          = 10 * time.Second // a statement that neither ends nor waits for a lock, a deadlock that nobody resolves
)

// carryOut lets the requests of who run in the order that decide asks for, and
// fills the record. One after the other: each starts when the one before has
// ended.
func (o *order) carryOut(ctx context.Context, who []int, serial bool, decide func(*step) int) {
	o.gate = newGate()
	o.running, o.last = -1, -1
	o.owner = map[uint64]int{}
	o.ends = make(chan ended, len(o.parties))
	o.relay.Hold(o.gate)
	for _, i := range who {
		o.start(ctx, i)
		if o.broken() || serial && !o.until(ctx, i, decide) {
			break
		}
	}
	for !o.broken() && o.turn(ctx, decide) {
	}
	o.relay.Hold(nil)
	o.gate.close()
	for _, i := range who { // whoever is left gets an answer now, or none
		if a := o.parties[i]; a.started && !a.ended {
			o.finish(<-o.ends)
		}
	}
	o.record.Choices = chosen(o.steps)
	o.record.Preemptions = preemptions(o.steps, nil, 0)
}

func (o *order) broken() bool { return o.record.Broken != "" }

func (o *order) fail(format string, args ...any) {
	if !o.broken() {
		o.record.Broken = fmt.Sprintf(format, args...)
	}
}

// start sends a request and follows it to its first statement.
func (o *order) start(ctx context.Context, i int) {
	o.parties[i].started = true
	o.running = i
	go func() { o.ends <- ended{i, o.send(ctx, i)} }()
	o.settle(ctx, i)
}

// until lets one request run to its end.
func (o *order) until(ctx context.Context, i int, decide func(*step) int) bool {
	for !o.parties[i].ended && !o.broken() {
		if !o.turn(ctx, decide) {
			break
		}
	}
	return o.parties[i].ended
}

// turn lets one statement go, or waits when none can; false when all requests
// that were started have ended.
func (o *order) turn(ctx context.Context, decide func(*step) int) bool {
	o.drain()
	if o.anyBusy() {
		o.wait(ctx, 2*time.Millisecond, func() bool { return !o.anyBusy() })
	}
	s := step{}
	alive := false
	for i, a := range o.parties {
		if !a.started || a.ended {
			continue
		}
		alive = true
		if len(a.held) > 0 && a.blocked == nil {
			s.enabled = append(s.enabled, i)
			s.reads = append(s.reads, a.held[0].Kind <= store.Reads)
		}
	}
	switch {
	case !alive:
		return false
	case ctx.Err() != nil:
		o.fail("interrupted")
		return false
	case len(o.record.Statements) >= maxStatements:
		o.fail("the requests sent more than %d statements; do they try again for ever?", maxStatements)
		return false
	case len(s.enabled) == 0:
		return o.stuck(ctx)
	}
	s.chosen = decide(&s)
	a := o.parties[s.chosen]
	o.moves = append(o.moves, move{s.chosen, s.read(s.chosen)})
	o.steps = append(o.steps, s)
	o.last = s.chosen
	h := a.held[0]
	a.held = a.held[1:]
	o.let(ctx, s.chosen, h)
	return true
}

// let lets a statement go and follows its request to the next one, or until
// the statement is known to wait for a lock.
func (o *order) let(ctx context.Context, i int, h *held) {
	a := o.parties[i]
	o.running = i
	o.grant(h, i)
	for begun := time.Now(); !h.done; {
		o.wait(ctx, time.Millisecond, func() bool { return h.done })
		if h.done || o.broken() {
			break
		}
		if o.waits(ctx, h) {
			o.record.Statements[h.number].Waited = true
			a.blocked = h
			o.running = -1
			return
		}
		if time.Since(begun) > slow {
			o.fail("a statement was not answered within %v and waits for no lock: %s", slow, h.Text())
			return
		}
	}
	o.answer(ctx, i, h)
	o.released(ctx)
}

// answer delivers an answer and follows the request on.
func (o *order) answer(ctx context.Context, i int, h *held) {
	o.running = i
	h.deliver <- o.answered(h)
	o.settle(ctx, i)
}

// released looks after those that waited for a lock: what is answered now goes
// on, one after the other.
func (o *order) released(ctx context.Context) {
	for again := true; again && !o.broken(); {
		again = false
		for i, a := range o.parties {
			h := a.blocked
			if h == nil {
				continue
			}
			for begun := time.Now(); !h.done && !o.waits(ctx, h) && !o.broken(); {
				o.wait(ctx, time.Millisecond, func() bool { return h.done })
				if time.Since(begun) > slow {
					o.fail("a statement was not answered within %v after its lock was free: %s", slow, h.Text())
				}
			}
			if h.done {
				a.blocked = nil
				o.answer(ctx, i, h)
				again = true
			}
		}
	}
}

// stuck is called when no statement can be let go: all that live wait for
// locks, or work outside the store.
func (o *order) stuck(ctx context.Context) bool {
	patience := slow
	if o.anyBusy() {
		patience = 2 * slow // the request's own time-out comes first
	}
	moved := func() bool {
		for _, a := range o.parties {
			if a.blocked != nil && a.blocked.done || len(a.held) > 0 && a.blocked == nil {
				return true
			}
		}
		return !slices.ContainsFunc(o.parties, func(a *actor) bool { return a.started && !a.ended })
	}
	if !o.wait(ctx, patience, moved) && !o.broken() {
		o.fail("nothing moved for %v: %s", patience, o.state())
		return false
	}
	o.released(ctx)
	return !o.broken()
}

// state says what everybody waits for.
func (o *order) state() string {
	var out []string
	for i, a := range o.parties {
		name := string(rune('A' + i))
		switch {
		case !a.started || a.ended:
		case a.blocked != nil:
			out = append(out, name+" waits for a lock with "+a.blocked.Text())
		case a.busy:
			out = append(out, name+" is busy outside the store")
		}
	}
	return strings.Join(out, ", ")
}

// settle waits until the request has its next statement at the gate, or has
// ended; one that does neither for long is busy outside the store.
func (o *order) settle(ctx context.Context, i int) {
	a := o.parties[i]
	begun := time.Now()
	here := func() bool { return len(a.held) > 0 || a.ended }
	come := o.wait(ctx, o.patience, here)
	for !come && !o.broken() && time.Since(begun) < slow && o.relay.Opening() > 0 { // it may be that connection
		come = o.wait(ctx, 50*time.Millisecond, here)
	}
	if come {
		o.gap = max(o.gap, time.Since(begun))
		if !a.ended { // more may come at once
			o.wait(ctx, 200*time.Microsecond, func() bool { return false })
			slices.SortStableFunc(a.held, func(x, y *held) int { return strings.Compare(x.Text(), y.Text()) })
		}
	} else if !o.broken() {
		a.busy = true
		o.outside++
		o.patience = min(o.patience, o.learned) // it does wait for something: the next time, that is known sooner
	}
	o.running = -1
}

func (o *order) anyBusy() bool {
	return slices.ContainsFunc(o.parties, func(a *actor) bool { return a.busy && !a.ended && len(a.held) == 0 })
}

// waits asks the store; an error there is the order's end.
func (o *order) waits(ctx context.Context, h *held) bool {
	yes, err := o.relay.Waits(ctx, h.Conn)
	if err != nil && ctx.Err() == nil {
		o.fail("the store does not tell who waits: %v", err)
	}
	return yes
}

// wait takes what happens until it is enough, at most for so long.
func (o *order) wait(ctx context.Context, long time.Duration, enough func() bool) bool {
	o.drain()
	if enough() {
		return true
	}
	t := time.NewTimer(long)
	defer t.Stop()
	for {
		select {
		case <-o.gate.bell:
			o.drain()
		case e := <-o.ends:
			o.drain()
			o.finish(e)
		case <-t.C:
			o.drain()
			return enough()
		case <-ctx.Done():
			o.fail("interrupted")
			return false
		}
		if enough() {
			return true
		}
	}
}

// finish notes that a request has its answer. What it left at the gate, it no
// longer waits for.
func (o *order) finish(e ended) {
	a := o.parties[e.who]
	a.ended, a.busy = true, false
	o.record.Replies[e.who] = e.reply
	for _, h := range a.held {
		h.free = true
		o.grant(h, -1)
	}
	a.held = nil
}

// drain takes what happened at the gate.
func (o *order) drain() {
	for _, n := range o.gate.take() {
		h := n.h
		switch n.what {
		case arrived:
			o.arrive(h)
		case answered, gone:
			h.done = true
			if h.number >= 0 {
				s := &o.record.Statements[h.number]
				s.Tag, s.Code, s.End = h.Tag, h.Code, o.now()
			}
			if n.what == gone && o.faults != nil {
				o.faults.Gone(h.Statement)
			}
			if h.free {
				h.deliver <- o.answered(h)
			}
			if h.of >= 0 && h.done && !h.Open {
				delete(o.owner, h.Conn) // the application may give the connection to anybody
			}
		}
	}
}

// arrive attributes a statement to its request. What belongs to none passes,
// what cannot matter to others passes too, unless everything is held.
func (o *order) arrive(h *held) {
	h.of = o.whose(h)
	if h.of < 0 {
		o.others++
		h.free = true
		o.grant(h, -1)
		return
	}
	o.owner[h.Conn] = h.of
	a := o.parties[h.of]
	a.busy = false
	if h.Kind == store.Silent && !o.every {
		h.free = true
		o.grant(h, h.of)
		return
	}
	a.held = append(a.held, h)
}

// whose is the request that a statement belongs to: the one whose trace it
// names, the one whose transaction is open on the connection, the one that runs
// now, the one that was busy elsewhere; -1 when there is none.
func (o *order) whose(h *held) int {
	text := h.Text()
	for i, a := range o.parties {
		if a.started && strings.Contains(text, o.trace(i)) {
			return i
		}
	}
	if i, ok := o.owner[h.Conn]; ok && h.InTx && !o.parties[i].ended {
		return i
	}
	if o.running >= 0 && !o.parties[o.running].ended {
		return o.running
	}
	for i, a := range o.parties {
		if a.busy && !a.ended {
			return i
		}
	}
	return -1
}

// grant lets a statement go and records it.
func (o *order) grant(h *held, who int) {
	if who >= 0 {
		h.number = len(o.record.Statements)
		o.record.Statements = append(o.record.Statements, history.Statement{Of: who, SQL: short(o.mask(unnamed(h.Text(), o.keys))), Silent: h.Kind == store.Silent,
			Conn: h.Conn, Start: o.now()})
	}
	h.granted = true
	if who < 0 || o.faults == nil {
		h.grant <- store.Action{}
		return
	}
	a := o.faults.Arrive(h.Statement)
	if a.Do == store.Cut { // neither an answer nor the connection's end will be told of it
		h.done = true
		o.record.Statements[h.number].Tag = "cut off before it"
		delete(o.owner, h.Conn)
	}
	h.grant <- a
}

// answered is what becomes of an answer.
func (o *order) answered(h *held) store.Action {
	if o.faults == nil {
		return store.Action{}
	}
	a := o.faults.Answered(h.Statement)
	if a.Do == store.Cut && h.number >= 0 {
		o.record.Statements[h.number].Tag += ", its answer cut off"
		delete(o.owner, h.Conn)
	}
	return a
}
