package fault

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// saw is what an instrumented server saw.
type saw struct {
	whole   int            // requests of which every byte came
	cutHead int            // that ended within the head
	cutBody int            // that ended within the body
	resets  int            // connections that ended with RST
	byID    map[string]int // whole requests, by their id
	gzip    int            // whole requests that asked for gzip
}

// server counts bytes, not handlers: it reads the wire itself.
type server struct {
	l  net.Listener
	mu sync.Mutex
	saw
	open sync.WaitGroup
}

func serve(t testing.TB) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{l: l, saw: saw{byID: map[string]int{}}}
	s.open.Add(1)
	go func() {
		defer s.open.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.open.Add(1)
			go func() { defer s.open.Done(); s.talk(c) }()
		}
	}()
	return s
}

func (s *server) talk(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	if b, err := r.Peek(3); err == nil && string(b) == "END" {
		return
	}
	for {
		q, err := http.ReadRequest(r)
		if err != nil {
			s.count(func(w *saw) {
				if errors.Is(err, syscall.ECONNRESET) {
					w.resets++
				}
				if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) {
					w.cutHead++
				}
			})
			return
		}
		if _, err := io.Copy(io.Discard, q.Body); err != nil {
			s.count(func(w *saw) { w.cutBody++ })
			return
		}
		zipped := q.Header.Get("Accept-Encoding") == "gzip"
		s.count(func(w *saw) {
			w.whole++
			w.byID[q.Header.Get("Id")]++
			if zipped {
				w.gzip++
			}
		})
		if zipped {
			var b bytes.Buffer
			z := stdgzip.NewWriter(&b)
			_, _ = z.Write([]byte("done"))
			_ = z.Close()
			_, err = fmt.Fprintf(c, "HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len(), b.Bytes())
		} else {
			_, err = io.WriteString(c, "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\ndone")
		}
		if err != nil {
			return
		}
	}
}

func (s *server) count(f func(*saw)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.saw)
}

// ended closes the server and returns what it saw; the clients are closed
// before. Connections are accepted in order, so when one more is answered, none
// is left in the queue.
func (s *server) ended() saw {
	if c, err := net.Dial("tcp", s.l.Addr().String()); err == nil {
		_, _ = io.WriteString(c, "END")
		_, _ = io.ReadAll(c)
		c.Close()
	}
	s.l.Close()
	s.open.Wait()
	return s.saw
}

func (s *server) url() string { return "http://" + s.l.Addr().String() }

// rig is one client beside the faults.
type rig struct {
	conn, other, replica *transport.Conn
	req                  transport.Request
	resp                 transport.Response
	now                  func() int64
	grants               int64
}

func newRig(t testing.TB, url, replica string) *rig {
	base := time.Now()
	r := &rig{now: func() int64 { return int64(time.Since(base)) }}
	end, err := transport.NewEndpoint(url, transport.Files{})
	if err != nil {
		t.Fatal(err)
	}
	r.conn, r.other = transport.NewConn(end, nil, r.now), transport.NewConn(end, nil, r.now)
	if replica != "" {
		if end, err = transport.NewEndpoint(replica, transport.Files{}); err != nil {
			t.Fatal(err)
		}
		r.replica = transport.NewConn(end, nil, r.now)
	}
	return r
}

func (r *rig) close() {
	r.conn.Close()
	r.other.Close()
	if r.replica != nil {
		r.replica.Close()
	}
}

// ask sets the request with that id.
func (r *rig) ask(id string) {
	r.req.Reset()
	r.req.SetMethod("POST")
	r.req.SetTarget([]byte("/things"))
	r.req.SetHeader("Id", []byte(id))
	r.req.SetBody([]byte(`{"value": "a body that is long enough to be cut"}`))
}

// exchange is what a client would hand to a fault; every pause lets somebody
// else have the lock.
func (r *rig) exchange(ctx ctxt) *Exchange {
	return &Exchange{Ctx: ctx, Conn: r.conn, Other: func() *transport.Conn { return r.other }, Replica: r.replica, Req: &r.req, Resp: &r.resp,
		Deadline: time.Now().Add(10 * time.Second), Step: history.StepWrite, Now: r.now,
		Sleep:  func(_ ctxt, d time.Duration) { time.Sleep(d); r.grants++ },
		Grants: func() int64 { return r.grants }, TTL: time.Nanosecond}
}

func newSet(t testing.TB, faults ...scenarios.Fault) *Set {
	set, err := New(&scenarios.Scenario{Seed: 7, Faults: faults, Strategies: []scenarios.Strategy{{Name: "a"}, {Name: "b"}},
		Load: scenarios.LoadPlan{Duration: scenarios.Duration(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
