package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The tag is checked at the door and once more in the store, atomically, as it
// should be. But the store's refusal is only logged: whoever passed the door
// and lost the race in the store is answered 200, and the write is dropped.
//
// Origin: deepstreamIO/deepstream.io#640 (write acknowledged after
// VERSION_EXISTS).
var ackButDropped = Defect{
	Name: "ack-but-dropped", ID: "B19",
	Title:    "200 although the store refused the write",
	Origin:   "deepstreamIO/deepstream.io#640",
	Property: "no-lost-update", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", swallowsConflict{etag(t)})
		return nil
	},
}

type swallowsConflict struct{ *memory.ETag }

func (s swallowsConflict) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	atDoor := s.Load(w.Key)
	if !atDoor.Exists || w.Creates() {
		return s.ETag.Write(ctx, w)
	}
	if err := memory.CheckIfMatch(w.Guard, atDoor); err != nil {
		return api.Item{}, false, err
	}
	pause() // on its way to the store
	it, _, err := s.ETag.Write(ctx, w)
	if err != nil {
		// log.Printf("write of %s: %v", w.Key, err)
		return memory.ItemOf(w.Key, s.Load(w.Key)), false, nil
	}
	return it, false, nil
}
