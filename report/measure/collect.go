package measure

import (
	"strings"

	"tussle/history"
)

// Collector takes a history in, record by record, and gives figures out.
// It keeps compact copies of requests and operations until their block has
// ended, because a request is measured or not by the operation that it belongs
// to and by the block's end, and these are written down last.
type Collector struct {
	plan    history.Plan
	run     string
	cpus    int
	blocks  []*block // by number; nil where none was seen
	keys    table
	words   table // steps and classes
	samples []history.Sample
	bodies  []bodies // by strategy
	exits   []history.Exit
	last    int64    // latest stamp seen
	tallies []*tally // by strategy: of the blocks that ended

	spare []*lane // room that a block left
}

// New returns an empty collector.
func New() *Collector { return &Collector{} }

// maxBlock bounds the block number that a history can make us allocate for.
const maxBlock = 1 << 20

func (c *Collector) block(n int) *block {
	if n < 0 || n > maxBlock {
		return nil
	}
	for len(c.blocks) <= n {
		c.blocks = append(c.blocks, nil)
	}
	if c.blocks[n] == nil {
		c.blocks[n] = &block{Block: history.Block{Block: n, Strategy: -1}}
	}
	return c.blocks[n]
}

// Add takes the next record. It keeps no reference to rec.
func (c *Collector) Add(rec *history.Record) {
	switch rec.Kind {
	case history.KindHeader:
		c.plan, c.run, c.cpus = rec.Header.Plan, rec.Header.Run, rec.Header.Machine.CPUs
		c.bodies = make([]bodies, len(c.plan.Strategies))
		for range c.plan.Strategies {
			c.tallies = append(c.tallies, newTally())
		}
	case history.KindBlock:
		if b := c.block(rec.Block.Block); b != nil && (!b.done() || rec.Block.End > 0) {
			began := b.Strategy >= 0
			b.Block = rec.Block
			c.seen(b, rec.Block.End)
			if began && b.done() {
				c.ended(b)
			}
		}
	case history.KindSample:
		c.samples = append(c.samples, rec.Sample)
	case history.KindEvent:
		c.event(&rec.Event)
	case history.KindRequest:
		c.request(&rec.Request)
	case history.KindOperation:
		c.operation(&rec.Operation)
	}
}

// event keeps what a check needs.
func (c *Collector) event(e *history.Event) {
	if x, ok := e.Exit(); ok {
		c.exits = append(c.exits, x)
		return
	}
	c.burst(e)
}

// burst notes what the runner found at the end of a block.
func (c *Collector) burst(e *history.Event) {
	at, releases, ok := e.Burst()
	if b := c.block(e.Block); b != nil && ok && releases > 0 {
		b.spread = &spread{float64(at) / 1e3, releases}
		if b.folded && c.lastPoint(b) { // told after the block's end
			k := &c.tallies[b.Strategy].checks
			k.spreads = append(k.spreads, *b.spread)
		}
	}
}

func (c *Collector) seen(b *block, at int64) {
	b.last = max(b.last, at)
	c.last = max(c.last, at)
}

func (c *Collector) request(r *history.Request) {
	b := c.block(r.Block)
	if b == nil {
		return
	}
	c.seen(b, r.Return)
	if r.Status != 0 || r.Effect != history.Refused && (r.Class != history.Transport || r.Sent > 0) {
		b.recorded++ // otherwise not a byte of it left this machine
		if r.Status == 0 || r.Fault != "" {
			b.silent++
		}
	}
	key := c.keys.index(r.Key)
	if r.Class == history.Unreadable {
		if b.detail == nil {
			b.detail = map[int32]string{}
		}
		if _, known := b.detail[key]; !known {
			b.detail[key] = strings.Clone(r.Detail)
		}
	}
	conflict := r.Class.Conflict() && r.Effect != history.Applied
	b.of(int32(r.Client), &c.spare).request(&request{
		call: r.Call, length: r.Return - r.Call, client: int32(r.Client), op: int32(r.Op), attempt: int32(r.Attempt),
		key: key, status: int32(r.Status), step: c.words.small(string(r.Step)), class: c.words.small(string(r.Class)),
		effect: effectOf(r.Effect), conflict: conflict, disabled: r.Fault != "",
	})
	if r.Client >= 0 && refusal(r) && r.Call >= b.Measure && b.Strategy >= 0 && b.Strategy < len(c.bodies) {
		c.bodies[b.Strategy].add(r)
	}
}

// refusal reports whether an answer refuses, by its status or, as a scenario's
// outcomes say, in spite of it: a conflict may be sent as 200.
func refusal(r *history.Request) bool {
	return r.Status >= 400 || r.Status > 0 && r.Class.Conflict() && r.Effect != history.Applied
}

func (c *Collector) operation(o *history.Operation) {
	b := c.block(o.Block)
	if b == nil {
		return
	}
	c.seen(b, o.Return)
	if o.Client < 0 || o.Intent == history.IntentFinal || o.Intent == history.IntentSetup {
		return
	}
	op := operation{
		planned: o.Planned, call: o.Call, ret: o.Return, commit: o.Commit, client: int32(o.Client), op: int32(o.Op),
		key: c.keys.index(o.Key), key2: -1, attempts: int32(o.Attempts), plain: o.Intent == history.IntentRead, known: o.Known,
	}
	if o.Key2 != "" {
		op.key2 = c.keys.index(o.Key2)
	}
	switch o.Outcome {
	case history.Committed:
		op.outcome = committed
		if op.commit == 0 {
			op.commit = o.Return
		}
	case history.GaveUp:
		op.outcome = gaveUp
	case history.Failed:
		op.outcome = failed
	default:
		op.outcome = unknown
	}
	b.of(op.client, &c.spare).operation(&op)
}

func effectOf(e history.Effect) uint8 {
	switch e {
	case history.Applied:
		return applied
	case history.Refused:
		return refused
	case history.Unknown:
		return maybe
	}
	return noEffect
}

// table numbers texts in the order in which they come.
type table struct {
	numbers map[string]int32
	texts   []string
	recent  [64]int32 // by a few of its bytes: a text's number + 1
}

func (t *table) index(s string) int32 {
	slot := len(s)
	if n := len(s); n > 1 {
		slot += int(s[n-1])<<1 + int(s[n-2])*11
	}
	at := &t.recent[slot%len(t.recent)]
	if *at > 0 && t.texts[*at-1] == s { // the reader hands out one copy of a word: to compare is to look at its address
		return *at - 1
	}
	n := t.number(s)
	*at = n + 1
	return n
}

func (t *table) number(s string) int32 {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	if t.numbers == nil {
		t.numbers = map[string]int32{}
	}
	n := int32(len(t.texts))
	t.numbers[s] = n
	t.texts = append(t.texts, s)
	return n
}

// small numbers words of which there are few; beyond 255 they are all alike.
func (t *table) small(s string) uint8 {
	if len(t.texts) > 255 {
		if _, known := t.numbers[s]; !known {
			return 255
		}
	}
	return uint8(t.index(s))
}
