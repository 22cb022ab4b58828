package sql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"tussle/targets/postgres"
)

// pgEngine is PostgreSQL, somebody else's or a throw-away one of ours.
type pgEngine struct {
	schema   string
	config   *pgxpool.Config
	server   *postgres.Server // nil when it is somebody else's
	presence *pgx.Conn        // shows other processes that we use the schema

	mu    sync.Mutex
	pools map[string]*pgStore
}

// Two advisory locks: users of a schema hold the second in shared mode for as
// long as they live; the first guards the moment in which one finds out
// whether it is alone.
const (
	setupLock    = 0x7475_7373_6c65
	presenceLock = 0x7475_7373_6c66
)

// mark is the comment by which a schema of ours is known.
const mark = "scratch schema of tussle, dropped when its last user ends"

func openPostgres(ctx context.Context, o Options) (_ *pgEngine, err error) {
	e := &pgEngine{schema: o.Schema, pools: map[string]*pgStore{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	dsn, err := e.address(ctx, o)
	if err != nil {
		return e, err
	}
	if e.config, err = pgxpool.ParseConfig(dsn); err != nil {
		return e, fmt.Errorf("dsn: %w", err)
	}
	c := e.config.ConnConfig
	c.RuntimeParams["application_name"] = "tussle"
	if o.Sync != postgres.Full {
		c.RuntimeParams["synchronous_commit"] = "off"
	}
	if e.presence, err = pgx.ConnectConfig(ctx, c.Copy()); err != nil {
		return e, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return e, e.enter(ctx)
}

// address finds a server: the one that was named, or a throw-away one, or
// what DATABASE_URL names if that is on this machine.
func (e *pgEngine) address(ctx context.Context, o Options) (string, error) {
	if name, ok := strings.CutPrefix(o.DSN, "env:"); ok {
		if v := os.Getenv(name); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("option dsn = %q: the environment has no %s", o.DSN, name)
	}
	if o.DSN != "" {
		return o.DSN, nil
	}
	start := postgres.Options{Sync: o.Sync, Settings: map[string]string{}}
	if o.Deadlock > 0 {
		start.Settings["deadlock_timeout"] = strconv.FormatInt(max(1, o.Deadlock.Milliseconds()), 10) + "ms"
	}
	server, err := postgres.Start(ctx, start)
	if err == nil {
		e.server = server
		return server.DSN, nil
	}
	url := os.Getenv("DATABASE_URL")
	if !errors.Is(err, postgres.ErrNotFound) || url == "" {
		return "", err
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return "", fmt.Errorf("DATABASE_URL: %w", err)
	}
	if ip := net.ParseIP(c.Host); c.Host != "localhost" && !strings.HasPrefix(c.Host, "/") && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("DATABASE_URL names %s, which is not this machine: give option dsn = \"env:DATABASE_URL\" if that is meant", c.Host)
	}
	return url, nil
}

// enter makes the tables, anew when nobody else uses them.
func (e *pgEngine) enter(ctx context.Context) error {
	alone, leave, err := e.alone(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var comment *string
	err = e.presence.QueryRow(ctx, `SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1`, e.schema).Scan(&comment)
	there := !errors.Is(err, pgx.ErrNoRows)
	if there && err != nil {
		return err
	}
	if there && (comment == nil || *comment != mark) {
		return fmt.Errorf("the database has a schema %s that is not ours: name another one with option schema", e.schema)
	}
	var steps []string
	if there && alone {
		steps = append(steps, `DROP SCHEMA `+e.schema+` CASCADE`)
	}
	if !there || alone {
		steps = append(steps, `CREATE SCHEMA `+e.schema, `COMMENT ON SCHEMA `+e.schema+` IS '`+mark+`'`,
			`CREATE SEQUENCE `+e.schema+`.made`)
	}
	steps = append(steps, ddl(e.dialect())...)
	if _, err := e.presence.Exec(ctx, script(steps)); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	_, err = e.presence.Exec(ctx, `SELECT pg_advisory_lock_shared($1)`, int64(presenceLock))
	return err
}

// alone reports whether no other process uses the schema; nobody can come or
// go until leave is called.
func (e *pgEngine) alone(ctx context.Context) (alone bool, leave func(), err error) {
	if _, err := e.presence.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(setupLock)); err != nil {
		return false, nil, err
	}
	leave = func() {
		_, _ = e.presence.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(setupLock)) // ends with the connection at the latest
	}
	if err := e.presence.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(presenceLock)).Scan(&alone); err != nil {
		leave()
		return false, nil, err
	}
	if alone {
		if _, err := e.presence.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(presenceLock)); err != nil {
			leave()
			return false, nil, err
		}
	}
	return alone, leave, nil
}

