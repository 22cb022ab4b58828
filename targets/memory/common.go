package memory

import (
	"context"
	"sort"
	"strconv"
	"time"

	"tussle/targets/api"
)

// common is what all schemes do alike: reads, creates, children, and changes
// that the server works out itself, all of them under the item's lock.
type common struct{ *Store }

func notFound() error { return api.Refuse(404, "not-found", "no item has that key") }

func (c common) Read(_ context.Context, key string) (api.Item, error) {
	st := c.Load(key)
	if !st.Exists {
		return api.Item{}, notFound()
	}
	return ItemOf(key, st), nil
}

func (c common) List(_ context.Context, prefix string) ([]api.Item, error) {
	return c.Store.List(prefix), nil
}

// write applies w if check, of the present state, does not object. An item
// that does not exist is made without being checked.
func (c common) write(w api.Write, check func(st State) error) (api.Item, bool, error) {
	created := false
	apply := func(st *State) error {
		created = !st.Exists
		if err := CheckNoneMatch(w.Guard, *st); err != nil {
			return err
		}
		if err := check(*st); err != nil {
			return err
		}
		st.Set(w)
		return nil
	}
	if w.With != "" && w.With != w.Key {
		var done State
		err := c.underBoth(w.Key, w.With, func(st *State, with State) error {
			if err := CheckSum(w, with); err != nil {
				return err
			}
			return apply(st)
		}, &done)
		return ItemOf(w.Key, done), created, err
	}
	st, err := c.Update(w.Key, apply)
	return ItemOf(w.Key, st), created, err
}

