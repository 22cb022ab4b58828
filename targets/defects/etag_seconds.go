package defects

import (
	"context"
	"strconv"
	"time"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The ETag is the time of the last change, in whole seconds: the second change
// within a second leaves the tag as it was, and a client that read before it
// overwrites it unnoticed. Comparison and write are one step, so the lock that
// a reviewer looks for is there.
//
// Origin: nextcloud/server#63994, owncloud/core#7802, cs3org/reva#1576,
// CommunitySolidServer#2101 (file times as entity tags).
var etagSeconds = Defect{
	Name: "etag-seconds", ID: "B05",
	Title:    "the ETag is a time in whole seconds",
	Origin:   "nextcloud/server#63994",
	Property: "no-lost-update", Twin: "etag",
	Apply: func(t *memory.Target) error {
		t.Replace("etag", tagsBySecond{etag(t)})
		return nil
	},
}

type tagsBySecond struct{ *memory.ETag }

// item shows the state under its second; the body's version follows the tag.
func (tagsBySecond) item(key string, st memory.State) api.Item {
	it := memory.ItemOf(key, st)
	it.Version = st.Changed / int64(time.Second)
	it.ETag = strconv.Quote(strconv.FormatInt(it.Version, 10))
	return it
}

func (s tagsBySecond) Read(ctx context.Context, key string) (api.Item, error) {
	if _, err := s.ETag.Read(ctx, key); err != nil {
		return api.Item{}, err
	}
	return s.item(key, s.Load(key)), nil
}

func (s tagsBySecond) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	if !s.Load(w.Key).Exists || w.Creates() {
		_, created, err := s.ETag.Write(ctx, w)
		return s.item(w.Key, s.Load(w.Key)), created, err
	}
	st, err := s.Update(w.Key, func(st *memory.State) error {
		if !api.MatchStrong(w.IfMatch, s.item(w.Key, *st).ETag) {
			return api.Refuse(412, "stale-version", "read the item again")
		}
		st.Set(w)
		return nil
	})
	return s.item(w.Key, st), false, err
}
