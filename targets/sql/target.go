// Package sql is the built-in target that keeps its items in a database,
// SQLite or PostgreSQL, where optimistic and pessimistic locking really are
// decided: in version columns, row locks, isolation levels and pools. It
// offers every scheme of the engine at once, each over a table of its own.
//
// The same requests go to all of them. What a scheme does between reading and
// writing is its [spec]; what the database says when it refuses, and what the
// client is told then, is in refusal.go and docs/sql-target.md.
package sql

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tussle/targets/api"
)

// Target is all schemes over one database.
type Target struct {
	options Options
	engine  engine
	mounts  []api.Mount

	mu       sync.Mutex
	variants map[string]api.Scheme
	servers  map[int]*instance // mutexes and queues by number: what schemes of one process share
}

// mostVariants is how many variants of schemes a server makes.
const mostVariants = 64

// New opens the database, starting a throw-away one if need be, and makes its
// tables.
func New(ctx context.Context, o Options) (*Target, error) {
	t := &Target{options: o, variants: map[string]api.Scheme{}, servers: map[int]*instance{}}
	var err error
	switch o.Engine {
	case "postgres":
		t.engine, err = openPostgres(ctx, o)
	case "sqlite":
		t.engine, err = openSQLite(ctx, o)
	default:
		err = fmt.Errorf("engine %q: expected sqlite or postgres", o.Engine)
	}
	if err != nil {
		return nil, fmt.Errorf("sql target: %w", err)
	}
	for _, s := range specs {
		if !s.offered(t.engine.dialect()) {
			continue
		}
		scheme, err := t.make(ctx, s, o)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sql target: scheme %s: %w", s.name, err), t.Close())
		}
		t.mounts = append(t.mounts, api.Mount{Name: s.name, Scheme: scheme})
	}
	return t, nil
}

// make makes a scheme with options of its own.
func (t *Target) make(ctx context.Context, s spec, o Options) (*scheme, error) {
	d := t.engine.dialect()
	out := &scheme{spec: s, d: d, t: newTable(d, s.name, s.loose), opt: o, begins: d.begins[s.begin(d)], locks: newLeases(d)}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range o.Instances {
		db, err := t.engine.open(ctx, o, i)
		if err != nil {
			return nil, err
		}
		if t.servers[i] == nil {
			t.servers[i] = &instance{mutex: newMutexes(), queue: newQueues()}
		}
		out.instances = append(out.instances, &instance{db: db, mutex: t.servers[i].mutex, queue: t.servers[i].queue})
	}
	return out, nil
}

// Variant returns a scheme with options of its own, which follow its name as
// path parameters: "row-lock;pool=2;think=5ms". A plain name that is no mount
// is a scheme of the other engine, or none.
func (t *Target) Variant(segment string) (api.Scheme, error) {
	name, parameters, varied := strings.Cut(segment, ";")
	t.mu.Lock()
	known, many := t.variants[segment], len(t.variants) >= mostVariants
	t.mu.Unlock()
	if known != nil {
		return known, nil
	}
	s, err := t.spec(name)
	if err != nil || !varied {
		return nil, err
	}
	if many {
		return nil, api.Refuse(404, "no-such-path", "this server has as many variants of schemes as it makes")
	}
	o := t.options
	for _, p := range strings.Split(parameters, ";") {
		k, v, _ := strings.Cut(p, "=")
		if err := o.set(k, v, func(k option) bool { return k.variant }); err != nil {
			return nil, api.Refuse(404, "no-such-path", err.Error())
		}
	}
	made, err := t.make(context.Background(), s, o)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.variants[segment] = made
	return made, nil
}

// spec finds what a scheme of this engine does.
func (t *Target) spec(name string) (spec, error) {
	d := t.engine.dialect()
	var names []string
	for _, s := range specs {
		switch {
		case s.name == name && s.offered(d):
			return s, nil
		case s.name == name:
			return s, api.Refuse(404, "no-such-path", "scheme "+name+" is not for engine "+d.name)
		}
		names = append(names, s.name)
	}
	return spec{}, api.Refuse(404, "no-such-path", "no scheme of that name; this target has "+strings.Join(names, ", "))
}

// Handler serves the target over HTTP.
func (t *Target) Handler() http.Handler {
	return api.New(t.mounts, api.Options{Delay: t.options.Delay, Variant: t.Variant})
}

// Close closes the database; a throw-away one goes.
func (t *Target) Close() error { return t.engine.close() }

// Open is [New] with half a minute for the database to be there.
func Open(ctx context.Context, o Options) (*Target, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return New(ctx, o)
}
