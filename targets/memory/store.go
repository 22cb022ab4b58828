// Package memory is the built-in target that keeps its items in maps. It has
// one scheme a file: etag, version-field, lease, lease-unfenced, server-side
// and unprotected. They share a [Store] each of their own, in which an item
// changes under its own lock; what the schemes differ in is what a change is
// conditional on.
package memory

import (
	"hash/maphash"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tussle/targets/api"
)

const shards = 64

// State is what an item is at one instant. It is never changed, only replaced.
type State struct {
	Value    []byte
	Tag      string
	Version  int64
	Exists   bool
	Min, Max *int64 // bounds of an integer value
	Changed  int64  // Unix time in ns
}

// Set makes the state what w asks for.
func (st *State) Set(w api.Write) {
	st.Value, st.Tag, st.Exists = w.Value, w.Tag, true
	if w.Min != nil {
		st.Min = w.Min
	}
	if w.Max != nil {
		st.Max = w.Max
	}
}

// Store holds items by key. Reading takes no lock. Versions of a key never
// restart, also after it was deleted.
type Store struct {
	Think time.Duration // what a change takes while the item is locked

	seed    maphash.Seed
	shards  [shards]shard
	journal func(changed map[string]State) error // nil keeps nothing; called with the items locked
	epoch   int64                                // fencing numbers begin above it
}

type shard struct {
	mu    sync.RWMutex
	items map[string]*entry
}

// entry is the place of one key. It outlives the item, for the version's sake.
type entry struct {
	mu       sync.Mutex // held while the item changes
	state    atomic.Pointer[State]
	children map[string]struct{}
	lock     lease
}

var absent = &State{}

// NewStore makes an empty store.
func NewStore() *Store {
	s := &Store{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].items = map[string]*entry{}
	}
	return s
}

func (s *Store) shard(key string) *shard {
	return &s.shards[maphash.String(s.seed, key)%shards]
}

// find returns the place of a key, nil when it was never used.
func (s *Store) find(key string) *entry {
	h := s.shard(key)
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.items[key]
}

// place returns the place of a key, made when it is new.
func (s *Store) place(key string) *entry {
	if e := s.find(key); e != nil {
		return e
	}
	h := s.shard(key)
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.items[key]; e != nil {
		return e
	}
	e := &entry{}
	e.lock.fence = s.epoch
	e.state.Store(absent)
	h.items[key] = e
	return e
}

// Load returns the present state of a key; the zero State when there never
// was an item.
func (s *Store) Load(key string) State {
	if e := s.find(key); e != nil {
		return *e.state.Load()
	}
	return State{}
}

// Update changes one item while it is locked: f gets the present state, edits
// it, or returns why not. The version grows by itself.
func (s *Store) Update(key string, f func(st *State) error) (State, error) {
	e := s.place(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	return s.change(key, e, f)
}

// change is Update for who holds e.mu.
func (s *Store) change(key string, e *entry, f func(st *State) error) (State, error) {
	next := *e.state.Load()
	if err := f(&next); err != nil {
		return next, err
	}
	next.Version++
	next.Changed = time.Now().UnixNano()
	if s.Think > 0 {
		time.Sleep(s.Think)
	}
	if s.journal != nil {
		if err := s.journal(map[string]State{key: next}); err != nil {
			return next, err
		}
	}
	e.state.Store(&next)
	return next, nil
}

// UpdateBoth changes two different items while both are locked.
func (s *Store) UpdateBoth(a, b string, f func(a, b *State) error) (State, State, error) {
	ea, eb := s.place(a), s.place(b)
	first, second := ea, eb
	if b < a { // always in the same order, or two of us wait for each other
		first, second = eb, ea
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	sa, sb := *ea.state.Load(), *eb.state.Load()
	if err := f(&sa, &sb); err != nil {
		return sa, sb, err
	}
	sa.Version++
	sb.Version++
	sa.Changed = time.Now().UnixNano()
	sb.Changed = sa.Changed
	if s.Think > 0 {
		time.Sleep(s.Think)
	}
	if s.journal != nil {
		if err := s.journal(map[string]State{a: sa, b: sb}); err != nil {
			return sa, sb, err
		}
	}
	ea.state.Store(&sa)
	eb.state.Store(&sb)
	return sa, sb, nil
}

// List returns the items whose keys begin with prefix, by key, as they were at
// one instant: no item is made while it gathers places, none changes while it
// reads.
func (s *Store) List(prefix string) []api.Item {
	type place struct {
		key string
		e   *entry
	}
	var found []place
	for i := range s.shards {
		s.shards[i].mu.RLock()
		defer s.shards[i].mu.RUnlock()
		for k, e := range s.shards[i].items {
			if strings.HasPrefix(k, prefix) {
				found = append(found, place{k, e})
			}
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].key < found[j].key })
	for _, p := range found { // in UpdateBoth's order
		p.e.mu.Lock()
		defer p.e.mu.Unlock()
	}
	var items []api.Item
	for _, p := range found {
		if st := p.e.state.Load(); st.Exists {
			items = append(items, ItemOf(p.key, *st))
		}
	}
	return items
}

// ItemOf is how readers see a state.
func ItemOf(key string, st State) api.Item {
	return api.Item{Key: key, Value: st.Value, Tag: st.Tag, Version: st.Version}
}
