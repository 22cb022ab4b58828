package sql

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"tussle/targets/api"
)

// leases are rows with a token, a fencing number that grows with every grant,
// and an end by the database's clock. A change under a lease keeps the row
// from being granted anew until it is committed.
type leases struct {
	grant, holder, refresh, unlock, held string
}

func newLeases(d dialect) *leases {
	s := func(text string) string {
		return strings.NewReplacer("{t}", d.prefix+"locks", "{now}", d.now).Replace(text)
	}
	return &leases{
		grant: s(`INSERT INTO {t} AS l (key, token, owner, fence, expires) VALUES ($1, $2, $3, 1, {now} + $4) ` +
			`ON CONFLICT (key) DO UPDATE SET token = $2, owner = $3, fence = l.fence + 1, expires = {now} + $4 WHERE l.expires <= {now} RETURNING fence`),
		holder:  s(`SELECT owner, fence, expires - {now} FROM {t} WHERE key = $1 AND expires > {now}`),
		refresh: s(`UPDATE {t} SET expires = {now} + $3 WHERE key = $1 AND token = $2 AND expires > {now} RETURNING owner, fence`),
		unlock:  s(`UPDATE {t} SET expires = 0 WHERE key = $1 AND token = $2 AND expires > {now}`),
		held:    s(`SELECT token, fence, expires - {now} FROM {t} WHERE key = $1` + d.share),
	}
}

func lockless() error {
	return api.Refuse(404, "no-such-path", "this scheme has no locks; lease has")
}

// held evaluates token and fencing number of a change.
func (s *scheme) held(ctx context.Context, tx session, key string, g api.Guard) error {
	if !s.lease {
		return nil
	}
	if g.LockToken == "" || g.Fence == api.None {
		return api.Refuse(428, "lock-required", "take the lock first and send Lock-Token and Fence")
	}
	var token string
	var fence, left int64
	found, err := tx.one(ctx, s.locks.held, []any{key}, &token, &fence, &left)
	switch {
	case err != nil:
		return err
	case found && g.Fence < fence:
		return api.Refuse(412, "fenced", "the lock was granted again since")
	case !found || token != g.LockToken || left <= 0:
		return api.Refuse(412, "lock-lost", "the lock lapsed or was given back")
	}
	return nil
}

func (s *scheme) ttl(asked time.Duration) time.Duration {
	if asked <= 0 {
		asked = s.opt.TTL
	}
	return max(time.Millisecond, min(asked, s.opt.MaxTTL))
}

// poll is how often the first in a queue looks at the lock; whoever gives it
// back in the same process tells it at once.
const poll = 5 * time.Millisecond

// Lock implements [api.Scheme]. Who waits stands in this process's queue,
// first come, first served; between processes the quicker one wins.
func (s *scheme) Lock(ctx context.Context, r api.LockRequest) (api.Lock, error) {
	if !s.lease {
		return api.Lock{}, lockless()
	}
	at := s.at(ctx)
	end := time.Now().Add(r.Wait)
	place, turn := at.queue.join(r.Key, r.Wait > 0)
	if place == nil { // others wait, and we may not
		return api.Lock{}, s.lockedOut(ctx, r.Key)
	}
	defer at.queue.leave(r.Key, place)
	patience := time.NewTimer(r.Wait)
	defer patience.Stop()
	if !turn {
		select {
		case <-place.turn:
		case <-patience.C:
			return api.Lock{}, s.lockedOut(ctx, r.Key)
		case <-ctx.Done():
			return api.Lock{}, ctx.Err()
		}
	}
	for {
		got, granted, err := s.tryLock(ctx, r)
		if granted || err != nil {
			return got, err
		}
		if !time.Now().Before(end) {
			return api.Lock{}, s.lockedOut(ctx, r.Key)
		}
		again := time.NewTimer(poll)
		select {
		case <-place.wake:
		case <-again.C:
		case <-patience.C:
		case <-ctx.Done():
		}
		again.Stop()
		if ctx.Err() != nil {
			return api.Lock{}, ctx.Err()
		}
	}
}

// tryLock takes the lock if nobody has it.
func (s *scheme) tryLock(ctx context.Context, r api.LockRequest) (api.Lock, bool, error) {
	ttl := s.ttl(r.TTL)
	l := api.Lock{Token: rand.Text(), Owner: r.Owner, Expires: ttl}
	db := s.at(ctx).db
	granted, err := db.one(ctx, s.locks.grant, []any{r.Key, l.Token, r.Owner, ttl.Milliseconds()}, &l.Fence)
	return l, granted, db.refusal(err)
}

// lockedOut is the refusal of a lock that somebody else holds.
func (s *scheme) lockedOut(ctx context.Context, key string) error {
	p := api.Refuse(423, "locked", "wait in its queue with wait_ms, or come back later")
	l, err := s.Holder(ctx, key)
	if q, ok := err.(*api.Problem); err != nil && (!ok || q.Name != "not-found") {
		return err
	}
	p.Holder = l.Owner
	p.RetryAfter = max(time.Millisecond, min(l.Expires, 10*time.Millisecond))
	return p
}

// Refresh implements [api.Scheme].
func (s *scheme) Refresh(ctx context.Context, key, token string, ttl time.Duration) (api.Lock, error) {
	if !s.lease {
		return api.Lock{}, lockless()
	}
	l := api.Lock{Token: token, Expires: s.ttl(ttl)}
	db := s.at(ctx).db
	found, err := db.one(ctx, s.locks.refresh, []any{key, token, l.Expires.Milliseconds()}, &l.Owner, &l.Fence)
	if err == nil && !found {
		err = lockLost()
	}
	return l, db.refusal(err)
}

// Unlock implements [api.Scheme].
func (s *scheme) Unlock(ctx context.Context, key, token string) error {
	if !s.lease {
		return lockless()
	}
	at := s.at(ctx)
	n, err := at.db.exec(ctx, s.locks.unlock, key, token)
	if err == nil && n == 0 {
		err = lockLost()
	}
	at.queue.wake(key)
	return at.db.refusal(err)
}

// Holder implements [api.Scheme].
func (s *scheme) Holder(ctx context.Context, key string) (api.Lock, error) {
	if !s.lease {
		return api.Lock{}, lockless()
	}
	var l api.Lock
	var left int64
	db := s.at(ctx).db
	found, err := db.one(ctx, s.locks.holder, []any{key}, &l.Owner, &l.Fence, &left)
	if err == nil && !found {
		err = api.Refuse(404, "not-found", "nobody holds the lock")
	}
	l.Expires = time.Duration(left) * time.Millisecond
	return l, db.refusal(err)
}

func lockLost() error {
	return api.Refuse(409, "lock-lost", "the token is not, or no longer, the lock's")
}
