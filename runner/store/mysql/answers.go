package mysql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"tussle/runner/store"
)

var errShort = errors.New("the server's answer cannot be read")

// next reads one packet of the answer. What was collected goes on when nobody
// holds it, or when it has become too large to be held.
func (s *session) next() (body []byte, err error) {
	at := len(s.out)
	if s.out, body, err = read(s.fromServer, s.out); err != nil {
		return nil, errors.Join(err, s.pass(at))
	}
	if len(body) == 0 {
		return nil, errShort
	}
	s.loose = s.loose || len(s.out) > hold
	if s.loose && (len(s.out) > chunk || s.fromServer.Buffered() == 0) {
		return body, s.flush()
	}
	return body, nil
}

// pass hands on whole packets when the server has ended the connection: they
// say why.
func (s *session) pass(whole int) error {
	s.out = s.out[:whole]
	return s.flush()
}

// results reads all results of one text or execution.
func (s *session) results(u *store.Statement) error {
	for {
		b, err := s.next()
		if err != nil {
			return err
		}
		switch b[0] {
		case 0xff:
			return s.failed(u, b)
		case 0:
			var n uint64
			n, s.status = ok(b)
			u.Tag = verb(u.SQL) + fmt.Sprintf(" %d", n)
		case 0xfb: // the server asks for a file; the application sends it
			if err := s.file(); err != nil {
				return err
			}
			continue
		default:
			columns, n := integer(b)
			if n == 0 {
				return errShort
			}
			for range columns {
				if _, err := s.next(); err != nil {
					return err
				}
			}
			end, err := s.next() // the end of the columns
			if err != nil || len(end) < 5 {
				return errors.Join(err, errShort)
			}
			if status := binary.LittleEndian.Uint16(end[3:]); status&cursorExists != 0 { // the rows are fetched later
				s.status = status
				u.Tag = verb(u.SQL)
				return nil
			}
			rows, err := s.rows(u)
			if err != nil || u.Code != "" {
				return err
			}
			u.Tag = fmt.Sprintf("%s %d", verb(u.SQL), rows)
		}
		if s.status&moreResults == 0 {
			return nil
		}
	}
}

// rows reads up to the end of rows and counts them. A row may begin with FE too,
// but is longer then.
func (s *session) rows(u *store.Statement) (count int, err error) {
	for {
		b, err := s.next()
		switch {
		case err != nil:
			return count, err
		case b[0] == 0xfe && len(b) < 9:
			if len(b) >= 5 {
				s.status = binary.LittleEndian.Uint16(b[3:])
			}
			return count, nil
		case b[0] == 0xff:
			return count, s.failed(u, b)
		}
		count++
	}
}

// failed notes the server's error. One that rolls the whole transaction back
// ends it; the server does not say so.
func (s *session) failed(u *store.Statement, b []byte) error {
	number, state, message := failure(b)
	u.Code, u.Detail = state, message
	if state == "HY000" || state == "" {
		u.Code = fmt.Sprint(number)
	}
	s.status &^= moreResults
	switch number {
	case 1213, 1020, 1614: // deadlock, changed since it was read (snapshot isolation), XA
		s.status &^= inTransaction
	}
	return nil
}

// file passes what the application sends for LOAD DATA LOCAL: packets up to an
// empty one.
func (s *session) file() error {
	if err := s.flush(); err != nil {
		return err
	}
	for {
		raw, b, err := read(s.fromApp, nil)
		if err != nil {
			return err
		}
		if _, err := s.server.Write(raw); err != nil {
			return err
		}
		if len(b) == 0 {
			return nil
		}
	}
}

// preparation reads the answer to a preparation, and keeps what the statement
// says.
func (s *session) preparation(sql string) error {
	b, err := s.next()
	if err != nil || b[0] == 0xff {
		return err
	}
	if len(b) < 9 {
		return errShort
	}
	s.newest = binary.LittleEndian.Uint32(b[1:])
	columns, parameters := binary.LittleEndian.Uint16(b[5:]), binary.LittleEndian.Uint16(b[7:])
	s.prepared[s.newest] = sql
	for _, n := range []uint16{parameters, columns} {
		if n == 0 {
			continue
		}
		for range int(n) + 1 { // each, and their end
			if _, err := s.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// verb is the first word of a statement: "UPDATE".
func verb(sql []string) string {
	if len(sql) == 0 {
		return ""
	}
	w := store.Words(sql[0])
	if len(w) == 0 {
		return ""
	}
	return strings.ToUpper(w[0])
}

// native is how this server says what a SQLSTATE of PostgreSQL stands for, and
// whether it rolls the whole transaction back.
func native(code string) (number int, state string, whole bool) {
	switch code {
	case "40001", "40P01": // serialization failure, deadlock: the same here
		return 1213, "40001", true
	case "55P03": // a lock is not available
		return 1205, "HY000", false
	}
	return 1644, code, false
}

// escaped is a text within quotes.
func escaped(s string) string { return strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) }