// underBoth changes one item while a second one cannot change.
func (c common) underBoth(key, with string, f func(st *State, with State) error, done *State) error {
	e, other := c.place(key), c.place(with)
	first, second := e, other
	if with < key {
		first, second = other, e
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	st, err := c.change(key, e, func(st *State) error { return f(st, *other.state.Load()) })
	*done = st
	return err
}

// CheckNoneMatch evaluates If-None-Match of a change.
func CheckNoneMatch(g api.Guard, st State) error {
	if g.IfNoneMatch != "" && st.Exists && api.MatchWeak(g.IfNoneMatch, ItemOf("", st).EntityTag()) {
		return api.Refuse(412, "exists", "If-None-Match names what is there").WithVersion(st.Version)
	}
	return nil
}

// CheckSum evaluates a write's rule over two items: its value and that of
// the other one must add up to AtLeast.
func CheckSum(w api.Write, with State) error {
	mine, err := api.Integer(w.Value)
	if err != nil {
		return err
	}
	theirs := int64(0)
	if with.Exists {
		if theirs, err = api.Integer(with.Value); err != nil {
			return err
		}
	}
	if mine+theirs < w.AtLeast {
		return api.Refuse(409, "out-of-bounds", "the two items would add up to less than at_least")
	}
	return nil
}

func (c common) Create(_ context.Context, w api.Write) (api.Item, error) {
	st, err := c.Update(w.Key, func(st *State) error {
		if st.Exists {
			return api.Refuse(409, "exists", "the name is taken").WithVersion(st.Version)
		}
		st.Set(w)
		return nil
	})
	return ItemOf(w.Key, st), err
}

// server changes an item in place; f returns the new value.
func (c common) server(ch api.Change, check func(st State) error, f func(st State) ([]byte, error)) (api.Item, error) {
	st, err := c.Update(ch.Key, func(st *State) error {
		if !st.Exists {
			return notFound()
		}
		if check != nil {
			if err := check(*st); err != nil {
				return err
			}
		}
		v, err := f(*st)
		if err != nil {
			return err
		}
		st.Value, st.Tag = v, ch.Tag
		return nil
	})
	return ItemOf(ch.Key, st), err
}

func (c common) Add(_ context.Context, ch api.Change) (api.Item, error) {
	return c.server(ch, ifMatch(ch.Guard), func(st State) ([]byte, error) { return Sum(st, ch.Amount) })
}

// Sum returns the state's value plus amount, or why it may not be.
func Sum(st State, amount int64) ([]byte, error) {
	n, err := api.Integer(st.Value)
	if err != nil {
		return nil, err
	}
	n += amount
	if (st.Min != nil && n < *st.Min) || (st.Max != nil && n > *st.Max) {
		return nil, api.Refuse(409, "out-of-bounds", "the sum is beyond the item's bounds").WithVersion(st.Version)
	}
	return strconv.AppendInt(nil, n, 10), nil
}

func (c common) Append(_ context.Context, ch api.Change) (api.Item, error) {
	return c.server(ch, ifMatch(ch.Guard), func(st State) ([]byte, error) { return value(api.Appended(st.Value, ch.Value)) })
}

func (c common) Patch(_ context.Context, ch api.Change) (api.Item, error) {
	return c.server(ch, ifMatch(ch.Guard), func(st State) ([]byte, error) { return value(api.Merged(st.Value, ch.Value)) })
}

// value makes an error of a problem only when there is one.
func value(v []byte, p *api.Problem) ([]byte, error) {
	if p != nil {
		return nil, p
	}
	return v, nil
}

// ifMatch honours If-Match on a change that does not need it.
func ifMatch(g api.Guard) func(State) error {
	if g.IfMatch == "" {
		return nil
	}
	return func(st State) error { return CheckIfMatch(g, st) }
}

func (c common) Transfer(_ context.Context, t api.Transfer) error {
	_, _, err := c.UpdateBoth(t.From, t.To, func(from, to *State) error { return Move(t, from, to) })
	return err
}

// Move debits one state and credits the other, or says why not. An item may
// not fall below its minimum, 0 when it has none.
func Move(t api.Transfer, from, to *State) error {
	if !from.Exists || !to.Exists {
		return notFound()
	}
	a, err := api.Integer(from.Value)
	if err != nil {
		return err
	}
	b, err := api.Integer(to.Value)
	if err != nil {
		return err
	}
	floor := int64(0)
	if from.Min != nil {
		floor = *from.Min
	}
	if a-t.Amount < floor {
		return api.Refuse(409, "insufficient", "the item to debit has too little").WithVersion(from.Version)
	}
	from.Value, from.Tag = strconv.AppendInt(nil, a-t.Amount, 10), t.Tag
	to.Value, to.Tag = strconv.AppendInt(nil, b+t.Amount, 10), t.Tag
	return nil
}

func (c common) CreateChild(_ context.Context, parent string, w api.Write) (api.Item, error) {
	name := w.Key
	w.Key = parent + "/" + name
	p, e := c.place(parent), c.place(w.Key)
	p.mu.Lock() // the parent cannot go while its child is made
	defer p.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	st, err := c.change(w.Key, e, func(st *State) error {
		if !p.state.Load().Exists {
			return api.Refuse(409, "parent-missing", "create the parent first")
		}
		if st.Exists {
			return api.Refuse(409, "exists", "the parent has a child of that name").WithVersion(st.Version)
		}
		st.Set(w)
		return nil
	})
	if err == nil {
		p.adopt(name)
	}
	return ItemOf(w.Key, st), err
}

// Adopt enters a name into the list of a key's children.
func (s *Store) Adopt(parent, name string) {
	e := s.place(parent)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.adopt(name)
}

func (e *entry) adopt(name string) {
	if e.children == nil {
		e.children = map[string]struct{}{}
	}
	e.children[name] = struct{}{}
}

func (c common) Children(_ context.Context, parent string) ([]string, error) {
	e := c.find(parent)
	if e == nil {
		return nil, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	names := make([]string, 0, len(e.children))
	for n := range e.children {
		names = append(names, n)
	}
	sort.Strings(names)
	return names, nil
}

// remove deletes an item if check, of the present state, does not object and
// it has no children; its parent forgets it.
func (c common) remove(key string, check func(st State) error) error {
	e := c.find(key)
	if e == nil {
		return notFound()
	}
	parent, name := c.parent(key)
	if parent != nil {
		parent.mu.Lock()
		defer parent.mu.Unlock()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := c.change(key, e, func(st *State) error {
		if !st.Exists {
			return notFound()
		}
		if err := check(*st); err != nil {
			return err
		}
		if len(e.children) > 0 {
			return api.Refuse(409, "has-children", "delete the children first").WithVersion(st.Version)
		}
		*st = State{Version: st.Version}
		return nil
	})
	if err == nil && parent != nil {
		delete(parent.children, name)
	}
	return err
}

// parent returns the place of the item above PARENT/NAME, nil when there is none.
func (c common) parent(key string) (*entry, string) {
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == '/' {
			return c.find(key[:i]), key[i+1:]
		}
	}
	return nil, ""
}

func anyState(State) error { return nil }

// noLocks refuses what only the lease schemes have.
type noLocks struct{}

func (noLocks) Lock(context.Context, api.LockRequest) (api.Lock, error) {
	return api.Lock{}, lockless()
}
func (noLocks) Refresh(context.Context, string, string, time.Duration) (api.Lock, error) {
	return api.Lock{}, lockless()
}
func (noLocks) Unlock(context.Context, string, string) error     { return lockless() }
func (noLocks) Holder(context.Context, string) (api.Lock, error) { return api.Lock{}, lockless() }

func lockless() error {
	return api.Refuse(404, "no-such-path", "this scheme has no locks; lease and lease-unfenced have")
}
