package sql

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgStore is a pool of PostgreSQL connections.
type pgStore struct {
	pool[pgConn]
	connections *pgxpool.Pool
}

func newPGStore(connections *pgxpool.Pool, timeout time.Duration) *pgStore {
	return &pgStore{connections: connections, pool: pool[pgConn]{timeout: timeout, take: func(ctx context.Context) (pgConn, error) {
		c, err := connections.Acquire(ctx)
		return pgConn{c}, err
	}}}
}

func (s *pgStore) begin(ctx context.Context, with string) (transaction, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.BeginTx(ctx, pgx.TxOptions{BeginQuery: with})
	if err != nil {
		c.release()
		return nil, err
	}
	return &pgTx{pgConn: c, tx: tx}, nil
}

func (s *pgStore) close() error { s.connections.Close(); return nil }

// pgConn is a connection that was taken out of the pool.
type pgConn struct{ *pgxpool.Conn }

// release gives it back; pgxpool closes what is broken or in a transaction.
func (c pgConn) release() { c.Release() }

func (c pgConn) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	err := c.QueryRow(ctx, query, args...).Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (c pgConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (c pgConn) each(ctx context.Context, query string, args []any, f func(scan func(dest ...any) error) error) error {
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

// pgTx is one transaction on one connection.
type pgTx struct {
	pgConn
	tx   pgx.Tx
	over bool
}

func (t *pgTx) commit(ctx context.Context) error {
	err := t.tx.Commit(ctx)
	t.over = true
	t.release()
	return err
}

// rollback gives the connection back also when the client has gone.
func (t *pgTx) rollback() {
	if t.over {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = t.tx.Rollback(ctx) // a connection that cannot is closed by release
	t.over = true
	t.release()
}
