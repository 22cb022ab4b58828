package memory

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"tussle/targets/api"
)

// lease is the lock of one key; its entry's mutex guards it. Granting it takes
// that mutex as changing the item does: so a change that was let through under
// an older lease is finished, and visible, before the next holder begins.
type lease struct {
	held  bool
	token string
	owner string
	fence int64 // of the newest grant
	until time.Time
	since time.Time
	hold  time.Duration // how long it was held of late, a moving average
	queue []*waiter     // first come, first served
	timer *time.Timer   // runs while somebody waits
}

type waiter struct {
	ctx     context.Context
	request api.LockRequest
	granted bool
	ready   chan api.Lock // capacity 1
}

// locks are the lock methods of the lease schemes.
type locks struct {
	store  *Store
	ttl    time.Duration // when none is asked for
	maxTTL time.Duration
}

func (l locks) limit(ttl time.Duration) time.Duration {
	if ttl <= 0 {
		ttl = l.ttl
	}
	return min(ttl, l.maxTTL)
}

// Lock grants the lock, at once or in turn, or refuses it with 423.
func (l locks) Lock(ctx context.Context, r api.LockRequest) (api.Lock, error) {
	r.TTL = l.limit(r.TTL)
	e := l.store.place(r.Key)
	e.mu.Lock()
	e.lapse(time.Now())
	if !e.lock.held {
		got := e.grant(r, time.Now())
		e.mu.Unlock()
		return got, nil
	}
	if r.Wait <= 0 {
		defer e.mu.Unlock()
		return api.Lock{}, e.locked()
	}
	w := &waiter{ctx: ctx, request: r, ready: make(chan api.Lock, 1)}
	e.lock.queue = append(e.lock.queue, w)
	e.arm()
	e.mu.Unlock()

	patience := time.NewTimer(r.Wait)
	defer patience.Stop()
	select {
	case got := <-w.ready:
		return got, nil
	case <-patience.C:
	case <-ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	gone := ctx.Err()
	switch {
	case w.granted && gone != nil: // granted to nobody: the next one's turn
		if got := <-w.ready; e.lock.held && e.lock.token == got.Token {
			e.release(time.Now())
		}
		return api.Lock{}, gone
	case w.granted: // at the last moment
		return <-w.ready, nil
	}
	e.lock.queue = slices.DeleteFunc(e.lock.queue, func(o *waiter) bool { return o == w })
	if gone != nil {
		return api.Lock{}, gone
	}
	return api.Lock{}, e.locked()
}

// Refresh lets the lock last ttl from now.
func (l locks) Refresh(_ context.Context, key, token string, ttl time.Duration) (api.Lock, error) {
	e := l.store.place(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if err := e.holds(token, now); err != nil {
		return api.Lock{}, err
	}
	e.lock.until = now.Add(l.limit(ttl))
	return e.told(now), nil
}

// Unlock gives the lock back; only its holder can.
func (l locks) Unlock(_ context.Context, key, token string) error {
	e := l.store.place(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if err := e.holds(token, now); err != nil {
		return err
	}
	e.release(now)
	return nil
}

// Holder tells who has the lock.
func (l locks) Holder(_ context.Context, key string) (api.Lock, error) {
	e := l.store.place(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.lapse(now)
	if !e.lock.held {
		return api.Lock{}, api.Refuse(404, "not-found", "nobody holds the lock")
	}
	got := e.told(now)
	got.Token = ""
	return got, nil
}

// Break takes the lock of a key from whoever holds it.
func (s *Store) Break(key string) {
	e := s.place(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.lock.held {
		e.release(time.Now())
	}
}

// holds reports as an error that token is not the lock's.
func (e *entry) holds(token string, now time.Time) error {
	e.lapse(now)
	if !e.lock.held || e.lock.token != token {
		return api.Refuse(409, "lock-lost", "the token is not, or no longer, the lock's")
	}
	return nil
}

// lapse ends the lease if its time is over.
func (e *entry) lapse(now time.Time) {
	for e.lock.held && !now.Before(e.lock.until) {
		e.release(now)
	}
}

// release ends the lease and hands the lock to the first in the queue who is
// still there.
func (e *entry) release(now time.Time) {
	l := &e.lock
	l.held = false
	l.hold = (7*l.hold + now.Sub(l.since)) / 8
	for len(l.queue) > 0 && !l.held {
		w := l.queue[0]
		l.queue = slices.Delete(l.queue, 0, 1)
		if w.ctx.Err() == nil {
			w.granted = true
			w.ready <- e.grant(w.request, now)
		}
	}
	if len(l.queue) > 0 {
		e.arm()
	} else if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

// arm sees to it that a lease lapses although nobody asks, for the queue's sake.
func (e *entry) arm() {
	left := time.Until(e.lock.until)
	if e.lock.timer != nil {
		e.lock.timer.Reset(left)
		return
	}
	e.lock.timer = time.AfterFunc(left, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.lapse(time.Now())
		if len(e.lock.queue) > 0 && e.lock.held { // it was refreshed, or handed on
			e.arm()
		}
	})
}

func (e *entry) grant(r api.LockRequest, now time.Time) api.Lock {
	l := &e.lock
	l.held, l.owner, l.since, l.until = true, r.Owner, now, now.Add(r.TTL)
	l.fence++
	l.token = strconv.FormatInt(l.fence, 36) + "-" + strconv.FormatUint(rand.Uint64(), 36)
	return e.told(now)
}

func (e *entry) told(now time.Time) api.Lock {
	return api.Lock{Token: e.lock.token, Fence: e.lock.fence, Owner: e.lock.owner, Expires: e.lock.until.Sub(now)}
}

// locked is the refusal of a lock that somebody else holds. When to come back
// is a guess: how long the lock was held of late, for everybody in the queue.
func (e *entry) locked() error {
	p := api.Refuse(423, "locked", "wait in its queue with wait_ms, or come back later")
	p.Holder = e.lock.owner
	p.RetryAfter = max(time.Millisecond, min(time.Until(e.lock.until), e.lock.hold*time.Duration(len(e.lock.queue)+1)))
	return p
}
