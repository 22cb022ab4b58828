package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The answer to a write carries the tag from before it: the tag was computed
// when the request was parsed. A client that goes on with the tag it was given
// is refused although nobody else wrote, and one that caches its own copy
// under that tag shows the wrong state.
//
// Origin: haiwen/seafdav#95.
var oldETagInAnswer = Defect{
	Name: "old-etag-in-answer", ID: "B08",
	Title:    "the answer to a write carries the ETag from before it",
	Origin:   "haiwen/seafdav#95",
	Property: "one-version-one-state", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", answersOldTag{etag(t)})
		return nil
	},
}

type answersOldTag struct{ *memory.ETag }

func (s answersOldTag) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	before := memory.ItemOf(w.Key, s.Load(w.Key))
	after, created, err := s.ETag.Write(ctx, w)
	if err != nil || created {
		return after, created, err
	}
	return before, false, nil
}
