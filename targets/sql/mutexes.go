package sql

import (
	"context"
	"sync"
)

// mutexes are locks by key within one process. Another process that uses the
// same database has others.
type mutexes struct {
	mu   sync.Mutex
	held map[string]chan struct{} // capacity 1: full while it is held
}

func newMutexes() *mutexes { return &mutexes{held: map[string]chan struct{}{}} }

func (m *mutexes) enter(ctx context.Context, key string) (leave func(), err error) {
	m.mu.Lock()
	c := m.held[key]
	if c == nil {
		c = make(chan struct{}, 1)
		m.held[key] = c
	}
	m.mu.Unlock()
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
