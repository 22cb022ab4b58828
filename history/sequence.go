package history

import (
	"fmt"
	"math"
)

// sequence refuses what no recorder writes: records that come where they cannot,
// and numbers that nothing means. A judge may then rely on what it is given.
type sequence struct {
	records    int64
	header     bool
	strategies int
	ended      int64             // line of the end event
	blocks     map[int]*[2]int64 // lines of a block's two records
	last       int               // the block that was asked for last, plus 2; 0 is none
	lines      *[2]int64         // of it
}

// Bounds of what a record may say.
const (
	maxNumber = math.MaxInt32
	maxBlocks = 1 << 20
	maxTime   = 1 << 60 // ns: 36 years
)

func (o *sequence) check(rec *Record) error {
	o.records++
	if rec.Kind == KindHeader {
		return o.first(&rec.Header)
	}
	if o.ended > 0 {
		return fmt.Errorf("a record after the run's end (line %d): these are two histories, or a damaged one; judge each by itself", o.ended)
	}
	switch rec.Kind {
	case KindRequest:
		return o.request(&rec.Request)
	case KindOperation:
		return o.operation(&rec.Operation)
	case KindBlock:
		return o.block(&rec.Block, rec.Line)
	case KindEvent:
		if rec.Event.Name == EventEnd {
			o.ended = rec.Line
		}
	}
	return nil
}

func (o *sequence) first(h *Header) error {
	switch {
	case o.header:
		return fmt.Errorf("a second header: these are two histories in one file; judge each by itself")
	case o.records > 1:
		return fmt.Errorf("the header is not the first record: this is not one history; judge each part by itself")
	case h.Schema > Schema:
		return fmt.Errorf("schema %d was written by a later version, this one reads up to %d: use that version", h.Schema, Schema)
	case h.Schema < 1:
		return fmt.Errorf("a header without a schema: this is no history of tussle")
	}
	o.header, o.strategies = true, len(h.Plan.Strategies)
	return nil
}

func (o *sequence) request(r *Request) error {
	switch {
	case r.Return < r.Call:
		return fmt.Errorf("return %d is before call %d", r.Return, r.Call)
	case r.Status < 0 || r.Status > 999:
		return fmt.Errorf("%d is no HTTP status", r.Status)
	case r.Truth < 0 || r.Truth > 999:
		return fmt.Errorf("truth: %d is no HTTP status", r.Truth)
	case r.Attempt < 0 || r.Attempt > maxNumber:
		return fmt.Errorf("%d is no number of an attempt", r.Attempt)
	}
	return o.place(r.Block, r.Client, r.Op, r.Call, r.Return)
}

func (o *sequence) operation(op *Operation) error {
	switch {
	case op.Return < op.Call:
		return fmt.Errorf("return %d is before call %d", op.Return, op.Call)
	case op.Attempts < 0 || op.Attempts > maxNumber:
		return fmt.Errorf("%d is no number of attempts", op.Attempts)
	case op.Planned < -maxTime || op.Planned > maxTime || op.Commit < -maxTime || op.Commit > maxTime:
		return fmt.Errorf("a time is too far from the run's start")
	}
	return o.place(op.Block, op.Client, op.Op, op.Call, op.Return)
}

func (o *sequence) place(block, client, op int, call, ret int64) error {
	switch {
	case client < Observer || client > maxNumber:
		return fmt.Errorf("%d is no number of a client", client)
	case op < 0 || op > maxNumber:
		return fmt.Errorf("%d is no number of an operation", op)
	case block < -1 || block > maxBlocks:
		return fmt.Errorf("%d is no number of a block", block)
	case call < -maxTime || ret > maxTime:
		return fmt.Errorf("a time is too far from the run's start")
	}
	if o.last != block+2 {
		o.last, o.lines = block+2, o.blocks[block]
	}
	if lines := o.lines; lines != nil && lines[1] > 0 {
		return fmt.Errorf("a record of block %d, which ended at line %d", block, lines[1])
	}
	return nil
}

func (o *sequence) block(b *Block, line int64) error {
	if b.Block < 0 || b.Block > maxBlocks {
		return fmt.Errorf("%d is no number of a block", b.Block)
	}
	if o.header && (b.Strategy < 0 || b.Strategy >= o.strategies) {
		return fmt.Errorf("block %d is of strategy %d, and the plan has %d", b.Block, b.Strategy, o.strategies)
	}
	for _, t := range []int64{b.Start, b.Measure, b.Stop, b.End} {
		if t < -maxTime || t > maxTime {
			return fmt.Errorf("a time is too far from the run's start")
		}
	}
	if b.Clients < 0 || b.Clients > maxNumber {
		return fmt.Errorf("%d is no number of clients", b.Clients)
	}
	if o.blocks == nil {
		o.blocks = map[int]*[2]int64{}
	}
	lines := o.blocks[b.Block]
	if lines == nil {
		lines = new([2]int64)
		o.blocks[b.Block], o.last = lines, -1
	}
	which := 0
	if b.End > 0 {
		which = 1
	}
	switch {
	case lines[1] > 0:
		return fmt.Errorf("block %d ended at line %d", b.Block, lines[1])
	case lines[which] > 0:
		return fmt.Errorf("block %d started at line %d", b.Block, lines[which])
	}
	lines[which] = line
	return nil
}
