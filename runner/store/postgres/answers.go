package postgres

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"tussle/runner/store"
)

// whether a message of the server is looked into; all others pass by size
// alone, however long they are.
var told = [256]bool{'Z': true, 'E': true, 'C': true, 's': true, 'I': true, 'G': true, 'W': true, 'K': true, 'R': true}

// fromServer reads the server's messages and hands them on. The answer to a
// unit that a gate let go is kept until it is complete and the gate lets it
// go too.
func (s *session) fromServer() {
	buf := make([]byte, 0, chunk)
	skip := 0 // bytes of a long message still to come
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := s.server.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		sent, at := 0, min(skip, len(buf)) // handed on up to; looked at up to
		skip -= at
		for len(buf)-at >= 5 {
			kind, size := buf[at], int(binary.BigEndian.Uint32(buf[at+1:at+5]))+1
			if told[kind] && size > len(buf)-at {
				break
			}
			if size > len(buf)-at {
				skip = size - (len(buf) - at)
				at = len(buf)
				break
			}
			at += size
			if !told[kind] {
				continue
			}
			if kind == 'R' && s.relay.server.TLSConfig != nil {
				if !s.pass(buf[sent:at-size]) || !s.pass(unbound(buf[at-size:at])) {
					return
				}
				sent = at
			}
			if u := s.heed(kind, buf[at-size+5:at]); u != nil { // the unit is complete
				if !s.give(u, buf[sent:at]) {
					return
				}
				sent = at
			}
		}
		if !s.pass(buf[sent:at]) {
			return
		}
		if err != nil {
			s.last()
			return
		}
		buf = buf[:copy(buf, buf[at:])]
	}
}

// heed looks into a message and returns the unit that it completes.
func (s *session) heed(kind byte, body []byte) *unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil
	}
	var u *unit
	if len(s.flying) > 0 {
		u = s.flying[0]
	}
	switch kind {
	case 'K':
		if len(body) >= 8 {
			s.pid.Store(binary.BigEndian.Uint32(body))
		}
		return nil
	case 'R':
		return nil
	case 'Z':
		first := s.status == 0
		if first {
			s.opened()
		}
		if len(body) > 0 {
			s.status = body[0]
		}
		s.copying = false
		if u == nil || first || !u.synced {
			return nil
		}
		u.Open, u.Failed = s.status != 'I', s.status == 'E'
		return s.landed(u)
	}
	if u == nil {
		return nil
	}
	switch kind {
	case 'G', 'W':
		u.loose = true
		s.copying = u.synced && !u.simple
		return nil
	case 'E':
		var e pgproto3.ErrorResponse
		if e.Decode(body) == nil {
			u.Code, u.Detail = e.Code, e.Message
		}
		u.pending = 0
	case 'C':
		u.Tag = text(body)
		u.pending--
	default: // a portal that has more to give, an empty query
		u.pending--
	}
	if u.synced || u.pending > 0 {
		return nil
	}
	u.Open = s.status != 'I'
	return s.landed(u)
}

// landed takes the unit off those that fly. The caller holds mu.
func (s *session) landed(u *unit) *unit {
	s.flying = s.flying[1:]
	if len(s.flying) == 0 {
		s.idle.Broadcast()
	}
	return u
}

// pass hands on what belongs to no complete unit yet, or keeps it.
func (s *session) pass(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	s.mu.Lock()
	var u *unit
	if len(s.flying) > 0 {
		u = s.flying[0]
	}
	s.mu.Unlock()
	if u != nil && u.gate != nil {
		if u.loose = u.loose || len(u.hold)+len(b) > hold; !u.loose {
			u.hold = append(u.hold, b...)
			return true
		}
		b = append(u.hold, b...)
		u.hold = nil
	}
	_, err := s.app.Write(b)
	return err == nil
}

// give hands on the rest of a complete unit's answer.
func (s *session) give(u *unit, b []byte) bool {
	if u.gate != nil {
		if a := u.gate.Answered(&u.Statement); a.Do == store.Cut {
			return false
		}
		b = append(u.hold, b...)
	}
	_, err := s.app.Write(b)
	return err == nil
}

// last hands on what was kept when the server has ended the connection: it
// says why.
func (s *session) last() {
	s.mu.Lock()
	var kept []byte
	if len(s.flying) > 0 {
		kept = s.flying[0].hold
	}
	s.mu.Unlock()
	_, _ = s.app.Write(kept) // the application may be gone too
}

// unbound takes the mechanisms that bind to the encryption below off the
// server's offer: the application has another connection than the server.
func unbound(m []byte) []byte {
	var offer pgproto3.AuthenticationSASL
	if len(m) < 9 || binary.BigEndian.Uint32(m[5:]) != pgproto3.AuthTypeSASL || offer.Decode(m[5:]) != nil {
		return m
	}
	offer.AuthMechanisms = slices.DeleteFunc(offer.AuthMechanisms, func(name string) bool { return strings.HasSuffix(name, "-PLUS") })
	out, err := offer.Encode(nil)
	if err != nil {
		return m
	}
	return out
}
