package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tussle/runner/store"
)

// Relay is a relay to one PostgreSQL server.
type Relay struct {
	listener net.Listener
	server   *pgconn.Config
	given    string // the server's address as it was given
	network  string // of the server
	address  string
	gate     atomic.Pointer[gate]
	counter  store.Counter
	opening  atomic.Int64
	number   atomic.Uint64

	mu       sync.Mutex
	closed   bool
	sessions map[uint64]*session
	open     sync.WaitGroup

	side      sync.Mutex
	asking    *pgconn.PgConn
	terminate *pgconn.PgConn
}

// gate wraps the interface, so that it can be swapped atomically.
type gate struct{ store.Gate }

var _ store.Relay = (*Relay)(nil)

// Open connects to the server at the address, a URL or a list of words as
// libpq takes it, and listens on listen, "127.0.0.1:0" for any free port.
func Open(ctx context.Context, address, listen string) (*Relay, error) {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the store's address: %w", err)
	}
	if config.RuntimeParams == nil {
		config.RuntimeParams = map[string]string{}
	}
	config.RuntimeParams["application_name"] = "tussle"
	r := &Relay{server: config, given: address, sessions: map[uint64]*session{}}
	r.network, r.address = pgconn.NetworkAddress(config.Host, config.Port)
	if r.asking, err = pgconn.ConnectConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("the store does not answer: %w", err)
	}
	if _, encrypted := r.asking.Conn().(*tls.Conn); !encrypted { // it was only preferred
		config.TLSConfig = nil
	}
	if _, err := r.asking.Prepare(ctx, "waits", "select cardinality(pg_blocking_pids($1)) > 0", []uint32{23}); err != nil {
		return nil, errors.Join(err, r.asking.Close(ctx))
	}
	if r.listener, err = net.Listen("tcp", listen); err != nil {
		return nil, errors.Join(err, r.asking.Close(ctx))
	}
	r.open.Add(1)
	go r.accept()
	return r, nil
}

// Speaks is the kind of store.
func (r *Relay) Speaks() string { return "postgres" }

// Addr is where the relay listens.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// URL is the server's address with the relay in its place.
func (r *Relay) URL() string {
	host, port, _ := net.SplitHostPort(r.Addr())
	if !strings.Contains(r.given, "://") {
		return r.given + " host=" + host + " port=" + port + " sslmode=disable"
	}
	u, err := url.Parse(r.given)
	if err != nil {
		return ""
	}
	u.Host = net.JoinHostPort(host, port)
	q := u.Query()
	for _, name := range []string{"host", "port", "sslrootcert", "sslcert", "sslkey", "channel_binding"} {
		q.Del(name)
	}
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return u.String()
}

// Password is the server's password, to be kept out of what is written; ""
// when there is none.
func (r *Relay) Password() string { return r.server.Password }

// Hold sets the gate.
func (r *Relay) Hold(g store.Gate) {
	if g == nil {
		r.gate.Store(nil)
		return
	}
	r.gate.Store(&gate{g})
}

// Opening is how many connections are being opened at present.
func (r *Relay) Opening() int { return int(r.opening.Load()) }

// Counts tells what passed so far.
func (r *Relay) Counts() store.Counts { return r.counter.Counts() }

// Close ends the relay and every connection through it.
func (r *Relay) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	err := r.listener.Close()
	for _, s := range r.sessions {
		s.end()
	}
	r.mu.Unlock()
	r.open.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r.side.Lock()
	defer r.side.Unlock()
	_ = r.asking.Close(ctx) // the server may be gone already
	if r.terminate != nil {
		_ = r.terminate.Close(ctx)
	}
	return err
}

func (r *Relay) accept() {
	defer r.open.Done()
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		if r.closed {
			r.mu.Unlock()
			c.Close()
			return
		}
		s := &session{relay: r, id: r.number.Add(1), app: c, names: map[string]string{}, portals: map[string]string{}}
		s.idle.L = &s.mu
		r.sessions[s.id] = s
		r.open.Add(1)
		r.mu.Unlock()
		r.counter.Connections.Add(1)
		r.opening.Add(1)
		go func() {
			defer r.open.Done()
			s.serve()
			s.opened()
			r.mu.Lock()
			delete(r.sessions, s.id)
			r.mu.Unlock()
		}()
	}
}

// dial connects to the server, encrypted where its address asks for that.
func (r *Relay) dial() (net.Conn, error) {
	c, err := net.DialTimeout(r.network, r.address, 10*time.Second)
	if err != nil || r.server.TLSConfig == nil {
		return c, err
	}
	if _, err := c.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil { // SSLRequest
		return nil, errors.Join(err, c.Close())
	}
	var answer [1]byte
	if _, err := c.Read(answer[:]); err != nil || answer[0] != 'S' {
		return nil, errors.Join(errors.New("the server does not encrypt, and its address asks for it"), err, c.Close())
	}
	return tls.Client(c, r.server.TLSConfig), nil
}

// Waits asks the server whether the connection waits for another's lock.
func (r *Relay) Waits(ctx context.Context, conn uint64) (bool, error) {
	pid := r.pid(conn)
	if pid == 0 {
		return false, nil
	}
	r.side.Lock()
	defer r.side.Unlock()
	result := r.asking.ExecPrepared(ctx, "waits", [][]byte{strconv.AppendUint(nil, uint64(pid), 10)}, nil, nil).Read()
	if result.Err != nil {
		return false, result.Err
	}
	return len(result.Rows) == 1 && string(result.Rows[0][0]) == "t", nil
}

func (r *Relay) pid(conn uint64) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[conn]; s != nil {
		return s.pid.Load()
	}
	return 0
}

// kill ends a connection as the server's administrator would.
func (r *Relay) kill(pid uint32) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r.side.Lock()
	defer r.side.Unlock()
	if r.terminate == nil {
		var err error
		if r.terminate, err = pgconn.ConnectConfig(ctx, r.server); err != nil {
			return err
		}
	}
	return r.terminate.ExecParams(ctx, "select pg_terminate_backend($1)", [][]byte{strconv.AppendUint(nil, uint64(pid), 10)}, []uint32{23}, nil, nil).Read().Err
}
