package samples

import (
	"bytes"
	"testing"
	"time"

	"tussle/history"
	"tussle/report/internal/virtual"
)

// Recorded returns the history of a run on a virtual clock, as a file.
func Recorded(t testing.TB, load virtual.Load, change ...func(*history.Record)) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := history.NewWriter(&file, 0)
	if err != nil {
		t.Fatal(err)
	}
	buf := w.Buffer()
	virtual.Run(load, func(r *history.Record) {
		for _, f := range change {
			f(r)
		}
		Put(t, buf, r)
	})
	buf.Flush()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Put writes a record of any kind.
func Put(t testing.TB, buf *history.Buffer, r *history.Record) {
	var err error
	switch r.Kind {
	case history.KindHeader:
		err = buf.Header(&r.Header)
	case history.KindBlock:
		err = buf.Block(&r.Block)
	case history.KindRequest:
		buf.Request(&r.Request)
	case history.KindOperation:
		buf.Operation(&r.Operation)
	case history.KindSample:
		err = buf.Sample(&r.Sample)
	case history.KindEvent:
		err = buf.Event(&r.Event)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// FlashSale is a small run of the three kinds of locking on few keys.
func FlashSale() virtual.Load {
	return virtual.Load{Keys: 4, Clients: 8, Repeat: 6, Duration: 300 * time.Millisecond, Warmup: 50 * time.Millisecond,
		Think: time.Millisecond, Pause: 2 * time.Millisecond, ReadShare: 0.2, Seed: 42, Details: true,
		Strategies: []virtual.Strategy{
			{Name: "optimistic", Locking: "optimistic", Promises: []string{"no-lost-update"}},
			{Name: "pessimistic", Locking: "pessimistic", Promises: []string{"no-lost-update"}},
			{Name: "last-write-wins", Locking: "none"},
		}}
}
