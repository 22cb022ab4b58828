package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// If-None-Match: * looks whether the item is there, then makes it: two creates
// of one name both find nothing and are both answered 201.
//
// Origin: rustfs/rustfs#1659 (atomic at one endpoint, not at four others);
// Apache's mod_dav accepted 89 to 127 creates of 50 names.
var createNotAtomic = Defect{
	Name: "create-not-atomic", ID: "B03",
	Title:    "If-None-Match: * looks first and creates later",
	Origin:   "rustfs/rustfs#1659",
	Property: "create-once", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", looksThenCreates{etag(t)})
		return nil
	},
}

type looksThenCreates struct{ *memory.ETag }

func (s looksThenCreates) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	if !w.Creates() {
		return s.ETag.Write(ctx, w)
	}
	if err := memory.CheckNoneMatch(w.Guard, s.Load(w.Key)); err != nil {
		return api.Item{}, false, err
	}
	pause() // nobody was there; somebody may be now
	st, err := s.Update(w.Key, func(st *memory.State) error {
		st.Set(w)
		return nil
	})
	return memory.ItemOf(w.Key, st), true, err
}
