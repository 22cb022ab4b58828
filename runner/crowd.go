package runner

import (
	"context"
	"sync"
)

// crowd lets clients wait and go on together.
type crowd struct {
	mu      sync.Mutex
	open    chan struct{} // closed when they may go on; nil when nobody waits
	waiting int
}

// pass returns at once, or when the crowd is released.
func (c *crowd) pass(ctx context.Context) {
	c.mu.Lock()
	open := c.open
	if open == nil {
		c.mu.Unlock()
		return
	}
	c.waiting++
	c.mu.Unlock()
	select {
	case <-open:
	case <-ctx.Done():
	}
}

func (c *crowd) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = make(chan struct{})
	}
}

func (c *crowd) release() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.waiting
	if c.open != nil {
		close(c.open)
	}
	c.open, c.waiting = nil, 0
	return n
}
