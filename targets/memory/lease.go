package memory

import (
	"context"
	"time"

	"tussle/targets/api"
)

// Lease is pessimistic locking with leases and fencing tokens: a change of an
// item that exists needs the lock's token and its fencing number. A token that
// has lapsed, or a number smaller than the newest grant's, is refused at the
// item itself, so a holder that was paused for too long does no harm.
type Lease struct {
	common
	locks
}

// NewLease makes the scheme over a store.
func NewLease(s *Store, o Options) *Lease {
	return &Lease{common: common{s}, locks: locks{store: s, ttl: o.TTL, maxTTL: o.MaxTTL}}
}

// check evaluates token and fence of a change; the item's mutex is held.
func (l *Lease) check(key string, g api.Guard) func(State) error {
	e := l.place(key)
	return func(st State) error {
		if g.LockToken == "" || g.Fence == api.None {
			return api.Refuse(428, "lock-required", "take the lock first and send Lock-Token and Fence").WithVersion(st.Version)
		}
		if g.Fence < e.lock.fence {
			return api.Refuse(412, "fenced", "the lock was granted again since").WithVersion(st.Version)
		}
		if e.holds(g.LockToken, time.Now()) != nil {
			return api.Refuse(412, "lock-lost", "the lock lapsed or was given back").WithVersion(st.Version)
		}
		return nil
	}
}

// Write implements [api.Scheme].
func (l *Lease) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	held := l.check(w.Key, w.Guard)
	return l.write(w, func(st State) error {
		if !st.Exists && w.LockToken == "" {
			return nil
		}
		return held(st)
	})
}

// Delete implements [api.Scheme].
func (l *Lease) Delete(_ context.Context, key string, g api.Guard) error {
	return l.remove(key, l.check(key, g))
}

// Add implements [api.Scheme].
func (l *Lease) Add(_ context.Context, c api.Change) (api.Item, error) {
	return l.server(c, l.check(c.Key, c.Guard), func(st State) ([]byte, error) { return Sum(st, c.Amount) })
}

// Append implements [api.Scheme].
func (l *Lease) Append(_ context.Context, c api.Change) (api.Item, error) {
	return l.server(c, l.check(c.Key, c.Guard), func(st State) ([]byte, error) { return value(api.Appended(st.Value, c.Value)) })
}

// Patch implements [api.Scheme].
func (l *Lease) Patch(_ context.Context, c api.Change) (api.Item, error) {
	return l.server(c, l.check(c.Key, c.Guard), func(st State) ([]byte, error) { return value(api.Merged(st.Value, c.Value)) })
}

// Transfer implements [api.Scheme].
func (l *Lease) Transfer(context.Context, api.Transfer) error {
	return api.Refuse(404, "no-such-path", "under leases, lock both items and write each")
}
