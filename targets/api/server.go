package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// Options belong to the server as a whole.
type Options struct {
	Delay time.Duration // before every answer, outside all critical sections
	Stall Stall         // of the whole server
	Keys  Keyring       // of Idempotency-Key; nil is [NewKeyring]
	Debug io.Writer     // gets errors that became a 500; nil drops them

	// Variant finds the scheme of a path's first segment that is no mount's
	// name: one with parameters, "NAME;k=v". It says in a problem that there is
	// none. nil finds nothing.
	Variant func(segment string) (Scheme, error)
}

// Stall is a server that stands still for Length at the beginning of every
// Period, the first one Period after its start. Requests that arrive meanwhile
// wait until its end. The zero Stall never stands still.
type Stall struct{ Length, Period time.Duration }

// left returns how long a request that arrives so long after the start waits.
func (s Stall) left(since time.Duration) time.Duration {
	if s.Period <= 0 || since < s.Period {
		return 0
	}
	return max(0, s.Length-since%s.Period)
}

// Server is an http.Handler over schemes.
type Server struct {
	opt     Options
	mounts  []Mount
	counts  []atomic.Int64 // of mounts, by index
	total   atomic.Int64   // requests, control ones left out
	started time.Time
}

// New makes a server of these schemes.
func New(mounts []Mount, opt Options) *Server {
	if opt.Keys == nil {
		opt.Keys = NewKeyring()
	}
	return &Server{opt: opt, mounts: mounts, counts: make([]atomic.Int64, len(mounts)), started: time.Now()}
}

// exchange is one request and the answer that is made for it.
type exchange struct {
	r      *http.Request
	seg    [5]string // of the path, unescaped: scheme, collection, key ...
	segs   int
	in     []byte // the request's body
	out    []byte // the answer's body
	status int
	etag   string
	loc    string
	allow  string
	retry  time.Duration
	kind   []string // Content-Type
}

var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
	textType    = []string{"text/plain; charset=utf-8"}

	exchanges = sync.Pool{New: func() any { return new(exchange) }}
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchanges.Get().(*exchange)
	*x = exchange{r: r, in: x.in[:0], out: x.out[:0], kind: jsonType}
	defer func() { x.r = nil; exchanges.Put(x) }()

	if strings.HasPrefix(r.URL.Path, "/-/") {
		s.control(x)
		x.send(w)
		return
	}
	s.total.Add(1)
	err := x.read(w)
	if r.Header["Want-Arrival"] != nil && r.Header.Get("Want-Arrival") == "1" {
		at := time.Now().UnixNano()
		if c, _ := r.Context().Value(connectionKey{}).(connection); c.conn != nil {
			at = c.conn.arrival()
		}
		w.Header()["Arrival"] = []string{strconv.FormatInt(at, 10)}
	}
	if left := s.opt.Stall.left(time.Since(s.started)); left > 0 {
		time.Sleep(left)
	}
	if err == nil {
		err = x.split()
	}
	if err == nil {
		err = s.route(x)
	}
	if err != nil {
		s.refuse(x, err)
	}
	if s.opt.Delay > 0 {
		time.Sleep(s.opt.Delay)
	}
	x.send(w)
}

// read takes the whole body, so that the connection is watched for the
// client's going away from then on.
func (x *exchange) read(w http.ResponseWriter) error {
	n := x.r.ContentLength
	if n == 0 {
		return nil
	}
	if n > maxBody {
		return Refuse(413, "too-large", "at most 1 MiB is taken")
	}
	if n > 0 {
		if int64(cap(x.in)) < n {
			x.in = make([]byte, n)
		}
		x.in = x.in[:n]
		if _, err := io.ReadFull(x.r.Body, x.in); err != nil {
			return Refuse(400, "malformed", "the body ended early")
		}
		return nil
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, x.r.Body, maxBody))
	x.in = append(x.in, b...)
	if err != nil {
		return Refuse(400, "malformed", "the body could not be read")
	}
	return nil
}

