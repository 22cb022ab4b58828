package defects

import (
	"context"
	"sync"
)

// mutexes are locks by name. Waiting for one ends when the client has gone, so
// that a server full of stuck requests can still be stopped.
type mutexes struct {
	mu    sync.Mutex
	names map[string]chan struct{}
}

func (m *mutexes) named(name string) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names == nil {
		m.names = map[string]chan struct{}{}
	}
	if m.names[name] == nil {
		m.names[name] = make(chan struct{}, 1)
	}
	return m.names[name]
}

func (m *mutexes) lock(ctx context.Context, name string) error {
	select {
	case m.named(name) <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *mutexes) unlock(name string) { <-m.named(name) }
