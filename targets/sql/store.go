package sql

import "context"

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