// split cuts the path into unescaped segments.
func (x *exchange) split() error {
	path := x.r.URL.Path
	escaped := x.r.URL.RawPath != ""
	if escaped {
		path = x.r.URL.RawPath
	}
	path = strings.TrimPrefix(path, "/")
	for more := true; more; {
		var seg string
		seg, path, more = strings.Cut(path, "/")
		if seg == "" || x.segs == len(x.seg) {
			return noPath()
		}
		if escaped {
			var err error
			if seg, err = url.PathUnescape(seg); err != nil {
				return Refuse(400, "malformed", "the path has a bad escape")
			}
		}
		x.seg[x.segs] = seg
		x.segs++
	}
	return nil
}

func noPath() error {
	return Refuse(404, "no-such-path", "expected /{scheme}/items, /{scheme}/transfer or /{scheme}/locks")
}

func (s *Server) route(x *exchange) error {
	for i := range s.mounts {
		if s.mounts[i].Name == x.seg[0] {
			s.counts[i].Add(1)
			return s.dispatch(x, s.mounts[i].Scheme)
		}
	}
	if s.opt.Variant != nil {
		c, err := s.opt.Variant(x.seg[0])
		if err != nil {
			return err
		}
		return s.dispatch(x, c)
	}
	names := make([]string, len(s.mounts))
	for i, m := range s.mounts {
		names[i] = m.Name
	}
	return Refuse(404, "no-such-path", "no scheme of that name; this server has "+strings.Join(names, ", "))
}

// refuse turns an error into the answer.
func (s *Server) refuse(x *exchange, err error) {
	p, plain := err.(*Problem) // nearly always: errors.As is for the wrapped ones
	switch {
	case plain || errors.As(err, &p):
	case x.r.Context().Err() != nil && errors.Is(err, context.Canceled):
		p = Refuse(499, "client-closed-connection", "nobody reads this")
	default:
		p = Refuse(500, "internal", err.Error())
		if s.opt.Debug != nil {
			_, _ = io.WriteString(s.opt.Debug, x.r.Method+" "+x.r.URL.Path+": "+err.Error()+"\n")
		}
	}
	x.status, x.kind, x.retry, x.allow = p.Status, problemType, p.RetryAfter, p.Allow
	x.etag, x.loc = "", ""
	x.out = appendProblem(x.out[:0], p, x.r.URL.Path)
}

// send writes the answer.
func (x *exchange) send(w http.ResponseWriter) {
	h := w.Header()
	if x.etag != "" {
		h["Etag"] = []string{x.etag}
	}
	if x.loc != "" {
		h["Location"] = []string{x.loc}
	}
	if x.retry > 0 {
		h["Retry-After"] = []string{strconv.FormatInt(int64((x.retry+time.Second/2)/time.Second), 10)}
	}
	if x.allow != "" {
		h["Allow"] = []string{x.allow}
	}
	if len(x.out) > 0 {
		h["Content-Type"] = x.kind
		h["Content-Length"] = []string{strconv.Itoa(len(x.out))}
	}
	w.WriteHeader(x.status)
	if len(x.out) > 0 && x.r.Method != http.MethodHead {
		_, _ = w.Write(x.out) // the client has gone: nothing is left to do
	}
}

// control answers /-/healthz and /-/stats.
func (s *Server) control(x *exchange) {
	x.status = 200
	switch x.r.URL.Path {
	case "/-/healthz":
		x.kind, x.out = textType, append(x.out, "ok"...)
	case "/-/stats":
		x.out = s.appendStats(x.out)
	default:
		s.refuse(x, Refuse(404, "no-such-path", "expected /-/healthz or /-/stats"))
	}
}

func (s *Server) appendStats(b []byte) []byte {
	b = append(b, `{"requests":`...)
	b = strconv.AppendInt(b, s.total.Load(), 10)
	b = append(b, `,"by_scheme":{`...)
	for i := range s.mounts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, s.mounts[i].Name), ':')
		b = strconv.AppendInt(b, s.counts[i].Load(), 10)
	}
	b = append(b, `},"started_ns":`...)
	b = strconv.AppendInt(b, s.started.UnixNano(), 10)
	return append(b, '}')
}
