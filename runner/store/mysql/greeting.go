package mysql

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Capabilities that are taken out of the server's greeting.
const (
	capCompress   = 1 << 5
	capSSL        = 1 << 11
	capDeprecate  = 1 << 24 // rows end with an OK in place of an EOF
	capOptional   = 1 << 25 // results without their columns
	capZstd       = 1 << 26
	capAttributes = 1 << 27 // a query begins with its attributes

	masked = capSSL | capCompress | capDeprecate | capOptional | capZstd | capAttributes

	capMySQL   = 1        // of MySQL; MariaDB says by its absence that extended ones follow
	capLocal   = 1 << 7   // the application sends files
	cap41      = 1 << 9   // the protocol since 4.1
	extendMask = 1 | 1<<4 // MariaDB: reports of progress, results without their columns
)

// Status of a session.
const (
	inTransaction = 0x01
	moreResults   = 0x08
	cursorExists  = 0x40
)

// greeted takes the thread's number out of a server's greeting, and out of its
// capabilities what cannot be relayed.
func greeted(b []byte) (thread uint32, err error) {
	bad := errors.New("the server's greeting cannot be read")
	if len(b) == 0 || b[0] != 10 {
		return 0, bad
	}
	name := bytes.IndexByte(b[1:], 0)
	at := 1 + name + 1         // after the version's name
	lower := at + 4 + 8 + 1    // the thread, the first part of the salt, a zero
	upper := lower + 2 + 1 + 2 // the character set, the status
	if name < 0 || len(b) < upper+2+1+10 {
		return 0, bad
	}
	thread = binary.LittleEndian.Uint32(b[at:])
	caps := uint32(binary.LittleEndian.Uint16(b[lower:])) | uint32(binary.LittleEndian.Uint16(b[upper:]))<<16
	caps &^= masked
	binary.LittleEndian.PutUint16(b[lower:], uint16(caps))
	binary.LittleEndian.PutUint16(b[upper:], uint16(caps>>16))
	if caps&capMySQL == 0 {
		extended := b[upper+2+1+6:]
		binary.LittleEndian.PutUint32(extended, binary.LittleEndian.Uint32(extended)&^extendMask)
	}
	return thread, nil
}

// handshake passes the greeting and what follows it until the application is
// let in.
func (s *session) handshake() error {
	raw, b, err := read(s.fromServer, nil)
	if err != nil {
		return err
	}
	if len(b) > 0 && b[0] == 0xff { // too many connections
		_, err = s.app.Write(raw)
		return errors.Join(err, errRefused)
	}
	thread, err := greeted(b)
	if err != nil {
		return err
	}
	s.thread.Store(thread)
	if _, err := s.app.Write(raw); err != nil {
		return err
	}
	raw, b, err = read(s.fromApp, nil)
	if err != nil {
		return err
	}
	if len(b) < 32 || binary.LittleEndian.Uint32(b)&cap41 == 0 {
		return errors.New("the client speaks a protocol before 4.1")
	}
	if binary.LittleEndian.Uint32(b)&capSSL != 0 {
		return errors.New("the client wants encryption, which was not offered")
	}
	s.local = binary.LittleEndian.Uint32(b)&capLocal != 0
	if _, err := s.server.Write(raw); err != nil {
		return err
	}
	return s.authenticate()
}

var errRefused = errors.New("the server refuses the connection")

// authenticate passes what the two say to each other until the server has
// decided.
func (s *session) authenticate() error {
	for {
		raw, b, err := read(s.fromServer, nil)
		if err != nil {
			return err
		}
		if _, err := s.app.Write(raw); err != nil {
			return err
		}
		switch {
		case len(b) == 0:
			return errors.New("an empty packet while the client is let in")
		case b[0] == 0:
			_, s.status = ok(b)
			return nil
		case b[0] == 0xff:
			return errRefused
		case b[0] == 1 && len(b) == 2 && b[1] == 3: // caching_sha2: known already, nothing is asked
			continue
		}
		if raw, _, err = read(s.fromApp, nil); err != nil {
			return err
		}
		if _, err := s.server.Write(raw); err != nil {
			return err
		}
	}
}
