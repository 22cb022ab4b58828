package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// That a name is unique is checked by a query before the insert; the table has
// no unique index. Two requests at once both find the name free.
//
// Origin: encode/django-rest-framework#3876, jugglingdb#391, structr#476;
// Bailis et al., "Feral Concurrency Control" (SIGMOD 2015), measured it.
var uniqueWithoutIndex = Defect{
	Name: "unique-without-index", ID: "B38",
	Title:    "a name is looked up before the insert, and no index guards it",
	Origin:   "encode/django-rest-framework#3876",
	Property: "create-once", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", selectsThenInserts{serverSide(t)})
		return nil
	},
}

type selectsThenInserts struct{ *memory.ServerSide }

func (s selectsThenInserts) Create(_ context.Context, w api.Write) (api.Item, error) {
	if st := s.Load(w.Key); st.Exists { // SELECT 1 FROM items WHERE name = ...
		return api.Item{}, api.Refuse(409, "exists", "the name is taken").WithVersion(st.Version)
	}
	pause()
	st, err := s.Update(w.Key, func(st *memory.State) error { // INSERT
		st.Set(w)
		return nil
	})
	return memory.ItemOf(w.Key, st), err
}
