package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// A change of one part is merged into a loaded copy of the row, and the whole
// row is saved: what others changed in other parts meanwhile is put back to
// what it was. Nobody touched the same field, and yet one of the two changes
// is gone. It is what an object mapper does that saves all columns.
//
// Origin: encode/django-rest-framework#2622, PostHog/posthog#98817,
// eclipse-edc/Connector#5956.
var patchOverStaleCopy = Defect{
	Name: "patch-over-stale-copy", ID: "B15",
	Title:    "a change of a part saves the whole row from a loaded copy",
	Origin:   "encode/django-rest-framework#2622",
	Property: "append-only", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", savesAllColumns{serverSide(t)})
		return nil
	},
}

type savesAllColumns struct{ *memory.ServerSide }

func (s savesAllColumns) Patch(_ context.Context, c api.Change) (api.Item, error) {
	return s.save(c, api.Merged)
}

func (s savesAllColumns) Append(_ context.Context, c api.Change) (api.Item, error) {
	return s.save(c, api.Appended)
}

func (s savesAllColumns) save(c api.Change, merge func(row, part []byte) ([]byte, *api.Problem)) (api.Item, error) {
	row := s.Load(c.Key)
	if !row.Exists {
		return api.Item{}, api.Refuse(404, "not-found", "no item has that key")
	}
	merged, bad := merge(row.Value, c.Value)
	if bad != nil {
		return api.Item{}, bad
	}
	pause() // others save their parts
	st, err := s.Update(c.Key, func(st *memory.State) error {
		st.Value, st.Tag = merged, c.Tag
		return nil
	})
	return memory.ItemOf(c.Key, st), err
}
