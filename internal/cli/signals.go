package cli

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// signals is what a run hears. The first Ctrl-C (SIGTERM, SIGHUP) closes
// first, the second cancels ctx, the third ends the process. Once the load is
// over, one is enough: see [signals.reporting]. A pipe whose reader has gone is
// an error of the write to it, and no signal.
type signals struct {
	ctx    context.Context
	first  chan struct{}
	last   atomic.Pointer[func()] // instead of what the next one does; nil: as above
	cancel context.CancelFunc
	got    chan os.Signal
	done   chan struct{}
}

func listen() *signals {
	s := &signals{first: make(chan struct{}), got: make(chan os.Signal, 3), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	signal.Notify(s.got, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(s.got, syscall.SIGHUP)
	}
	broken := make(chan os.Signal, 1) // nobody reads it: what is full is dropped
	signal.Notify(broken, syscall.SIGPIPE)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-s.done:
				signal.Stop(broken)
				return
			case <-s.got:
			}
			if last := s.last.Load(); last != nil {
				(*last)()
				os.Exit(exitInterrupted)
			}
			switch n {
			case 0:
				close(s.first)
			case 1:
				s.cancel()
			default:
				os.Exit(exitInterrupted)
			}
		}
	}()
	return s
}

// reporting lets the next signal end the process at once, after last.
func (s *signals) reporting(last func()) { s.last.Store(&last) }

// restore gives the signals their usual meaning again.
func (s *signals) restore() { signal.Stop(s.got); close(s.done); s.cancel() }

// untilFirst is a context that the first signal ends.
func (s *signals) untilFirst() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(s.ctx)
	go func() {
		select {
		case <-s.first:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
