// Package live counts what clients do while a run is on, for the progress
// line. Its figures are never reported: reports are made from the history.
package live

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Counter is one client's share; its own client adds, the progress line reads.
type Counter struct {
	mu        sync.Mutex
	committed int64
	attempts  int64
	conflicts int64
	hist      *hdrhistogram.Histogram // time to commit, us
}

// Operation adds an ended operation.
func (c *Counter) Operation(committed bool, attempts, conflicts int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts += int64(attempts)
	c.conflicts += int64(conflicts)
	if committed {
		c.committed++
		_ = c.hist.RecordValue(min(max(took.Microseconds(), 1), maxMicros)) // in range by the clamp
	}
}

const maxMicros = int64(time.Hour / time.Microsecond)

// NewCounter returns an empty counter.
func NewCounter() *Counter {
	return &Counter{hist: hdrhistogram.New(1, maxMicros, 2)}
}

// Snapshot is the state of a block at one moment.
type Snapshot struct {
	Strategy            string
	Block, Blocks       int
	Elapsed             time.Duration // of the block
	Committed           int64
	Attempts, Conflicts int64
	P99                 time.Duration // of time to commit so far
}

// Sum adds counters up into s.
func Sum(s Snapshot, counters []*Counter) Snapshot {
	all := hdrhistogram.New(1, maxMicros, 2)
	for _, c := range counters {
		c.mu.Lock()
		s.Committed += c.committed
		s.Attempts += c.attempts
		s.Conflicts += c.conflicts
		all.Merge(c.hist)
		c.mu.Unlock()
	}
	s.P99 = time.Duration(all.ValueAtQuantile(99)) * time.Microsecond
	return s
}
