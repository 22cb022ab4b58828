package sql

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The atomic scheme lets one statement compute: SET value = value + $2. The
// server's own work comes before it, so that no row waits for it.

func (s *scheme) addAtOnce(ctx context.Context, c api.Change) (api.Item, error) {
	it := api.Item{Key: c.Key, Tag: c.Tag}
	if err := s.work(ctx); err != nil {
		return it, err
	}
	db := s.at(ctx).db
	var sum string
	found, err := db.one(ctx, s.t.add, []any{c.Key, c.Amount, c.Tag}, &sum, &it.Version)
	if err != nil {
		return it, db.refusal(err)
	}
	if !found {
		return it, s.whyNot(ctx, db, c.Key, func(st state) error { _, err := memory.Sum(st, c.Amount); return err })
	}
	it.Value = []byte(sum)
	return it, nil
}

func (s *scheme) appendAtOnce(ctx context.Context, c api.Change) (api.Item, error) {
	it := api.Item{Key: c.Key, Tag: c.Tag}
	if err := s.work(ctx); err != nil {
		return it, err
	}
	db := s.at(ctx).db
	found, err := db.one(ctx, s.t.append, []any{c.Key, string(c.Value), c.Tag}, &it.Version)
	if err != nil {
		return it, db.refusal(err)
	}
	if !found {
		return it, s.whyNot(ctx, db, c.Key, func(st state) error { _, err := value(api.Appended(st.Value, c.Value)); return err })
	}
	return it, nil
}

// transferAtOnce debits and credits with one statement each, whose locks are
// taken in the order of the statements.
func (s *scheme) transferAtOnce(ctx context.Context, t api.Transfer) error {
	if err := s.work(ctx); err != nil {
		return err
	}
	return s.transact(ctx, func(tx session) error {
		for _, k := range s.order(t.From, t.To) {
			query := s.t.credit
			if k == t.From {
				query = s.t.debit
			}
			n, err := tx.exec(ctx, query, k, t.Amount, t.Tag)
			if err != nil {
				return err
			}
			if n == 0 {
				return s.whyNot(ctx, tx, k, func(st state) error {
					other := state{Value: []byte("0"), Exists: true}
					if k == t.From {
						return memory.Move(t, &st, &other)
					}
					_, err := value(nil, integer(st))
					return err
				})
			}
		}
		return nil
	})
}

func integer(st state) *api.Problem {
	_, p := api.Integer(st.Value)
	return p
}

// whyNot says why a statement changed no row; why decides it by the row as it
// is now. A row that would do now has changed meanwhile.
func (s *scheme) whyNot(ctx context.Context, tx session, key string, why func(st state) error) error {
	st, err := s.t.load(ctx, tx, key, "")
	switch {
	case err != nil:
		return err
	case !st.Exists:
		return notFound()
	}
	return first(why(st), stale(409))
}
