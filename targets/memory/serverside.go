package memory

import (
	"context"

	"tussle/targets/api"
)

// ServerSide leaves changes to the server: add, append, patch and transfer are
// one step each. PUT only creates.
type ServerSide struct {
	common
	noLocks
}

// NewServerSide makes the scheme over a store.
func NewServerSide(s *Store) *ServerSide { return &ServerSide{common: common{s}} }

// Write implements [api.Scheme]: it creates. A write with a rule over two
// items is taken too: the server itself sees to the rule.
func (s *ServerSide) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	return s.write(w, func(st State) error {
		if st.Exists && w.With == "" {
			return api.Refuse(409, "exists", "PUT only creates here; change it with POST .../add or .../append, or PATCH").WithVersion(st.Version)
		}
		return nil
	})
}

// Delete implements [api.Scheme].
func (s *ServerSide) Delete(_ context.Context, key string, g api.Guard) error {
	return s.remove(key, func(st State) error {
		if g.IfMatch != "" {
			return CheckIfMatch(g, st)
		}
		return nil
	})
}