func (e *pgEngine) open(ctx context.Context, o Options, instance int) (store, error) {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	name := fmt.Sprint(o.Pool, o.PoolTimeout, o.LockTimeout, o.Statement, instance)
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.pools[name]; s != nil {
		return s, nil
	}
	c := e.config.Copy()
	c.MaxConns, c.MinConns = int32(o.Pool), 0
	c.ConnConfig.RuntimeParams["lock_timeout"] = ms(o.LockTimeout)
	c.ConnConfig.RuntimeParams["statement_timeout"] = ms(o.Statement)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	s := newPGStore(pool, o.PoolTimeout)
	if err := warm(ctx, pool, o.Pool); err != nil {
		pool.Close()
		return nil, s.refusal(err)
	}
	e.pools[name] = s
	return s, nil
}

// warm opens all connections of a pool: the first requests shall wait for
// other requests, not for handshakes.
func warm(ctx context.Context, pool *pgxpool.Pool, size int) error {
	errs := make(chan error, size)
	var all sync.WaitGroup
	all.Add(size)
	for range size {
		go func() {
			c, err := pool.Acquire(ctx)
			all.Done()
			all.Wait() // nobody gives one back before everybody has one
			if err == nil {
				c.Release()
			}
			errs <- err
		}()
	}
	var failed error
	for range size {
		if err := <-errs; err != nil && failed == nil {
			failed = fmt.Errorf("open %d connections: %w", size, err)
		}
	}
	return failed
}

func (e *pgEngine) dialect() dialect {
	return dialect{
		name:     "postgres",
		prefix:   e.schema + ".",
		now:      `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`,
		version:  `nextval('` + e.schema + `.made') * 1000000`,
		last:     `chr(1114111)`,
		appended: `CAST((CASE WHEN value = 'null' THEN jsonb '[]' ELSE CAST(value AS jsonb) END) || jsonb_build_array(CAST($2 AS jsonb)) AS text)`,
		isNumber: `TRUE`,
		isList:   `jsonb_typeof(CAST(value AS jsonb)) IN ('array', 'null')`,
		share:    ` FOR SHARE`,
		update:   ` FOR UPDATE`,
		begins: map[string]string{
			"read committed": "BEGIN ISOLATION LEVEL READ COMMITTED", "repeatable read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
			"serializable": "BEGIN ISOLATION LEVEL SERIALIZABLE", "write": "BEGIN ISOLATION LEVEL READ COMMITTED",
		},
	}
}

// close drops the schema when nobody else uses it, and ends a server of ours.
func (e *pgEngine) close() error {
	for _, s := range e.pools {
		_ = s.close() // returns nil
	}
	var err error
	if e.presence != nil && e.server == nil {
		err = e.drop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if e.presence != nil {
		_ = e.presence.Close(ctx) // it may be broken already
	}
	if e.server != nil {
		err = errors.Join(err, e.server.Stop())
	}
	return err
}

func (e *pgEngine) drop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if e.presence.IsClosed() {
		return nil
	}
	if _, err := e.presence.Exec(ctx, `SELECT pg_advisory_unlock_all()`); err != nil {
		return fmt.Errorf("leave the schema: %w", err)
	}
	alone, leave, err := e.alone(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var comment *string
	err = e.presence.QueryRow(ctx, `SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1`, e.schema).Scan(&comment)
	if errors.Is(err, pgx.ErrNoRows) || !alone || comment == nil || *comment != mark {
		return nil
	}
	if err == nil {
		_, err = e.presence.Exec(ctx, `DROP SCHEMA `+e.schema+` CASCADE`)
	}
	return err
}
