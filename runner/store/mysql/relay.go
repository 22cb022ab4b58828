package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"tussle/runner/store"
)

const dialTimeout = 10 * time.Second

// Relay is a relay to one server.
type Relay struct {
	store.Front
	given   *url.URL // the server's address
	address string   // its host and port

	mu       sync.Mutex
	sessions map[uint64]*session

	side   sync.Mutex // of asking
	asking *sql.Conn
	pool   *sql.DB
}

var _ store.Relay = (*Relay)(nil)

// Open connects to the server at the address, mysql://user:password@host/db (or
// mariadb://...), and listens on listen, "127.0.0.1:0" for any free port. The
// user needs the privilege PROCESS: who waits for a lock is asked.
func Open(ctx context.Context, address, listen string) (*Relay, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "mysql" && u.Scheme != "mariadb" {
		return nil, errors.New("the store's address is not of the form mysql://user:password@host:3306/database")
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	r := &Relay{given: u, address: net.JoinHostPort(u.Hostname(), port), sessions: map[uint64]*session{}}
	config := driver.NewConfig()
	config.Net, config.Addr, config.User, config.DBName = "tcp", r.address, u.User.Username(), strings.TrimPrefix(u.Path, "/")
	config.Passwd, _ = u.User.Password()
	config.Timeout = dialTimeout
	config.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	r.pool = sql.OpenDB(connector)
	if r.asking, err = r.pool.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the store does not answer: %w", err), r.pool.Close())
	}
	if _, err := r.locks(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the store does not tell who waits for a lock (SHOW ENGINE INNODB STATUS needs the privilege PROCESS): %w", err), r.pool.Close())
	}
	if err := r.Listen(listen, r.open); err != nil {
		return nil, errors.Join(err, r.pool.Close())
	}
	return r, nil
}

func (r *Relay) open(id uint64, app net.Conn) store.Session {
	s := &session{relay: r, id: id, app: app, prepared: map[uint32]string{}}
	r.mu.Lock()
	r.sessions[id] = s
	r.mu.Unlock()
	return s
}

// Speaks is the kind of store.
func (r *Relay) Speaks() string { return "mysql" }

// URL is the server's address with the relay in its place.
func (r *Relay) URL() string {
	u := *r.given
	u.Host = r.Addr()
	return u.String()
}

// Password is the server's password, to be kept out of what is written; ""
// when there is none.
func (r *Relay) Password() string {
	p, _ := r.given.User.Password()
	return p
}

// Counts tells what passed so far.
func (r *Relay) Counts() store.Counts { return r.Counter.Counts() }

// Close ends the relay and every connection through it.
func (r *Relay) Close() error {
	err := r.Front.Close()
	r.side.Lock()
	defer r.side.Unlock()
	_ = r.asking.Close() // the server may be gone already
	_ = r.pool.Close()
	return err
}

func (r *Relay) thread(conn uint64) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[conn]; s != nil {
		return s.thread.Load()
	}
	return 0
}

func (r *Relay) forget(conn uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, conn)
}

// kill ends a connection as the server's administrator would.
func (r *Relay) kill(thread uint32) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r.side.Lock()
	defer r.side.Unlock()
	_, err := r.asking.ExecContext(ctx, fmt.Sprintf("KILL CONNECTION %d", thread))
	return err
}
