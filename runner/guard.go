package runner

import (
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

// guard is deferred in every goroutine of the load.
func (r *run) guard() {
	if p := recover(); p != nil {
		r.broken.once.Do(func() {
			r.broken.err = fmt.Errorf("tussle itself failed: %v", p)
			close(r.broken.gone())
		})
	}
}
