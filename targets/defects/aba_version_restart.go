package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// Deleting an item forgets its version too. Once it is made again, versions
// are given out that were given out before, and a client that read version 2
// of the first life may overwrite version 2 of the second.
//
// Origin: the review of Silo-Server#940, constructorfabric/gears-rust#4204.
var abaVersionRestart = Defect{
	Name: "aba-version-restart", ID: "B10",
	Title:    "versions restart when an item is deleted and made again",
	Origin:   "constructorfabric/gears-rust#4204",
	Property: "lifecycle", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", restartsVersions{etag(t)})
		return nil
	},
}

type restartsVersions struct{ *memory.ETag }

func (s restartsVersions) Delete(_ context.Context, key string, g api.Guard) error {
	_, err := s.Update(key, func(st *memory.State) error {
		if !st.Exists {
			return api.Refuse(404, "not-found", "no item has that key")
		}
		if err := memory.CheckIfMatch(g, *st); err != nil {
			return err
		}
		*st = memory.State{Version: -1} // the next create gets version 1 again
		return nil
	})
	return err
}
