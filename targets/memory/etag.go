package memory

import (
	"context"

	"tussle/targets/api"
)

// ETag is optimistic locking by entity tag: a change of an item that exists
// needs If-Match. Comparison and change are one step under the item's lock.
type ETag struct {
	common
	noLocks
}

// NewETag makes the scheme over a store.
func NewETag(s *Store) *ETag { return &ETag{common: common{s}} }

// Write implements [api.Scheme].
func (e *ETag) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	return e.write(w, func(st State) error {
		if !st.Exists && w.IfMatch == "" {
			return nil
		}
		return CheckIfMatch(w.Guard, st)
	})
}

// Delete implements [api.Scheme].
func (e *ETag) Delete(_ context.Context, key string, g api.Guard) error {
	return e.remove(key, func(st State) error { return CheckIfMatch(g, st) })
}

// CheckIfMatch evaluates If-Match: 428 when it is missing, 412 when it is false
// (RFC 6585, 3; RFC 9110, 13.1.1).
func CheckIfMatch(g api.Guard, st State) error {
	if g.IfMatch == "" {
		return api.Refuse(428, "precondition-required", "send If-Match with the ETag of the state that you read").WithVersion(st.Version)
	}
	current := ""
	if st.Exists {
		current = ItemOf("", st).EntityTag()
	}
	if !api.MatchStrong(g.IfMatch, current) {
		return stale(412).WithVersion(st.Version)
	}
	return nil
}

func stale(status int) *api.Problem {
	return api.Refuse(status, "stale-version", "read the item again and decide anew")
}
