package defects

import (
	"context"
	"sync"
	"time"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// Reads go to a replica that follows its primary with a delay; writes go to
// the primary. The lock is granted, the token is right, and the holder still
// reads the state from before the last holder's write.
//
// Origin: lerianstudio/midaz#1609 (balance read from the replica before it is
// updated), etcd-io/etcd#20418.
var staleReplica = Defect{
	Name: "stale-replica", ID: "B41",
	Title:    "reads are served by a replica that lags behind",
	Origin:   "lerianstudio/midaz#1609",
	Property: "no-lost-update", Twin: "lease",
	Apply: func(t *memory.Target) error {
		t.Replace("lease", &readsReplica{Lease: lease(t), replica: map[string]api.Item{}})
		return nil
	},
}

// lag is how far the replica is behind.
const lag = 20 * time.Millisecond

type readsReplica struct {
	*memory.Lease
	mu      sync.Mutex
	replica map[string]api.Item
}

func (s *readsReplica) Read(ctx context.Context, key string) (api.Item, error) {
	s.mu.Lock()
	it, ok := s.replica[key]
	s.mu.Unlock()
	if ok {
		return it, nil
	}
	return s.Lease.Read(ctx, key) // not copied yet: from the primary
}

func (s *readsReplica) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	it, created, err := s.Lease.Write(ctx, w)
	if err == nil {
		time.AfterFunc(lag, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.replica[it.Key].Version < it.Version { // else a newer state came first
				s.replica[it.Key] = it
			}
		})
	}
	return it, created, err
}
