package runner

import (
	"fmt"
	"sync"
	"time"

	"tussle/history"
)

// A block is ended early when it has gone on for livelockTime, livelockShare
// operations for each client have given up in a livelock, and that is ten
// times what was committed.
const (
	livelockTime  = 10 * time.Second
	livelockShare = 8
)

// livelock counts the operations of a block that gave up because they made no
// way, and ends a block that makes none.
type livelock struct {
	clients int          // of the block
	elapsed func() int64 // since the block's start, in ns

	mu        sync.Mutex
	n, others int    // operations in a livelock; committed ones
	why       string // of the first
	ended     chan struct{}
	early     bool
}

func newLivelock(clients int, elapsed func() int64) *livelock {
	return &livelock{clients: clients, elapsed: elapsed, ended: make(chan struct{})}
}

// operation counts one that ended; why is "" unless it was in a livelock.
func (l *livelock) operation(why string, committed bool) {
	if why == "" && !committed {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if why == "" {
		l.others++
		return
	}
	if l.n++; l.n == 1 {
		l.why = why
	}
	if !l.early && l.n >= livelockShare*l.clients && l.n > 10*l.others && l.elapsed() >= int64(livelockTime) {
		l.early = true
		close(l.ended)
	}
}

// event tells of the livelock of a strategy's block; nil if there was none.
func (l *livelock) event(at int64, block int, strategy string) *history.Event {
	if l.n == 0 {
		return nil
	}
	ops := fmt.Sprintf("%d operations gave up in a", l.n)
	if l.n == 1 {
		ops = "an operation gave up in a"
	}
	note := fmt.Sprintf("%s: %s %s", strategy, ops, l.why)
	if l.early {
		note += "; the block was ended early, after " + time.Duration(l.elapsed()).Round(100*time.Millisecond).String()
	}
	return &history.Event{At: at, Block: block, Name: history.EventLivelock, Note: note}
}
