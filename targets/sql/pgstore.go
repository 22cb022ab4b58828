package sql

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"tussle/targets/api"
)

// pgStore is a pool of PostgreSQL connections.
type pgStore struct {
	pool    *pgxpool.Pool
	timeout time.Duration // of waiting for a connection
}

// acquire waits for a connection, up to the pool's timeout.
func (s *pgStore) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	within := ctx
	if s.timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	c, err := s.pool.Acquire(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return nil, exhausted()
	}
	return c, err
}

// exhausted is the refusal when all connections are in use for too long.
func exhausted() error {
	p := api.Refuse(503, "pool-exhausted", "no database connection came free in time; nothing was done")
	p.RetryAfter = 100 * time.Millisecond
	return p
}

func (s *pgStore) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.Release()
	return pgOne(ctx, c.Conn(), query, args, dest)
}

func (s *pgStore) exec(ctx context.Context, query string, args ...any) (int64, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Release()
	tag, err := c.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (s *pgStore) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	return pgEach(ctx, c.Conn(), query, args, f)
}

func (s *pgStore) begin(ctx context.Context, with string) (transaction, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.BeginTx(ctx, pgx.TxOptions{BeginQuery: with})
	if err != nil {
		c.Release()
		return nil, err
	}
	return &pgTx{conn: c, tx: tx}, nil
}

func (s *pgStore) close() error { s.pool.Close(); return nil }

// pgTx is one transaction on one connection.
type pgTx struct {
	conn *pgxpool.Conn
	tx   pgx.Tx
}

func (t *pgTx) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	return pgOne(ctx, t.conn.Conn(), query, args, dest)
}

func (t *pgTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (t *pgTx) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
	return pgEach(ctx, t.conn.Conn(), query, args, f)
}

func (t *pgTx) commit(ctx context.Context) error {
	err := t.tx.Commit(ctx)
	t.conn.Release()
	t.conn = nil
	return err
}

// rollback gives the connection back also when the client has gone.
func (t *pgTx) rollback() {
	if t.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = t.tx.Rollback(ctx) // a connection that cannot is closed by Release
	t.conn.Release()
	t.conn = nil
}

func pgOne(ctx context.Context, c *pgx.Conn, query string, args, dest []any) (bool, error) {
	err := c.QueryRow(ctx, query, args...).Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func pgEach(ctx context.Context, c *pgx.Conn, query string, args []any, f func(scan func(dest ...any) error) error) error {
	rows, err := c.Query(ctx, query, args...)
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
