package sql

import (
	"slices"
	"sync"
)

// queues are the clients that wait for leases, by key, in order of arrival.
type queues struct {
	mu    sync.Mutex
	byKey map[string][]*place
}

// place is one client's place in a queue.
type place struct {
	turn chan struct{} // closed when it is the first
	wake chan struct{} // capacity 1: the lock may be free
}

func newQueues() *queues { return &queues{byKey: map[string][]*place{}} }

// join stands at the end of the queue; first says that nobody is before us.
// Who may not wait gets no place in a queue that is not empty.
func (q *queues) join(key string, wait bool) (p *place, first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	first = len(q.byKey[key]) == 0
	if !first && !wait {
		return nil, false
	}
	p = &place{turn: make(chan struct{}), wake: make(chan struct{}, 1)}
	q.byKey[key] = append(q.byKey[key], p)
	return p, first
}

// leave gives the place up; the next one is first now.
func (q *queues) leave(key string, p *place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.byKey[key]
	i := slices.Index(list, p)
	list = slices.Delete(list, i, i+1)
	if len(list) == 0 {
		delete(q.byKey, key)
		return
	}
	q.byKey[key] = list
	if i == 0 {
		close(list[0].turn)
	}
}

// wake tells the first in the queue to look at once.
func (q *queues) wake(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if list := q.byKey[key]; len(list) > 0 {
		select {
		case list[0].wake <- struct{}{}:
		default:
		}
	}
}
