package measure

import "tussle/history"

// request is what remains of a [history.Request]; 48 bytes, packed 12.
type request struct {
	call, length       int64 // ns
	client, op         int32
	attempt, key       int32
	status             int32
	step, class        uint8 // of Collector.words
	effect             uint8
	conflict, disabled bool // disabled: a fault was injected
}

// operation is what remains of a [history.Operation].
type operation struct {
	planned, call, ret, commit int64
	client, op                 int32
	key, key2                  int32 // key2 is -1 without one
	attempts                   int32
	outcome                    uint8
	plain                      bool // a plain read
	known                      bool // refused as a rule of the scenario says
}

const (
	committed uint8 = iota
	gaveUp
	failed
	unknown
)

const (
	noEffect uint8 = iota
	applied
	refused
	maybe
)

// block is one stretch of one strategy with all that happened in it.
type block struct {
	history.Block
	lanes
	recorded int64 // requests that were sent, the observer's included
	silent   int64 // of these: without an answer, or with a fault
	last     int64
	folded   bool             // it is in its strategy's tally
	spread   *spread          // of bursts; nil without
	detail   map[int32]string // by key: what an unreadable answer was, the first one; nil without
}

// done reports whether the block ran to its end.
func (b *block) done() bool { return b.End > 0 }

// stop returns the end of the measured part, ns.
func (b *block) stop() int64 {
	if b.done() {
		return min(b.Stop, b.End)
	}
	return min(b.Stop, b.last)
}

// seconds returns the length of the measured part.
func (b *block) seconds() float64 { return float64(max(b.stop()-b.Measure, 0)) / 1e9 }
