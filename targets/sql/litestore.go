package sql

import (
	"context"
	dbsql "database/sql"
	"database/sql/driver"
	"time"
)

// liteStore is a pool of SQLite connections.
type liteStore struct {
	pool[liteConn]
	db *dbsql.DB
}

func newLiteStore(db *dbsql.DB, timeout time.Duration) *liteStore {
	return &liteStore{db: db, pool: pool[liteConn]{timeout: timeout, take: func(ctx context.Context) (liteConn, error) {
		c, err := db.Conn(ctx)
		return liteConn{c}, err
	}}}
}

func (s *liteStore) begin(ctx context.Context, with string) (transaction, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx := &liteTx{liteConn: c}
	if _, err := c.ExecContext(ctx, with); err != nil {
		if ctx.Err() != nil {
			tx.rollback() // the driver says that it was given up, also when it had begun
		} else {
			c.release()
		}
		return nil, err
	}
	return tx, nil
}

func (s *liteStore) close() error { return s.db.Close() }

// liteConn is a connection that was taken out of the pool.
type liteConn struct{ *dbsql.Conn }

func (c liteConn) release() { _ = c.Close() } // one that is bad is closed already

// one reads all rows although it wants one: a statement that changes rows is
// over, and has checked what it must, only then.
func (c liteConn) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	found := false
	err := c.each(ctx, query, args, func(scan func(dest ...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	})
	return found && err == nil, err
}

func (c liteConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := c.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c liteConn) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
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

// liteTx is one transaction on one connection.
type liteTx struct {
	liteConn
	over bool
}

// commit leaves the transaction open when SQLite was busy; rollback ends it.
func (t *liteTx) commit(ctx context.Context) error {
	if _, err := t.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	t.over = true
	t.release()
	return nil
}

// rollback gives the connection back also when the client has gone.
func (t *liteTx) rollback() {
	if t.over {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := t.ExecContext(ctx, "ROLLBACK"); err != nil {
		// Some errors end the transaction by themselves; whatever state the
		// connection is in, nobody shall get it.
		_ = t.Raw(func(any) error { return driver.ErrBadConn })
	}
	t.over = true
	t.release()
}
