package defects

import (
	"context"
	"sync/atomic"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The store commits but its acknowledgement is lost now and then; the driver
// sends the statement once more, finds its own row in the way and reports a
// conflict. The client is told that nothing was written, reads, and writes a
// second time.
//
// Origin: idempot-js#185 ("indeterminate commit into false 409"),
// rethinkdb/rethinkdb#2039 ("the write almost certainly went through").
var conflictAfterCommit = Defect{
	Name: "conflict-after-commit", ID: "B18",
	Title:    "412 although the write was applied",
	Origin:   "rethinkdb/rethinkdb#2039",
	Property: "honest-refusals", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", &meetsItself{ETag: etag(t)})
		return nil
	},
}

type meetsItself struct {
	*memory.ETag
	commits atomic.Int64
}

// lostAck is how many commits there are for one lost acknowledgement.
const lostAck = 16

func (s *meetsItself) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	it, created, err := s.ETag.Write(ctx, w)
	if err == nil && !created && s.commits.Add(1)%lostAck == 0 {
		return s.ETag.Write(ctx, w) // again: the tag is stale by our own hand
	}
	return it, created, err
}
