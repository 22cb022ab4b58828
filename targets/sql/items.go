package sql

import (
	"context"
	"strings"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// Read implements [api.Scheme].
func (s *scheme) Read(ctx context.Context, key string) (api.Item, error) {
	db := s.at(ctx).db
	st, err := s.t.load(ctx, db, key, "")
	if err != nil {
		return api.Item{}, db.refusal(err)
	}
	if !st.Exists {
		return api.Item{}, notFound()
	}
	return memory.ItemOf(key, st), nil
}

// List implements [api.Scheme]: one statement sees one instant.
func (s *scheme) List(ctx context.Context, prefix string) ([]api.Item, error) {
	db := s.at(ctx).db
	var items []api.Item
	err := db.each(ctx, s.t.list, []any{prefix}, func(scan func(dest ...any) error) error {
		var it api.Item
		var value string
		err := scan(&it.Key, &value, &it.Tag, &it.Version)
		it.Value = []byte(value)
		items = append(items, it)
		return err
	})
	return items, db.refusal(err)
}

// Children implements [api.Scheme].
func (s *scheme) Children(ctx context.Context, parent string) ([]string, error) {
	db := s.at(ctx).db
	var names []string
	err := db.each(ctx, s.t.children, []any{parent}, func(scan func(dest ...any) error) error {
		var key string
		err := scan(&key)
		names = append(names, strings.TrimPrefix(key, parent+"/"))
		return err
	})
	return names, db.refusal(err)
}

// Create implements [api.Scheme].
func (s *scheme) Create(ctx context.Context, w api.Write) (api.Item, error) {
	return s.make(ctx, "", w)
}

// CreateChild implements [api.Scheme].
func (s *scheme) CreateChild(ctx context.Context, parent string, w api.Write) (api.Item, error) {
	w.Key = parent + "/" + w.Key
	return s.make(ctx, parent, w)
}

// make inserts an item. With constraints the database refuses what must not
// be; without them it is looked for first, which is not the same.
func (s *scheme) make(ctx context.Context, parent string, w api.Write) (api.Item, error) {
	var it api.Item
	db := s.at(ctx).db
	if s.loose {
		if parent != "" {
			above, err := s.t.load(ctx, db, parent, "")
			if err != nil {
				return it, db.refusal(err)
			}
			if !above.Exists {
				return it, api.Refuse(409, "parent-missing", "create the parent first")
			}
		}
		there, err := s.t.load(ctx, db, w.Key, "")
		if err != nil {
			return it, db.refusal(err)
		}
		if there.Exists {
			return it, api.Refuse(409, "exists", "the name is taken").WithVersion(there.Version)
		}
		if err := s.work(ctx); err != nil {
			return it, err
		}
	}
	it, err := s.t.insertItem(ctx, db, parent, w)
	return it, db.refusal(err)
}

// Write implements [api.Scheme].
func (s *scheme) Write(ctx context.Context, w api.Write) (api.Item, bool, error) {
	if w.Creates() || s.creates {
		it, err := s.make(ctx, "", w)
		if w.Creates() {
			err = renamed(err, "exists", 412, "exists", "If-None-Match names what is there")
		}
		return it, err == nil, err
	}
	if v, status := named(w.Guard); s.versioned && v != api.None && w.With == "" && w.IfNoneMatch == "" {
		return s.swap(ctx, w, v, status)
	}
	for try := 1; ; try++ {
		it, created, err := s.put(ctx, w)
		// Somebody else made it after we had seen that it was not there.
		if p, ok := err.(*api.Problem); ok && p.Name == "exists" && w.IfNoneMatch == "" && try < 3 {
			continue
		}
		return it, created, err
	}
}

// named returns the one version that a change is conditional on, and the
// status of a refusal; [api.None] when it is none or not that simple.
func named(g api.Guard) (int64, int) {
	if g.IfMatch == "" {
		return g.Version, 409
	}
	if v, ok := versionOf(g.IfMatch); ok && (g.Version == api.None || g.Version == v) {
		return v, 412
	}
	return api.None, 412
}

// swap is the whole of optimistic locking: UPDATE ... WHERE version = $n.
func (s *scheme) swap(ctx context.Context, w api.Write, version int64, status int) (api.Item, bool, error) {
	if err := s.work(ctx); err != nil {
		return api.Item{}, false, err
	}
	db := s.at(ctx).db
	st := state{Version: version}
	st.Set(w)
	found, err := s.t.save(ctx, db, w.Key, &st, true)
	if err == nil && !found {
		err = stale(status)
	}
	return memory.ItemOf(w.Key, st), false, db.refusal(err)
}

// put reads the item, and the one that the rule names, decides, and writes.
func (s *scheme) put(ctx context.Context, w api.Write) (it api.Item, created bool, err error) {
	keys := []string{w.Key}
	if w.With != "" && w.With != w.Key {
		two := s.order(w.Key, w.With)
		keys = two[:]
	}
	err = s.transact(ctx, func(tx session) error {
		if w.LockToken != "" {
			if err := s.held(ctx, tx, w.Key, w.Guard); err != nil {
				return err
			}
		}
		read := map[string]state{}
		for _, k := range keys {
			st, err := s.t.load(ctx, tx, k, s.suffix(s.d))
			if err != nil {
				return err
			}
			read[k] = st
		}
		st := read[w.Key]
		if st.Exists {
			if err := s.precondition(w.Guard, st); err != nil {
				return err
			}
		} else if w.IfMatch != "" || w.Version != api.None && s.versioned {
			_, status := named(w.Guard)
			return stale(status)
		}
		if err := memory.CheckNoneMatch(w.Guard, st); err != nil {
			return err
		}
		if len(keys) == 2 {
			if err := memory.CheckSum(w, read[w.With]); err != nil {
				return err
			}
		}
		if err := s.work(ctx); err != nil {
			return err
		}
		if created = !st.Exists; created {
			it, err = s.t.insertItem(ctx, tx, "", w)
			return err
		}
		st.Set(w)
		found, err := s.t.save(ctx, tx, w.Key, &st, s.versioned)
		if err == nil && !found {
			err = s.vanished(w.Guard)
		}
		it = memory.ItemOf(w.Key, st)
		return err
	}, keys...)
	return it, created, err
}

// vanished is the refusal when the row that was read is not there any more.
func (s *scheme) vanished(g api.Guard) error {
	if s.versioned {
		_, status := named(g)
		return stale(status)
	}
	return notFound()
}

// precondition evaluates what a change of an item that exists is conditional on.
func (s *scheme) precondition(g api.Guard, st state) error {
	switch {
	case s.lease && g.LockToken == "":
		return api.Refuse(428, "lock-required", "take the lock first and send Lock-Token and Fence").WithVersion(st.Version)
	case g.IfMatch != "":
		return memory.CheckIfMatch(g, st)
	case s.versioned && g.Version == api.None:
		return api.Refuse(428, "precondition-required", "send If-Match, or the member version, of the state that you read").WithVersion(st.Version)
	case s.versioned && g.Version != st.Version:
		return stale(409).(*api.Problem).WithVersion(st.Version)
	}
	return nil
}

// Delete implements [api.Scheme].
func (s *scheme) Delete(ctx context.Context, key string, g api.Guard) error {
	err := s.transact(ctx, func(tx session) error {
		if s.lease {
			if err := s.held(ctx, tx, key, g); err != nil {
				return err
			}
		}
		st, err := s.t.load(ctx, tx, key, s.suffix(s.d))
		if err != nil {
			return err
		}
		if !st.Exists {
			return notFound()
		}
		if err := s.precondition(g, st); err != nil {
			return err
		}
		if s.loose {
			child := ""
			if has, err := tx.one(ctx, s.t.children, []any{key}, &child); has || err != nil {
				return first(err, api.Refuse(409, "has-children", "delete the children first"))
			}
		}
		if err := s.work(ctx); err != nil {
			return err
		}
		query, args := s.t.del, []any{key}
		if s.versioned {
			query, args = s.t.delAt, append(args, st.Version)
		}
		n, err := tx.exec(ctx, query, args...)
		if err == nil && n == 0 {
			err = s.vanished(g)
		}
		return err
	}, key)
	return renamed(err, "parent-missing", 409, "has-children", "foreign key: delete the children first")
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
