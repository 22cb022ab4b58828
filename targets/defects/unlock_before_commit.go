package defects

import (
	"context"
	"sync"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The method takes the lock and gives it back by defer; the transaction around
// it commits after the method has returned. Until then, the next one in line
// holds the lock and reads the state from before.
//
// Origin: redisson/redisson#2183 (lock inside a transactional method),
// vespa-engine/vespa#14823 ("Hold lock while committing transaction").
var unlockBeforeCommit = Defect{
	Name: "unlock-before-commit", ID: "B28",
	Title:    "the lock is given back before the transaction commits",
	Origin:   "vespa-engine/vespa#14823",
	Property: "counter-bounds", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", &commitsLate{ServerSide: serverSide(t)})
		return nil
	},
}

type commitsLate struct {
	*memory.ServerSide
	lock sync.Mutex
}

// Add is the transaction around add.
func (s *commitsLate) Add(_ context.Context, c api.Change) (api.Item, error) {
	sum, err := s.add(c)
	if err != nil {
		return api.Item{}, err
	}
	pause() // the commit is on its way
	st, err := s.Update(c.Key, func(st *memory.State) error {
		st.Value, st.Tag = sum, c.Tag
		return nil
	})
	return memory.ItemOf(c.Key, st), err
}

func (s *commitsLate) add(c api.Change) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	st := s.Load(c.Key)
	if !st.Exists {
		return nil, api.Refuse(404, "not-found", "no item has that key")
	}
	return memory.Sum(st, c.Amount)
}
