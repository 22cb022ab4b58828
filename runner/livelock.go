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
	mu        sync.Mutex
	n, others int    // operations in a livelock; committed ones
	why       string // of the first
	ended     chan struct{}
	early     bool
}

func newLivelock() *livelock { return &livelock{ended: make(chan struct{})} }

// operation counts one that ended; why is "" unless it was in a livelock.
func (l *livelock) operation(b *block, why string, committed bool) {
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
	if !l.early && l.n >= livelockShare*b.load.Clients && l.n > 10*l.others && b.run.clock.now()-b.start >= int64(livelockTime) {
		l.early = true
		close(l.ended)
	}
}

// tell records the livelock of a block, if there was one.
func (l *livelock) tell(b *block) error {
	if l.n == 0 {
		return nil
	}
	ops := fmt.Sprintf("%d operations gave up in a", l.n)
	if l.n == 1 {
		ops = "an operation gave up in a"
	}
	note := fmt.Sprintf("%s: %s %s", b.sp.Name, ops, l.why)
	if l.early {
		note += "; the block was ended early, after " + time.Duration(b.run.clock.now()-b.start).Round(100*time.Millisecond).String()
	}
	return b.run.out.Event(&history.Event{At: b.run.clock.now(), Block: b.number, Name: history.EventLivelock, Note: note})
}
