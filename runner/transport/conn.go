package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// MaxAnswer is the largest body that is read; a longer answer is an error.
const MaxAnswer = 4 << 20

// idleCheck is how long a connection may idle before it is looked at for a
// close by the server: a request over one that is half closed may never be
// answered, nor refused. A client that does not pause need not look.
const idleCheck = 200 * time.Microsecond

// Header is one fixed header.
type Header struct{ Name, Value string }

// Conn is one client's connection. It dials when needed, one request at a
// time, and never sends a request again. It is used by one goroutine.
type Conn struct {
	end   *Endpoint
	Fixed []Header // sent with every request: identity, Accept-Encoding
	now   func() int64

	conn     net.Conn
	wire     *wire // conn, when it can write and read in one visit; nil else
	peer     *peer // who is looked at while conn idles; nil where that cannot be
	br       *bufio.Reader
	used     int64     // when the last answer had been read, or conn opened
	deadline time.Time // that is set on conn
	bytes    []byte
	count    counting

	Wire int64 // requests of which a first byte was written
}

// NewConn returns a connection to e that is not yet open. now is the run's
// clock in ns.
func NewConn(e *Endpoint, fixed []Header, now func() int64) *Conn {
	return &Conn{end: e, Fixed: fixed, now: now}
}

// Result says how an exchange went.
type Result struct {
	Call, Return   int64 // ns
	Sent, Received int   // bytes
	Err            error // nil when a whole answer was read
	Timeout        bool  // the deadline passed
	Started        bool  // a first byte was written: the server may act
}

// Open dials if there is no usable connection.
func (c *Conn) Open(ctx context.Context, deadline time.Time) error {
	if c.conn != nil && c.now()-c.used > int64(idleCheck) && c.peer.left() {
		c.Close()
	}
	if c.conn != nil {
		return nil
	}
	conn, err := c.end.dial(ctx, deadline)
	if err != nil {
		return err
	}
	c.conn, c.peer, c.used, c.deadline = conn, newPeer(conn), c.now(), time.Time{}
	if c.end.TLS != nil {
		c.used = math.MaxInt64 // not to be looked at yet: tickets may wait to be read with the first answer
	}
	c.count.r, c.count.err = conn, nil
	if c.wire = newWire(conn); c.wire != nil {
		c.count.r = c.wire
	}
	if c.br == nil {
		c.br = bufio.NewReaderSize(&c.count, usualHead)
	}
	c.br.Reset(&c.count)
	return nil
}

// Close closes the connection; the next request dials again.
func (c *Conn) Close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// Abort closes with a reset (RST) where the system allows it.
func (c *Conn) Abort() {
	below := c.conn
	if s, ok := below.(*tls.Conn); ok {
		below = s.NetConn()
	}
	if t, ok := below.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
		_ = t.Close() // the socket itself: TLS would say goodbye first
	}
	c.Close()
}

// Encode turns a request into the bytes that will be written; they are valid
// until the next Encode.
func (c *Conn) Encode(req *Request) []byte {
	h := &req.raw.Header
	h.SetHost(c.end.URL.Host)
	h.SetUserAgent("tussle")
	h.SetNoDefaultContentType(true)
	for _, f := range c.Fixed {
		if len(h.Peek(f.Name)) == 0 {
			h.Set(f.Name, f.Value)
		}
	}
	body := req.raw.Body()
	if len(body) > 0 || !h.IsGet() && !h.IsHead() && !h.IsDelete() {
		h.SetContentLength(len(body))
	}
	if c.end.proxy != nil && c.end.TLS == nil {
		h.SetRequestURI(c.end.URL.Scheme + "://" + c.end.URL.Host + string(h.RequestURI()))
		if user := c.end.proxyAuthorization(); user != "" {
			h.Set("Proxy-Authorization", user)
		}
	}
	c.bytes = h.AppendBytes(c.bytes[:0])
	c.bytes = append(c.bytes, body...)
	return c.bytes
}

// Do sends the request and reads the whole answer before the deadline.
func (c *Conn) Do(ctx context.Context, req *Request, resp *Response, deadline time.Time) Result {
	b := c.Encode(req)
	res := c.Begin(ctx, deadline)
	switch {
	case res.Err != nil:
	case c.wire != nil:
		wire := c.wire // an error closes the connection
		wire.send(b)
		c.starts(&res)
		c.ReadAnswer(req, resp, &res)
		res.Sent = wire.sent
		c.unsent(&res)
	default:
		if c.Write(b, &res); res.Err == nil {
			c.ReadAnswer(req, resp, &res)
		}
	}
	return res
}

