package sql

import (
	"context"
	"strconv"
	"strings"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// versionOf reads an If-Match header that is one strong tag of ours.
func versionOf(header string) (int64, bool) {
	inner, ok := strings.CutPrefix(header, `"`)
	if !ok {
		return 0, false
	}
	if inner, ok = strings.CutSuffix(inner, `"`); !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(inner, 10, 64)
	return n, err == nil && n > 0
}

// change reads an item, lets f work out the new value, and writes it: all in
// one transaction of the scheme's kind.
func (s *scheme) change(ctx context.Context, c api.Change, f func(st state) ([]byte, error)) (it api.Item, err error) {
	err = s.transact(ctx, func(tx session) error {
		if s.lease {
			if err := s.held(ctx, tx, c.Key, c.Guard); err != nil {
				return err
			}
		}
		st, err := s.t.load(ctx, tx, c.Key, s.suffix(s.d))
		if err != nil {
			return err
		}
		if !st.Exists {
			return notFound()
		}
		if c.IfMatch != "" {
			if err := memory.CheckIfMatch(c.Guard, st); err != nil {
				return err
			}
		}
		value, err := f(st)
		if err != nil {
			return err
		}
		if err := s.work(ctx); err != nil {
			return err
		}
		st.Value, st.Tag, st.Min, st.Max = value, c.Tag, nil, nil // nil keeps the bounds
		found, err := s.t.save(ctx, tx, c.Key, &st, s.versioned)
		if err == nil && !found {
			err = s.vanished(c.Guard)
		}
		it = memory.ItemOf(c.Key, st)
		return err
	}, c.Key)
	return it, err
}

// value makes an error of a problem only when there is one.
func value(v []byte, p *api.Problem) ([]byte, error) {
	if p != nil {
		return nil, p
	}
	return v, nil
}

// Add implements [api.Scheme].
func (s *scheme) Add(ctx context.Context, c api.Change) (api.Item, error) {
	if s.atomic && c.IfMatch == "" {
		return s.addAtOnce(ctx, c)
	}
	return s.change(ctx, c, func(st state) ([]byte, error) { return memory.Sum(st, c.Amount) })
}

// Append implements [api.Scheme].
func (s *scheme) Append(ctx context.Context, c api.Change) (api.Item, error) {
	if s.atomic && c.IfMatch == "" {
		return s.appendAtOnce(ctx, c)
	}
	return s.change(ctx, c, func(st state) ([]byte, error) { return value(api.Appended(st.Value, c.Value)) })
}

// Patch implements [api.Scheme].
func (s *scheme) Patch(ctx context.Context, c api.Change) (api.Item, error) {
	return s.change(ctx, c, func(st state) ([]byte, error) { return value(api.Merged(st.Value, c.Value)) })
}

// Transfer implements [api.Scheme].
func (s *scheme) Transfer(ctx context.Context, t api.Transfer) error {
	if s.lease {
		return api.Refuse(404, "no-such-path", "under leases, lock both items and write each")
	}
	if s.atomic {
		return s.transferAtOnce(ctx, t)
	}
	keys := s.order(t.From, t.To)
	return s.together(ctx, func(tx session) error {
		read := map[string]*state{}
		for _, k := range keys {
			st, err := s.t.load(ctx, tx, k, s.suffix(s.d))
			if err != nil {
				return err
			}
			read[k] = &st
		}
		if err := memory.Move(t, read[t.From], read[t.To]); err != nil {
			return err
		}
		if err := s.work(ctx); err != nil {
			return err
		}
		for _, k := range keys {
			found, err := s.t.save(ctx, tx, k, read[k], s.versioned)
			if err == nil && !found {
				err = s.vanished(api.Guard{Version: api.None})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, keys[:]...)
}
