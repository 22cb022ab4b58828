package transport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// What is read of one answer before its body, at most.
const (
	usualHead  = 8 << 10     // a connection's buffer, until an answer needs more
	maxHead    = 64 << 10    // status line and headers of one answer
	maxInterim = MaxAnswer   // all 1xx answers before the final one
	lineSlack  = len("\r\n") // an empty line that some servers send first
)

var (
	errHead     = &plainError{"answer not understood: its headers are larger than 64 KB", errors.New("headers too large")}
	errTrailers = &plainError{"answer not understood: its trailers are too large", errors.New("trailers too large")}
	errInterim  = &plainError{"answer not understood: 4 MiB of 1xx answers and no final one", errors.New("no final answer")}
	errSwitched = &plainError{"answer not understood: 101, the server changes to another protocol, which nobody asked for", errors.New("protocol switched")}
	errLengths  = &plainError{"answer not understood: two Content-Length headers that differ", errors.New("ambiguous length")}
	errLength   = &plainError{"answer not understood: its Content-Length is no whole number", errors.New("bad length")}
	errFraming  = &plainError{"answer not understood: both Content-Length and Transfer-Encoding", errors.New("ambiguous length")}
	errCoding   = &plainError{"answer not understood: its Transfer-Encoding is not chunked", errors.New("unknown transfer coding")}
)

// SpeaksTLS is in the error of a plain request that TLS was the answer to.
const SpeaksTLS = "the port speaks TLS, and the request was plain HTTP"

var errTLS = &plainError{SpeaksTLS, errors.New("TLS alert")}

// awaitFinal passes over 1xx answers (RFC 9110, 15.2: any number of them may
// come before the final one) until the head of the final answer is in the
// reader, and checks that its length is told in one way (RFC 9112, 6.3: two
// readers that took different ones would take different bytes for the next
// answer).
func (c *Conn) awaitFinal() error {
	for skipped := 0; skipped <= maxInterim; {
		head, err := c.head()
		if err != nil {
			return err
		}
		switch status := statusOf(head); {
		case status == 101:
			return errSwitched
		case status < 100 || status > 199:
			return framing(head)
		}
		if _, err := c.br.Discard(len(head)); err != nil {
			return err
		}
		skipped += len(head)
	}
	return errInterim
}

// head waits for the whole head of an answer, the empty line that ends it
// included, and leaves it in the reader.
func (c *Conn) head() ([]byte, error) {
	seen := 0
	for {
		b, err := c.br.Peek(seen + 1)
		if len(b) <= seen {
			switch {
			case err == bufio.ErrBufferFull && c.br.Size() < maxHead:
				c.grow()
				continue
			case err == bufio.ErrBufferFull:
				return nil, errHead
			case err == io.EOF && seen > 0:
				return nil, io.ErrUnexpectedEOF
			}
			return nil, err
		}
		b, _ = c.br.Peek(c.br.Buffered())
		if seen == 0 && len(b) > 1 && b[0] == 0x15 && b[1] == 0x03 { // an alert of TLS (RFC 8446, 5.1 and 6)
			return nil, errTLS
		}
		if end := headEnd(b, seen); end > 0 {
			return b[:end], nil
		}
		seen = len(b)
	}
}

// grow gives the connection a reader as large as a head may be; what is in the
// old one comes first.
func (c *Conn) grow() {
	rest, _ := c.br.Peek(c.br.Buffered())
	c.br = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), &c.count), maxHead)
}

// headEnd is where the head that b begins with ends, behind its empty line; 0
// when it does not end in b. seen bytes have been looked at before. Lines may
// end in LF alone, and an empty line may come first.
func headEnd(b []byte, seen int) int {
	first := 0
	for first < len(b) && first < lineSlack && (b[first] == '\r' || b[first] == '\n') {
		first++
	}
	for i := max(first, seen-3); ; {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0
		}
		i += n + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		}
	}
}

// statusOf is the status code of a head, 0 when there is none.
func statusOf(head []byte) int {
	head = bytes.TrimLeft(head, "\r\n")
	i := bytes.IndexByte(head, ' ')
	if i < 0 || len(head) < i+4 {
		return 0
	}
	status := 0
	for _, d := range head[i+1 : i+4] {
		if d < '0' || d > '9' {
			return 0
		}
		status = status*10 + int(d-'0')
	}
	return status
}

// framing reports a head that does not say in one way how long its body is.
func framing(head []byte) error {
	var length []byte
	coded := false
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line, head = head[:i], head[i+1:]
		} else {
			head = nil
		}
		switch {
		case len(line) > len("content-length:") && line[0]|0x20 == 'c' && line[8]|0x20 == 'l':
			value, is := field(line, "content-length")
			if !is {
				continue
			}
			if !digits(value) {
				return errLength
			}
			if length != nil && !bytes.Equal(value, length) {
				return errLengths
			}
			length = value
		case len(line) > len("transfer-encoding:") && line[0]|0x20 == 't' && line[9]|0x20 == 'e':
			value, is := field(line, "transfer-encoding")
			if !is {
				continue
			}
			if !bytes.EqualFold(value, []byte("chunked")) && !bytes.EqualFold(value, []byte("identity")) {
				return errCoding
			}
			coded = true
		}
	}
	if coded && length != nil {
		return errFraming
	}
	return nil
}

// field is a header line's value, when it has that name.
func field(line []byte, name string) ([]byte, bool) {
	key, value, ok := bytes.Cut(line, []byte(":"))
	return bytes.TrimSpace(value), ok && bytes.EqualFold(bytes.TrimSpace(key), []byte(name))
}

func digits(b []byte) bool {
	for _, d := range b {
		if d < '0' || d > '9' {
			return false
		}
	}
	return len(b) > 0
}
