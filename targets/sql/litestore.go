package sql

import (
	"context"
	dbsql "database/sql"
	"database/sql/driver"
	"time"
)

// liteStore is a pool of SQLite connections.
type liteStore struct {
	db      *dbsql.DB
	timeout time.Duration // of waiting for a connection
}

// acquire waits for a connection, up to the pool's timeout.
func (s *liteStore) acquire(ctx context.Context) (*dbsql.Conn, error) {
	within := ctx
	if s.timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	c, err := s.db.Conn(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return nil, exhausted()
	}
	return c, err
}

func (s *liteStore) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	return liteOne(ctx, c, query, args, dest)
}

func (s *liteStore) exec(ctx context.Context, query string, args ...any) (int64, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return liteExec(ctx, c, query, args)
}

func (s *liteStore) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return liteEach(ctx, c, query, args, f)
}

func (s *liteStore) begin(ctx context.Context, with string) (transaction, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx := &liteTx{conn: c}
	if _, err := c.ExecContext(ctx, with); err != nil {
		if ctx.Err() != nil {
			tx.rollback() // the driver says that it was given up, also when it had begun
		} else {
			_ = c.Close()
		}
		return nil, err
	}
	return tx, nil
}

func (s *liteStore) close() error { return s.db.Close() }

// liteTx is one transaction on one connection.
type liteTx struct{ conn *dbsql.Conn }

func (t *liteTx) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	return liteOne(ctx, t.conn, query, args, dest)
}

func (t *liteTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return liteExec(ctx, t.conn, query, args)
}

func (t *liteTx) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
	return liteEach(ctx, t.conn, query, args, f)
}

// commit leaves the transaction open when SQLite was busy; rollback ends it.
func (t *liteTx) commit(ctx context.Context) error {
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	err := t.conn.Close()
	t.conn = nil
	return err
}

// rollback gives the connection back also when the client has gone.
func (t *liteTx) rollback() {
	if t.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := t.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		// Some errors end the transaction by themselves; whatever state the
		// connection is in, nobody shall get it.
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = t.conn.Close() // a bad one is closed already
	t.conn = nil
}

// liteOne reads all rows although it wants one: a statement that changes rows
// is over, and has checked what it must, only then.
func liteOne(ctx context.Context, c *dbsql.Conn, query string, args, dest []any) (bool, error) {
	found := false
	err := liteEach(ctx, c, query, args, func(scan func(dest ...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	})
	return found && err == nil, err
}

func liteExec(ctx context.Context, c *dbsql.Conn, query string, args []any) (int64, error) {
	r, err := c.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func liteEach(ctx context.Context, c *dbsql.Conn, query string, args []any, f func(scan func(dest ...any) error) error) error {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
