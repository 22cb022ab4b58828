package mysql

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"tussle/runner/store"
)

// session is one connection of the application, and ours to the server for it.
// One command and its whole answer follow the other: what a client sends ahead
// waits.
type session struct {
	relay       *Relay
	id          uint64
	app, server net.Conn
	fromApp     *bufio.Reader
	fromServer  *bufio.Reader
	thread      atomic.Uint32 // the server's number of the connection
	local       bool          // the application may send files

	prepared map[uint32]string // prepared statements: their SQL
	newest   uint32            // prepared last
	status   uint16            // of the server's last answer
	out      []byte            // of the answer, not yet handed on
	loose    bool              // the answer flows: nobody holds it, or it is too large to be held

	mu   sync.Mutex
	over bool
}

// chunk is how much of an answer is collected before it goes on; hold how much
// is kept back at most.
const (
	chunk = 64 << 10
	hold  = 1 << 20
)

// Commands, as the first byte of a packet.
const (
	comQuit         = 0x01
	comQuery        = 0x03
	comFieldList    = 0x04
	comProcessInfo  = 0x0a
	comProcessKill  = 0x0c
	comChangeUser   = 0x11
	comBinlogDump   = 0x12
	comPrepare      = 0x16
	comExecute      = 0x17
	comSendLongData = 0x18
	comClose        = 0x19
	comFetch        = 0x1c
	comBinlogGTID   = 0x1e
	comReset        = 0x1f
	comBulk         = 0xfa

	latest = 0xffffffff // in place of a statement's number: the one prepared last
)

// Serve does the handshake, then passes commands until one side ends.
func (s *session) Serve() {
	defer s.relay.forget(s.id)
	defer s.End()
	err := s.connect()
	s.relay.Opened()
	for err == nil {
		err = s.command()
	}
}

// End closes both sides.
func (s *session) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.app.Close()
	if s.server != nil {
		s.server.Close()
	}
}

func (s *session) connect() error {
	server, err := net.DialTimeout("tcp", s.relay.address, dialTimeout)
	if err != nil {
		_, werr := s.app.Write(refusal(0, 2003, "HY000", "the relay does not reach the server: "+err.Error()))
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
	s.fromApp, s.fromServer = bufio.NewReader(s.app), bufio.NewReaderSize(server, chunk)
	return s.handshake()
}

// command passes one command and its answer.
func (s *session) command() error {
	raw, b, err := read(s.fromApp, nil)
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return errors.New("an empty command")
	}
	u := &store.Statement{Conn: s.id, InTx: s.status&inTransaction != 0}
	u.SQL = s.executes(b)
	if u.SQL == nil {
		s.loose = true
		return s.answer(raw, b, u)
	}
	s.relay.Statements.Add(1)
	g := s.relay.Gate()
	if s.loose = g == nil; g == nil {
		return s.answer(raw, b, u)
	}
	u.Kind = store.KindOfMySQL(u.SQL, u.InTx)
	switch a := g.Arrive(u); a.Do {
	case store.Cut:
		return errors.New("cut off")
	case store.Terminate:
		if err := s.relay.kill(s.thread.Load()); err != nil {
			return err
		}
	case store.Fail:
		number, state, whole := native(a.Code)
		if whole && s.status&inTransaction != 0 {
			if err := s.silently("ROLLBACK"); err != nil {
				g.Gone(u)
				return err
			}
		}
		b = append([]byte{comQuery}, fmt.Sprintf("SIGNAL SQLSTATE '%s' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = '%s'", state, number, escaped(a.Message))...)
		raw = packet(0, b)
	}
	if err := s.answer(raw, b, u); err != nil {
		g.Gone(u)
		return err
	}
	if a := g.Answered(u); a.Do == store.Cut {
		return errors.New("cut off")
	}
	return s.flush()
}

// executes is what a command executes; nil: nothing.
func (s *session) executes(b []byte) []string {
	switch b[0] {
	case comQuery:
		return []string{string(b[1:])}
	case comExecute, comBulk:
		if len(b) < 5 {
			return nil
		}
		id := binary.LittleEndian.Uint32(b[1:])
		if id == latest {
			id = s.newest
		}
		if sql, known := s.prepared[id]; known {
			return []string{sql}
		}
		return []string{fmt.Sprintf("EXECUTE %d", id)}
	}
	return nil
}

// answer sends a command to the server and reads the whole answer, which is
// handed on as it comes when it is loose.
func (s *session) answer(raw, b []byte, u *store.Statement) error {
	if _, err := s.server.Write(raw); err != nil {
		return err
	}
	s.out = s.out[:0]
	var err error
	switch b[0] {
	case comQuit:
		return net.ErrClosed
	case comSendLongData: // it has no answer
		return nil
	case comClose: // nor has this
		if len(b) >= 5 {
			delete(s.prepared, binary.LittleEndian.Uint32(b[1:]))
		}
		return nil
	case comQuery, comExecute, comBulk, comProcessInfo:
		err = s.results(u)
	case comPrepare:
		err = s.preparation(string(b[1:]))
	case comFetch, comFieldList:
		_, err = s.rows(u)
	case comChangeUser:
		clear(s.prepared)
		if err = s.flush(); err == nil {
			err = s.authenticate()
		}
	case comBinlogDump, comBinlogGTID:
		_, werr := s.app.Write(refusal(1, 1235, "42000", "the relay does not pass a replica's commands"))
		return errors.Join(werr, errRefused)
	default: // one packet: PING, INIT_DB, STATISTICS, RESET_CONNECTION, STMT_RESET, SET_OPTION ...
		if b[0] == comProcessKill {
			s.relay.Cancels.Add(1)
		}
		if b[0] == comReset {
			clear(s.prepared)
		}
		var p []byte
		if p, err = s.next(); err == nil && len(p) > 0 && p[0] == 0 && b[0] != 0x09 { // not the text of STATISTICS
			_, s.status = ok(p)
		}
	}
	u.Open = s.status&inTransaction != 0
	if err != nil || !s.loose {
		return err
	}
	return s.flush()
}

// silently lets the server do something whose answer nobody sees.
func (s *session) silently(sql string) error {
	if _, err := s.server.Write(packet(0, append([]byte{comQuery}, sql...))); err != nil {
		return err
	}
	_, b, err := read(s.fromServer, nil)
	if err == nil && len(b) > 0 && b[0] == 0 {
		_, s.status = ok(b)
	}
	return err
}

// flush hands on what was collected.
func (s *session) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	_, err := s.app.Write(s.out)
	if s.out = s.out[:0]; cap(s.out) > hold {
		s.out = nil
	}
	return err
}
