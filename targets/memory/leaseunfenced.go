package memory

import (
	"context"

	"tussle/targets/api"
)

// LeaseUnfenced has the same locks as [Lease], but the items know nothing of
// them: a write is taken from anyone, also from a holder whose lease lapsed.
type LeaseUnfenced struct {
	common
	locks
}

// NewLeaseUnfenced makes the scheme over a store.
func NewLeaseUnfenced(s *Store, o Options) *LeaseUnfenced {
	return &LeaseUnfenced{common: common{s}, locks: locks{store: s, ttl: o.TTL, maxTTL: o.MaxTTL}}
}

// Write implements [api.Scheme].
func (l *LeaseUnfenced) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	return l.write(w, anyState)
}

// Delete implements [api.Scheme].
func (l *LeaseUnfenced) Delete(_ context.Context, key string, _ api.Guard) error {
	return l.remove(key, anyState)
}
