package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// A rule over two rows ("one of the two stays on call") is checked in a
// snapshot, and one row is updated. The database refuses two updates of one
// row, but these are of two: both pass, and the rule is broken.
//
// Origin: vouch#1326 (the last two administrators remove each other),
// memgraph/memgraph#4352; PostgreSQL's repeatable read allows it (Hermitage,
// G2-item).
var writeSkewSnapshot = Defect{
	Name: "write-skew-snapshot", ID: "B20",
	Title:    "a rule over two rows is checked in a snapshot, one row is locked",
	Origin:   "memgraph/memgraph#4352",
	Property: "write-skew", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", checksInSnapshot{serverSide(t)})
		return nil
	},
}

type checksInSnapshot struct{ *memory.ServerSide }

func (s checksInSnapshot) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	if w.With == "" {
		return s.ServerSide.Write(ctx, w)
	}
	mine, other := s.Load(w.Key), s.Load(w.With) // the snapshot
	if err := memory.CheckSum(w, other); err != nil {
		return api.Item{}, false, err
	}
	pause() // the transaction goes on, in its snapshot
	st, err := s.Update(w.Key, func(st *memory.State) error {
		if st.Version != mine.Version { // first committer wins
			return api.Refuse(409, "serialization", "the row was updated by another transaction")
		}
		st.Set(w)
		return nil
	})
	return memory.ItemOf(w.Key, st), false, err
}