// Begin opens the connection, sets the deadline and takes the time of the
// call. The pieces Begin, Write, ReadAnswer are for faults and bursts; Do is
// their plain sequence.
func (c *Conn) Begin(ctx context.Context, deadline time.Time) (res Result) {
	res.Call = c.now()
	if err := c.Open(ctx, deadline); err != nil {
		c.fail(err, &res)
		return res
	}
	if err := c.until(deadline); err != nil {
		c.fail(err, &res)
		return res
	}
	res.Call = c.now()
	return res
}

// until sets the connection's deadline, unless the one that is set is at most
// a sixteenth of the time left earlier: setting it for each request would cost
// more than it is worth.
func (c *Conn) until(deadline time.Time) error {
	if early := deadline.Sub(c.deadline); early >= 0 && early < time.Until(deadline)/16 {
		return nil
	}
	c.deadline = deadline
	return c.conn.SetDeadline(deadline)
}

// Write puts bytes of a request on the wire.
func (c *Conn) Write(b []byte, res *Result) {
	c.starts(res)
	write := c.conn.Write
	if c.wire != nil {
		write = c.wire.write
	}
	n, err := write(b)
	res.Sent += n
	if err != nil {
		c.fail(err, res)
		c.unsent(res)
	}
}

func (c *Conn) starts(res *Result) {
	if !res.Started {
		res.Started = true
		c.Wire++
	}
}

// unsent takes back that a request started when nothing left this machine's
// hands.
func (c *Conn) unsent(res *Result) {
	if res.Err != nil && res.Started && res.Sent == 0 {
		res.Started = false
		c.Wire--
	}
}

// ReadAnswer reads one whole answer.
func (c *Conn) ReadAnswer(req *Request, resp *Response, res *Result) {
	c.count.n = 0
	resp.raw.Reset()
	resp.raw.SkipBody = req.raw.Header.IsHead()
	err := c.awaitFinal()
	if err == nil {
		err = resp.raw.ReadLimitBody(c.br, MaxAnswer)
	}
	res.Received = c.count.n
	if err != nil {
		if err == io.EOF && c.count.err != nil {
			err = c.count.err
		}
		c.fail(err, res)
		return
	}
	res.Return = c.now()
	c.used = res.Return
	if resp.raw.Header.ConnectionClose() || c.br.Buffered() > 0 {
		c.Close() // bytes after the answer would be taken for the next one
	}
}

func (c *Conn) fail(err error, res *Result) {
	c.Close()
	res.Return = c.now()
	res.Timeout = timedOut(err)
	res.Err = plain(err)
}

// timedOut recognises the net package's, the context's and fasthttp's timeouts.
func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, fasthttp.ErrTimeout) || errors.As(err, &t) && t.Timeout()
}

// plain words an error without addresses and ports, so that equal failures
// read equal.
func plain(err error) error {
	var op *net.OpError
	var small *fasthttp.ErrSmallBuffer
	if done, ok := err.(*plainError); ok {
		return done
	}
	switch {
	case timedOut(err):
		return errTimeout
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return errTooLarge
	case errors.As(err, &small):
		return errTrailers // heads are measured before they are parsed
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errEOF
	case errors.As(err, &op):
		return &plainError{op.Op + ": " + op.Err.Error(), err}
	}
	text := err.Error()
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	if strings.HasPrefix(text, "tls: ") || strings.HasPrefix(text, "x509: ") {
		return &plainError{text, err}
	}
	if i := strings.IndexByte(text, '"'); i >= 0 {
		// What the codec quotes is cut anywhere, so a secret in it could not be
		// told from the rest.
		text = strings.TrimRight(strings.TrimSuffix(strings.TrimSpace(text[:i]), "contents:"), " ,:")
	}
	return &plainError{"answer not understood: " + text, err}
}

type plainError struct {
	text  string
	cause error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.cause }

var (
	errTimeout  = &plainError{"no answer before the deadline", os.ErrDeadlineExceeded}
	errTooLarge = &plainError{"answer larger than 4 MiB", fasthttp.ErrBodyTooLarge}
	errEOF      = &plainError{"connection closed before the whole answer", io.ErrUnexpectedEOF}
)

// counting counts the bytes that were read.
type counting struct {
	r   io.Reader
	n   int
	err error // of the last read: the codec calls each one before the first byte EOF
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	c.err = err
	return n, err
}
