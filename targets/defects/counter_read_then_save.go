package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The server adds as a client without protection would: it loads the number,
// adds to it and saves the sum. Of two additions at once, one is lost.
//
// Origin: nopCommerce#8085 (stock), webisters/cache#37 (779 of 1,000
// increments lost), medusajs/medusa#16576.
var counterReadThenSave = Defect{
	Name: "counter-read-then-save", ID: "B14",
	Title:    "a server-side addition loads, adds and saves in three steps",
	Origin:   "nopSolutions/nopCommerce#8085",
	Property: "counter-bounds", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", loadsThenSaves{serverSide(t)})
		return nil
	},
}

type loadsThenSaves struct{ *memory.ServerSide }

func (s loadsThenSaves) Add(_ context.Context, c api.Change) (api.Item, error) {
	loaded := s.Load(c.Key)
	if !loaded.Exists {
		return api.Item{}, api.Refuse(404, "not-found", "no item has that key")
	}
	sum, err := memory.Sum(loaded, c.Amount)
	if err != nil {
		return api.Item{}, err
	}
	pause() // the sum is of a number that may have changed
	st, err := s.Update(c.Key, func(st *memory.State) error {
		st.Value, st.Tag = sum, c.Tag
		return nil
	})
	return memory.ItemOf(c.Key, st), err
}
