package postgres

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"tussle/runner/store"
)

// sender collects what the application sends until a unit is complete.
type sender struct {
	*session
	out     []byte // may be sent
	unit    []byte // belongs to a unit that is not complete
	sql     []string
	expects int // executions in it
}

// fromApplication reads the application's messages and sends them on, unit by
// unit while a gate is there, as they come otherwise.
func (s *session) fromApplication() {
	p := &sender{session: s}
	buf := make([]byte, 0, chunk)
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := s.app.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		used := 0
		for {
			size := whole(buf[used:])
			if size == 0 {
				break
			}
			if !p.message(buf[used : used+size]) {
				return
			}
			used += size
		}
		buf = buf[:copy(buf, buf[used:])]
		if err != nil || p.flush() != nil {
			return
		}
		if cap(buf) > 16*chunk && len(buf) == 0 {
			buf = make([]byte, 0, chunk)
		}
	}
}

// whole is the size of the first message, 0 while it is not complete.
func whole(b []byte) int {
	if len(b) < 5 {
		return 0
	}
	if size := int(binary.BigEndian.Uint32(b[1:5])) + 1; size >= 5 && size <= len(b) {
		return size
	}
	return 0
}

// flush sends what may be sent.
func (p *sender) flush() error {
	if len(p.out) == 0 {
		return nil
	}
	_, err := p.server.Write(p.out)
	p.out = p.out[:0]
	return err
}

// message takes one message; false ends the connection.
func (p *sender) message(m []byte) bool {
	body := m[5:]
	switch m[0] {
	case 'Q':
		p.sql = append(p.sql, text(body))
		return p.complete(m, &unit{synced: true, simple: true})
	case 'F':
		p.sql = append(p.sql, "function call")
		return p.complete(m, &unit{synced: true, simple: true})
	case 'P':
		name, rest := cut(body)
		p.names[name] = text(rest)
	case 'B':
		portal, rest := cut(body)
		name, _ := cut(rest)
		sql, known := p.names[name]
		if !known { // by PREPARE, as SQL
			sql = "EXECUTE " + name
		}
		p.portals[portal] = sql
	case 'C':
		if len(body) > 1 {
			if name := text(body[1:]); body[0] == 'S' {
				delete(p.names, name)
			} else {
				delete(p.portals, name)
			}
		}
	case 'E':
		portal, _ := cut(body)
		p.sql = append(p.sql, p.portals[portal])
		p.expects++
	case 'S':
		return p.sync(m)
	case 'H':
		if p.expects == 0 { // descriptions only
			p.out = append(append(p.out, p.unit...), m...)
			p.unit = p.unit[:0]
			return true
		}
		return p.complete(m, &unit{pending: p.expects})
	case 'd', 'c', 'f', 'p': // of a copy, of the authentication
		p.out = append(p.out, m...)
		return true
	case 'X':
		p.out = append(append(p.out, p.unit...), m...)
		_ = p.flush() // it ends anyway
		return false
	}
	p.unit = append(p.unit, m...)
	return true
}

// sync ends a unit, unless it ends the copy of one that flies already.
func (p *sender) sync(m []byte) bool {
	p.mu.Lock()
	copying := p.copying
	p.copying = false
	p.mu.Unlock()
	if copying && len(p.unit) == 0 {
		p.out = append(p.out, m...)
		return true
	}
	return p.complete(m, &unit{synced: true})
}

// complete sends a unit, when the gate lets it.
func (p *sender) complete(last []byte, u *unit) bool {
	u.Conn, u.Name, u.SQL = p.id, p.name, p.sql
	p.sql, p.expects = nil, 0
	p.unit = append(p.unit, last...)
	g := p.relay.gate.Load()
	if g == nil || len(u.SQL) == 0 {
		p.fly(u)
		p.out = append(p.out, p.unit...)
		p.unit = p.unit[:0]
		return true
	}
	if p.flush() != nil || p.await() != nil {
		return false
	}
	u.Kind = store.KindOf(u.SQL)
	u.InTx = p.inTx()
	switch a := g.Arrive(&u.Statement); a.Do {
	case store.Cut:
		return false
	case store.Terminate:
		_ = p.relay.kill(p.pid.Load()) // then the statement ends the connection all the same
	case store.Fail:
		u.synced = true
		p.unit, _ = (&pgproto3.Query{String: raise(a)}).Encode(p.unit[:0])
	}
	u.gate = g
	p.fly(u)
	p.out = append(p.out, p.unit...)
	p.unit = p.unit[:0]
	return p.flush() == nil
}

// raise is a statement that fails with the SQLSTATE and leaves the transaction
// as the server's own failure would.
func raise(a store.Action) string {
	return fmt.Sprintf("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s', MESSAGE = '%s'; END $$", a.Code, strings.ReplaceAll(a.Message, "'", "''"))
}

// cut takes one text that ends in NUL off.
func cut(b []byte) (string, []byte) {
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return string(b), nil
	}
	return string(b[:i]), b[i+1:]
}

func text(b []byte) string {
	s, _ := cut(b)
	return s
}
