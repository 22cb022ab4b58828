package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The handler never looks at If-Match: it answers 200 to a tag of long ago.
// The server sends ETags, so clients believe that they are protected.
//
// Origin: HarperFast/harper#1435 (every concurrent update lost, with 2 to 16
// clients), pithings/mountx#19, Strathweb.CacheOutput#247.
var ifMatchIgnored = Defect{
	Name: "if-match-ignored", ID: "B01",
	Title:    "If-Match is never read",
	Origin:   "HarperFast/harper#1435",
	Property: "no-lost-update", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", ignoresIfMatch{etag(t)})
		return nil
	},
}

type ignoresIfMatch struct{ *memory.ETag }

func (s ignoresIfMatch) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	created := false
	st, err := s.Update(w.Key, func(st *memory.State) error {
		if err := memory.CheckNoneMatch(w.Guard, *st); err != nil {
			return err
		}
		created = !st.Exists
		st.Set(w)
		return nil
	})
	return memory.ItemOf(w.Key, st), created, err
}
