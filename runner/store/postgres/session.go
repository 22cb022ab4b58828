package postgres

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgproto3"

	"tussle/runner/store"
)

// session is one connection of the application, and ours to the server for it.
type session struct {
	relay  *Relay
	id     uint64
	name   string // application_name
	app    net.Conn
	server net.Conn
	pid    atomic.Uint32
	ready  sync.Once // the start-up has ended, this way or that

	names, portals map[string]string // prepared statements and portals: their SQL

	mu      sync.Mutex
	idle    sync.Cond
	flying  []*unit // sent to the server and not wholly answered, in order
	status  byte    // of the last ReadyForQuery: I, T or E; 0 before the first
	over    bool
	copying bool // in an extended query: the next Sync of the application belongs to the unit that flies
}

// unit is what is sent and answered as one.
type unit struct {
	store.Statement
	gate    *gate // that let it go; nil: none
	synced  bool  // ReadyForQuery ends it
	simple  bool  // it came as one Query
	pending int   // else: so many results do
	hold    []byte
	loose   bool // its answer flows: it is too large to be held, or it asks for data
}

// chunk is how much is read at once; hold how much of an answer is kept back
// at most.
const (
	chunk = 64 << 10
	hold  = 1 << 20
)

const (
	sslRequest    = 80877103
	gssRequest    = 80877104
	cancelRequest = 80877102
)

// serve does the start-up, then relays both ways until one side ends.
func (s *session) serve() {
	defer s.end()
	if err := s.startUp(); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { defer s.end(); s.fromServer() })
	s.fromApplication()
	s.end()
	both.Wait()
}

// opened notes that the connection is no longer being opened.
func (s *session) opened() { s.ready.Do(func() { s.relay.opening.Add(-1) }) }

// end closes both sides and lets nobody wait for answers that will not come.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	for _, u := range s.flying {
		if u.gate != nil {
			u.gate.Gone(&u.Statement)
		}
	}
	s.app.Close()
	if s.server != nil {
		s.server.Close()
	}
	s.idle.Broadcast()
}

// startUp reads the application's first messages: it declines encryption,
// hands a cancellation on, and opens the connection to the server.
func (s *session) startUp() error {
	for {
		var head [8]byte
		if _, err := io.ReadFull(s.app, head[:]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint32(head[:4]))
		if size < 8 || size > 10000 {
			return errors.New("no start-up message")
		}
		message := append(head[:], make([]byte, size-8)...)
		if _, err := io.ReadFull(s.app, message[8:]); err != nil {
			return err
		}
		switch binary.BigEndian.Uint32(head[4:]) {
		case sslRequest, gssRequest:
			if _, err := s.app.Write([]byte{'N'}); err != nil {
				return err
			}
			continue
		case cancelRequest:
			s.relay.counter.Cancels.Add(1)
			return s.cancel(message)
		}
		var start pgproto3.StartupMessage
		if err := start.Decode(message[4:]); err != nil {
			return err
		}
		s.name = start.Parameters["application_name"]
		return s.connect(message)
	}
}

// connect opens the server's side and begins as the application did.
func (s *session) connect(message []byte) error {
	server, err := s.relay.dial()
	if err != nil {
		text, _ := (&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "08006",
			Message: "the relay does not reach the server: " + err.Error()}).Encode(nil)
		_, werr := s.app.Write(text)
		return errors.Join(err, werr)
	}
	s.mu.Lock()
	s.server = server
	over := s.over
	s.mu.Unlock()
	if over {
		server.Close()
		return net.ErrClosed
	}
	_, err = server.Write(message)
	return err
}

// cancel hands a cancellation on, whose answer is that the server closes. The
// error says that nothing follows.
func (s *session) cancel(message []byte) error {
	server, err := s.relay.dial()
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := server.Write(message); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, server)
	return errors.Join(err, io.EOF)
}

// await waits until the server has answered everything that was sent.
func (s *session) await() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.flying) > 0 && !s.over {
		s.idle.Wait()
	}
	if s.over {
		return net.ErrClosed
	}
	return nil
}

// fly notes that a unit is on its way.
func (s *session) fly(u *unit) {
	s.mu.Lock()
	u.InTx = s.status == 'T' || s.status == 'E'
	s.flying = append(s.flying, u)
	if s.over && u.gate != nil { // the connection ended while the gate decided
		u.gate.Gone(&u.Statement)
	}
	s.mu.Unlock()
	if len(u.SQL) > 0 {
		s.relay.counter.Statements.Add(1)
	}
}

// inTx reports whether a transaction is open.
func (s *session) inTx() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status == 'T' || s.status == 'E'
}
