package mysql

import (
	"bufio"
	"encoding/binary"
	"io"
)

// most is the size of a packet's body that says: another packet goes on.
const most = 1<<24 - 1

// header is the size of what precedes a packet's body: its size in three
// bytes, and a number that counts up within a command and its answer.
const header = 4

// read appends one whole packet to raw, with its header; a body of several
// packets is joined.
func read(r *bufio.Reader, raw []byte) (all, body []byte, err error) {
	var long []byte
	for first := true; ; first = false {
		var h [header]byte
		if _, err = io.ReadFull(r, h[:]); err != nil {
			return raw, nil, err
		}
		size := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
		raw = append(raw, h[:]...)
		at := len(raw)
		raw = append(raw, make([]byte, size)...)
		if _, err = io.ReadFull(r, raw[at:]); err != nil {
			return raw, nil, err
		}
		if first && size < most {
			return raw, raw[at:], nil
		}
		long = append(long, raw[at:]...)
		if size < most {
			return raw, long, nil
		}
	}
}

// packet puts a header before a body of less than 16 MiB.
func packet(number byte, body []byte) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), number}, body...)
}

// integer reads an integer of variable length and tells its size; 0: it is not
// there.
func integer(b []byte) (v uint64, size int) {
	if len(b) == 0 {
		return 0, 0
	}
	need := map[byte]int{0xfc: 3, 0xfd: 4, 0xfe: 9}[b[0]]
	switch {
	case need == 0:
		return uint64(b[0]), 1
	case len(b) < need:
		return 0, 0
	}
	var full [8]byte
	copy(full[:], b[1:need])
	return binary.LittleEndian.Uint64(full[:]), need
}

// ok takes an OK apart: rows that were changed, and the status of the session.
func ok(b []byte) (affected uint64, status uint16) {
	affected, n := integer(b[1:])
	_, m := integer(b[1+n:])
	if at := 1 + n + m; n > 0 && m > 0 && len(b) >= at+2 {
		status = binary.LittleEndian.Uint16(b[at:])
	}
	return affected, status
}

// failure takes an ERR apart: number, SQLSTATE and message.
func failure(b []byte) (number uint16, state, message string) {
	if len(b) < 3 {
		return 0, "", ""
	}
	number, b = binary.LittleEndian.Uint16(b[1:]), b[3:]
	if len(b) >= 6 && b[0] == '#' {
		return number, string(b[1:6]), string(b[6:])
	}
	return number, "", string(b)
}

// refusal is an ERR.
func refusal(sequence byte, number uint16, state, message string) []byte {
	body := append([]byte{0xff, byte(number), byte(number >> 8), '#'}, state...)
	return packet(sequence, append(body, message...))
}
