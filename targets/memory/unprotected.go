package memory

import (
	"context"

	"tussle/targets/api"
)

// Unprotected takes every write: the last one wins. It promises nothing.
type Unprotected struct {
	common
	noLocks
}

// NewUnprotected makes the scheme over a store.
func NewUnprotected(s *Store) *Unprotected { return &Unprotected{common: common{s}} }

// Write implements [api.Scheme].
func (u *Unprotected) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	return u.write(w, anyState)
}

// Delete implements [api.Scheme].
func (u *Unprotected) Delete(_ context.Context, key string, _ api.Guard) error {
	return u.remove(key, anyState)
}
