package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The tag is compared, then the item is written, and nothing keeps a second
// writer with the same tag from passing the comparison in between. One request
// at a time, every answer is as it should be.
//
// Origin: JavaScriptSolidServer#600 (two 204 for one tag, one update lost),
// yetanalytics/lrsql#504, lennart-k/rustical#250; Apache's mod_dav has it.
var ifMatchNotAtomic = Defect{
	Name: "if-match-not-atomic", ID: "B02",
	Title:    "If-Match is compared before the write, not with it",
	Origin:   "JavaScriptSolidServer/JavaScriptSolidServer#600",
	Property: "no-lost-update", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", comparesFirst{etag(t)})
		return nil
	},
}

type comparesFirst struct{ *memory.ETag }

func (s comparesFirst) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	current := s.Load(w.Key)
	if !current.Exists || w.Creates() {
		return s.ETag.Write(ctx, w)
	}
	if err := memory.CheckIfMatch(w.Guard, current); err != nil {
		return api.Item{}, false, err
	}
	pause() // compared, but not yet written
	st, err := s.Update(w.Key, func(st *memory.State) error {
		st.Set(w)
		return nil
	})
	return memory.ItemOf(w.Key, st), false, err
}
