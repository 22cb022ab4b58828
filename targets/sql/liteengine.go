package sql

import (
	"context"
	dbsql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"tussle/targets/postgres"
)

// liteEngine is SQLite on one file, in WAL mode.
type liteEngine struct {
	file string
	temp string // directory that goes at the end; "" when the file is somebody's
	sync postgres.Sync

	mu     sync.Mutex
	stores map[string]*liteStore
}

func openSQLite(ctx context.Context, o Options) (_ *liteEngine, err error) {
	e := &liteEngine{file: o.File, sync: o.Sync, stores: map[string]*liteStore{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	if e.file == "" {
		if e.temp, err = os.MkdirTemp("", "tussle-sqlite-"); err != nil {
			return e, err
		}
		e.file = filepath.Join(e.temp, "tussle.db")
	}
	s, err := e.open(ctx, o, 0)
	if err != nil {
		return e, err
	}
	c, err := s.(*liteStore).db.Conn(ctx)
	if err != nil {
		return e, fmt.Errorf("open %s: %w", e.file, err)
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, script(append(append([]string{"BEGIN IMMEDIATE"}, ddl(e.dialect())...), "COMMIT")))
	if err != nil {
		return e, fmt.Errorf("make the tables in %s: %w", e.file, err)
	}
	return e, nil
}

func (e *liteEngine) open(_ context.Context, o Options, instance int) (store, error) {
	name := fmt.Sprint(o.Pool, o.PoolTimeout, o.LockTimeout, instance)
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.stores[name]; s != nil {
		return s, nil
	}
	q := url.Values{"_pragma": {
		"busy_timeout(" + strconv.FormatInt(o.LockTimeout.Milliseconds(), 10) + ")", // first: the others may have to wait
		"journal_mode(WAL)",
		"synchronous(" + string(e.sync) + ")",
		"foreign_keys(1)",
	}}
	db, err := dbsql.Open("sqlite", "file:"+url.PathEscape(e.file)+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(o.Pool)
	db.SetMaxIdleConns(o.Pool)
	s := newLiteStore(db, o.PoolTimeout)
	e.stores[name] = s
	return s, nil
}

func (e *liteEngine) dialect() dialect {
	return dialect{
		name:     "sqlite",
		now:      `CAST(unixepoch('subsec') * 1000 AS integer)`,
		version:  `(1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{t}'), 0)) * 1000000`,
		last:     `char(1114111)`,
		appended: `json_insert(CASE WHEN value = 'null' THEN '[]' ELSE value END, '$[#]', json($2))`,
		isNumber: `json_type(value) = 'integer'`,
		isList:   `json_type(value) IN ('array', 'null')`,
		begins:   map[string]string{"deferred": "BEGIN DEFERRED", "immediate": "BEGIN IMMEDIATE", "write": "BEGIN IMMEDIATE"},
	}
}

func (e *liteEngine) close() error {
	var err error
	for _, s := range e.stores {
		err = errors.Join(err, s.close())
	}
	if e.temp != "" {
		err = errors.Join(err, os.RemoveAll(e.temp))
	}
	return err
}
