package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The parent is looked up, then the child is inserted, and nothing holds the
// parent in between: whoever deletes it then sees no child, and the child is
// left behind without a parent.
//
// Origin: open-metadata/OpenMetadata#33741 ("ghost" entities),
// matrix-org/synapse#7796, virtualcell/vcell#1992.
var childOfDeletedParent = Defect{
	Name: "child-of-deleted-parent", ID: "B40",
	Title:    "a child is inserted under a parent that was there a moment ago",
	Origin:   "open-metadata/OpenMetadata#33741",
	Property: "parent-child", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", looksForParent{etag(t)})
		return nil
	},
}

type looksForParent struct{ *memory.ETag }

func (s looksForParent) CreateChild(_ context.Context, parent string, w api.Write) (api.Item, error) {
	name := w.Key
	w.Key = parent + "/" + name
	if !s.Load(parent).Exists {
		return api.Item{}, api.Refuse(409, "parent-missing", "create the parent first")
	}
	pause() // the parent was there
	st, err := s.Update(w.Key, func(st *memory.State) error {
		if st.Exists {
			return api.Refuse(409, "exists", "the parent has a child of that name")
		}
		st.Set(w)
		return nil
	})
	if err == nil {
		s.Adopt(parent, name)
	}
	return memory.ItemOf(w.Key, st), err
}
