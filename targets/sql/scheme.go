package sql

import (
	"context"
	"time"

	"tussle/targets/api"
)

// spec says what one scheme does. Its transactions begin as pg and lite say,
// by a name of dialect.begins; none means that the engine does not offer the
// scheme, "" that every statement is a transaction of its own.
type spec struct {
	name     string
	pg, lite string
	lock     string // how the row is read that will be changed: "", "update", "nowait"

	versioned bool // a change names the version that it was built on
	advisory  bool // a lock in the database, by the key's hash
	mutex     bool // a lock in this process, by the key
	atomic    bool // one statement that computes
	lease     bool // locks that clients take and give back
	creates   bool // PUT only creates
	loose     bool // no constraints: what must not be there is looked for first
}

const none = "-"

// specs are all schemes.
var specs = []spec{
	{name: "version", versioned: true},
	{name: "row-lock", pg: "read committed", lite: none, lock: "update"},
	{name: "row-lock-nowait", pg: "read committed", lite: none, lock: "nowait"},
	{name: "advisory", pg: "read committed", lite: none, advisory: true},
	{name: "serializable", pg: "serializable", lite: none},
	{name: "repeatable-read", pg: "repeatable read", lite: none},
	{name: "read-committed", pg: "read committed", lite: none},
	{name: "deferred", pg: none, lite: "deferred"},
	{name: "immediate", pg: none, lite: "immediate"},
	{name: "atomic", pg: "write", lite: "write", lock: "update", atomic: true},
	{name: "lease", pg: "write", lite: "write", lock: "update", lease: true},
	{name: "unique-index", pg: "write", lite: "write", lock: "update", creates: true},
	{name: "select-then-insert", creates: true, loose: true},
	{name: "process-lock", mutex: true},
	{name: "unprotected"},
}

func (s spec) begin(d dialect) string {
	if d.name == "sqlite" {
		return s.lite
	}
	return s.pg
}

func (s spec) offered(d dialect) bool { return s.begin(d) != none }

// suffix is what follows the SELECT of a row that will be changed.
func (s spec) suffix(d dialect) string {
	switch s.lock {
	case "update":
		return d.update
	case "nowait":
		return d.update + " NOWAIT"
	}
	return ""
}

// Schemes returns the names of all schemes, of both engines.
func Schemes() []string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.name
	}
	return names
}

// scheme is one scheme over its table.
type scheme struct {
	spec
	d         dialect
	t         *table
	opt       Options
	begins    string // the statement; "" for none
	locks     *leases
	instances []*instance
}

// instance is what one server process has for itself.
type instance struct {
	db    store
	mutex *mutexes
	queue *queues
}

// at returns the server that the request came to.
func (s *scheme) at(ctx context.Context) *instance {
	if len(s.instances) == 1 {
		return s.instances[0]
	}
	return s.instances[api.Connection(ctx)%int64(len(s.instances))]
}

// order is the order in which two rows are locked, read and written.
func (s *scheme) order(a, b string) [2]string {
	if !s.opt.Given && b < a {
		a, b = b, a
	}
	return [2]string{a, b}
}

// transact runs f in the scheme's kind of transaction, with the scheme's kind
// of lock on the keys.
func (s *scheme) transact(ctx context.Context, f func(tx session) error, keys ...string) error {
	return s.within(ctx, s.begins, f, keys)
}

// together is transact, in a transaction also where single changes need none.
func (s *scheme) together(ctx context.Context, f func(tx session) error, keys ...string) error {
	with := s.begins
	if with == "" && s.versioned {
		with = s.d.begins["write"]
	}
	return s.within(ctx, with, f, keys)
}

func (s *scheme) within(ctx context.Context, with string, f func(tx session) error, keys []string) error {
	if err := wait(ctx, s.opt.Before); err != nil {
		return err
	}
	at := s.at(ctx)
	if s.mutex {
		for _, k := range keys {
			leave, err := at.mutex.enter(ctx, k)
			if err != nil {
				return err
			}
			defer leave()
		}
	}
	if with == "" {
		return at.db.refusal(f(at.db))
	}
	tx, err := at.db.begin(ctx, with)
	if err != nil {
		return at.db.refusal(err)
	}
	defer tx.rollback()
	if s.advisory {
		for _, k := range keys {
			if _, err := tx.exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, s.name+"/"+k); err != nil {
				return at.db.refusal(err)
			}
		}
	}
	if err := f(tx); err != nil {
		return at.db.refusal(err)
	}
	return at.db.refusal(tx.commit(ctx))
}

// work is what the server does between reading and writing.
func (s *scheme) work(ctx context.Context) error {
	if s.opt.Second {
		var one int64
		if _, err := s.at(ctx).db.one(ctx, `SELECT 1`, nil, &one); err != nil {
			return err
		}
	}
	return wait(ctx, s.opt.Think)
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func notFound() error { return api.Refuse(404, "not-found", "no item has that key") }

func stale(status int) error {
	return api.Refuse(status, "stale-version", "read the item again and decide anew")
}

// renamed gives a problem another status or name where the place tells more
// than the database does.
func renamed(err error, from string, status int, to, detail string) error {
	if p, ok := err.(*api.Problem); ok && p.Name == from {
		q := *p
		q.Status, q.Name = status, to
		if detail != "" {
			q.Detail = detail
		}
		return &q
	}
	return err
}
