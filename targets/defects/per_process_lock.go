package defects

import (
	"context"
	"sync"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// Two worker processes accept connections on one port, each with a mutex of
// its own, over one store. Each worker is careful, and the two know nothing of
// each other. With one worker, as on the developer's machine, nothing is lost.
// (Here the workers are two mutexes, and connections alternate between them.)
//
// Origin: modelcontextprotocol/servers#3286, active_job_tracker#9,
// mem0ai/mem0#6516.
var perProcessLock = Defect{
	Name: "per-process-lock", ID: "B36",
	Title:    "the lock is the process's own, and there are two processes",
	Origin:   "modelcontextprotocol/servers#3286",
	Property: "counter-bounds", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", &twoWorkers{ServerSide: serverSide(t)})
		return nil
	},
}

type twoWorkers struct {
	*memory.ServerSide
	locks [2]sync.Mutex // one of each process
}

func (s *twoWorkers) Add(ctx context.Context, c api.Change) (api.Item, error) {
	lock := &s.locks[api.Connection(ctx)%2]
	lock.Lock()
	defer lock.Unlock()
	st := s.Load(c.Key)
	if !st.Exists {
		return api.Item{}, api.Refuse(404, "not-found", "no item has that key")
	}
	sum, err := memory.Sum(st, c.Amount)
	if err != nil {
		return api.Item{}, err
	}
	pause() // alone, as far as this process can tell
	st, err = s.Update(c.Key, func(st *memory.State) error {
		st.Value, st.Tag = sum, c.Tag
		return nil
	})
	return memory.ItemOf(c.Key, st), err
}
