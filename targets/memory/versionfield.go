package memory

import (
	"context"

	"tussle/targets/api"
)

// VersionField is optimistic locking by a member of the body: a change of an
// item that exists carries the version that it is built on. A version that is
// not the present one is a conflict with the item's state, 409: 412 would
// speak of a header that nobody sent (RFC 5789, 2.2).
type VersionField struct {
	common
	noLocks
}

// NewVersionField makes the scheme over a store.
func NewVersionField(s *Store) *VersionField { return &VersionField{common: common{s}} }

// Write implements [api.Scheme].
func (v *VersionField) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	return v.write(w, func(st State) error { return checkVersion(w.Guard, st, !st.Exists) })
}

// Delete implements [api.Scheme].
func (v *VersionField) Delete(_ context.Context, key string, g api.Guard) error {
	return v.remove(key, func(st State) error { return checkVersion(g, st, false) })
}

// checkVersion compares the version sent; free says that none is needed.
func checkVersion(g api.Guard, st State, free bool) error {
	if g.IfMatch != "" {
		if err := CheckIfMatch(g, st); err != nil {
			return err
		}
	}
	switch {
	case g.Version == api.None && free:
		return nil
	case g.Version == api.None:
		return api.Refuse(428, "precondition-required", "send the version that you read: member version, or query parameter version with DELETE").WithVersion(st.Version)
	case g.Version != st.Version || !st.Exists:
		return stale(409).WithVersion(st.Version)
	}
	return nil
}
