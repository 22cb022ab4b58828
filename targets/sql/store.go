package sql

import (
	"context"
	"time"

	"tussle/targets/api"
)

// session runs statements: on one connection, within a transaction, or, when
// it is a store, each on a connection of its own that commits by itself.
// Parameters are $1, $2 ... in both engines.
type session interface {
	// one scans the first row; false says that there is none.
	one(ctx context.Context, query string, args []any, dest ...any) (bool, error)
	// exec returns how many rows it changed.
	exec(ctx context.Context, query string, args ...any) (int64, error)
	// each calls f for every row.
	each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error
}

// transaction ends with commit or rollback. Rollback after commit does nothing.
type transaction interface {
	session
	commit(ctx context.Context) error
	rollback()
}

// store is a pool of connections to one database.
type store interface {
	session
	// begin starts a transaction with one of the engine's own statements.
	begin(ctx context.Context, with string) (transaction, error)
	// refusal turns the database's errors into the API's problems.
	refusal(err error) error
	close() error
}

// taken is a session that was taken out of a pool.
type taken interface {
	session
	release()
}

// pool is what both stores are: each statement on a connection of its own.
type pool[C taken] struct {
	take    func(ctx context.Context) (C, error)
	timeout time.Duration // of waiting for a connection; 0 waits for ever
}

// acquire waits for a connection, up to the pool's timeout.
func (p *pool[C]) acquire(ctx context.Context) (C, error) {
	within := ctx
	if p.timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, p.timeout)
		defer cancel()
	}
	c, err := p.take(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return c, exhausted()
	}
	return c, err
}

// exhausted is the refusal when all connections are in use for too long.
func exhausted() error {
	p := api.Refuse(503, "pool-exhausted", "no database connection came free in time; nothing was done")
	p.RetryAfter = 100 * time.Millisecond
	return p
}

func (p *pool[C]) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.release()
	return c.one(ctx, query, args, dest...)
}

func (p *pool[C]) exec(ctx context.Context, query string, args ...any) (int64, error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer c.release()
	return c.exec(ctx, query, args...)
}

func (p *pool[C]) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
	c, err := p.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.release()
	return c.each(ctx, query, args, f)
}

// engine is what the two databases differ in.
type engine interface {
	// open makes a pool; pools of the same options and instance may be one.
	open(ctx context.Context, o Options, instance int) (store, error)
	dialect() dialect
	close() error
}

// dialect is how an engine spells what standard SQL does not have.
type dialect struct {
	name     string
	prefix   string            // of table names
	now      string            // Unix time in ms
	version  string            // of a new row in table %s
	last     string            // the greatest character of a key
	appended string            // a JSON list with $2 appended
	isList   string            // whether the value is a list, or null
	isNumber string            // whether the value is an integer, where a cast would not say
	begins   map[string]string // how a scheme's transactions begin; "" is none: each statement for itself
	share    string            // suffix that keeps a row from being changed, not from being read
	update   string            // suffix that takes a row's lock
}
