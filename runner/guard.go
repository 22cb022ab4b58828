package runner

import (
	"errors"
	"fmt"
	"sync"
)

// broken keeps the first panic of a goroutine of the run, so that the run ends
// in order: what was begun is undone, and what was recorded is kept.
type broken struct {
	once sync.Once
	make sync.Once
	ch   chan struct{}
	err  error
}

// gone is closed once something panicked.
func (b *broken) gone() chan struct{} {
	b.make.Do(func() { b.ch = make(chan struct{}) })
	return b.ch
}

// why is the panic as an error; nil without.
func (b *broken) why() error {
	select {
	case <-b.gone():
		return b.err
	default:
		return nil
	}
}

// guard is deferred in every goroutine of the run.
func (b *broken) guard() {
	if p := recover(); p != nil {
		b.once.Do(func() {
			b.err = failed(p)
			close(b.gone())
		})
	}
}

// caught is deferred before anything else in the run's own goroutine, so that
// it comes last: what was begun has been undone by then.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = errors.Join(*err, failed(p))
	}
}

func failed(p any) error { return fmt.Errorf("tussle itself failed: %v", p) }
