package transport

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func clock() func() int64 {
	base := time.Now()
	return func() int64 { return int64(time.Since(base)) }
}

func connTo(t testing.TB, url string) *Conn {
	t.Helper()
	e, err := NewEndpoint(url, Files{})
	if err != nil {
		t.Fatal(err)
	}
	c := NewConn(e, []Header{{"Accept-Encoding", "identity"}}, clock())
	t.Cleanup(c.Close)
	return c
}

func put(r *Request, target, body string) {
	r.Reset()
	r.SetMethod("PUT")
	r.SetTarget([]byte(target))
	r.SetHeader("If-Match", []byte(`"7"`))
	r.SetBody([]byte(body))
}

func TestARequestArrivesAsItWasBuilt(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Host, " ", r.Header, " ", string(b))
		w.Header().Set("ETag", `"8"`)
		w.WriteHeader(201)
		fmt.Fprint(w, "made")
	}))
	defer s.Close()
	c := connTo(t, s.URL)
	var req Request
	var resp Response
	put(&req, "/a%20b?x=%2F", "hello")
	res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second))
	if res.Err != nil {
		t.Fatal(res.Err)
	}
	want := fmt.Sprint("PUT /a%20b?x=%2F ", strings.TrimPrefix(s.URL, "http://"),
		" map[Accept-Encoding:[identity] Content-Length:[5] If-Match:[\"7\"] User-Agent:[tussle]] hello")
	if got != want {
		t.Errorf("the server saw\n%s\nwant\n%s", got, want)
	}
	if resp.Status() != 201 || string(resp.Header("Etag")) != `"8"` || string(resp.Body()) != "made" {
		t.Errorf("answer %d %q %q", resp.Status(), resp.Header("Etag"), resp.Body())
	}
	if res.Return <= res.Call || res.Sent < 50 || res.Received < 50 || !res.Started || c.Wire != 1 {
		t.Errorf("result %+v, wire %d", res, c.Wire)
	}
}

func TestOneConnectionServesManyRequests(t *testing.T) {
	var conns atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "x") }))
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := connTo(t, s.URL)
	var req Request
	var resp Response
	for range 100 {
		put(&req, "/", "b")
		if res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second)); res.Err != nil {
			t.Fatal(res.Err)
		}
	}
	if conns.Load() != 1 || c.Wire != 100 {
		t.Errorf("%d connections, %d requests on the wire", conns.Load(), c.Wire)
	}
}

// rude serves one raw answer a connection.
func rude(t testing.TB, serve func(net.Conn)) (url string, seen *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	seen = &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
					seen.Add(1)
					serve(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), seen
}

const good = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"1\"\r\n\r\nhello"

// The server closes after each byte of a whole answer: no panic, no hang, an
// error until the answer is whole, and never a second request.
func TestACloseAtEachByte(t *testing.T) {
	for n := 0; n <= len(good); n++ {
		url, seen := rude(t, func(c net.Conn) { _, _ = io.WriteString(c, good[:n]) })
		c := connTo(t, url)
		var req Request
		var resp Response
		put(&req, "/", "b")
		res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second))
		if whole := n == len(good); (res.Err == nil) != whole {
			t.Errorf("after %d of %d bytes: err = %v", n, len(good), res.Err)
		}
		if !res.Started || res.Timeout || seen.Load() != 1 || c.Wire != 1 {
			t.Errorf("after %d bytes: %+v, the server saw %d requests", n, res, seen.Load())
		}
	}
}

func TestRudeAnswersAreErrorsWithinTheDeadline(t *testing.T) {
	huge := bytes.Repeat([]byte("x"), 64<<10)
	cases := map[string]func(net.Conn){
		"garbage": func(c net.Conn) { _, _ = c.Write(bytes.Repeat([]byte{0xff, 0, '\n'}, 100)) },
		"10 MB": func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
			flood(c, huge, 160)
		},
		"endless chunks": func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			chunks(c, huge, 400)
		},
		"endless header": func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n"); flood(c, []byte("X-A: b\r\n"), 1<<20) },
		"silence":        func(c net.Conn) { time.Sleep(3 * time.Second) },
		"half a body":    func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf") },
		"bad length":     func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n") },
		"bad chunk":      func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") },
	}
	for name, serve := range cases {
		t.Run(name, func(t *testing.T) {
			url, _ := rude(t, serve)
			c := connTo(t, url)
			var req Request
			var resp Response
			put(&req, "/", "b")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			res := c.Do(context.Background(), &req, &resp, begun.Add(time.Second))
			runtime.ReadMemStats(&after)
			if res.Err == nil {
				t.Fatalf("no error, status %d, %d bytes", resp.Status(), len(resp.Body()))
			}
			if took := time.Since(begun); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if grew := after.TotalAlloc - before.TotalAlloc; grew > 64<<20 {
				t.Errorf("allocated %d MiB", grew>>20)
			}
			if name == "silence" && !res.Timeout {
				t.Errorf("silence is no timeout: %+v", res)
			}
			if strings.Contains(res.Err.Error(), "127.0.0.1") {
				t.Errorf("the error names an address: %v", res.Err)
			}
		})
	}
}

func flood(c net.Conn, b []byte, n int) {
	for range n {
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

func chunks(c net.Conn, b []byte, n int) {
	for range n {
		if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(b), b); err != nil {
			return
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var hits atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	c := connTo(t, s.URL)
	var req Request
	var resp Response
	put(&req, "/", "b")
	if res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second)); res.Err != nil || resp.Status() != 307 || hits.Load() != 1 {
		t.Errorf("err %v, status %d, hits %d", res.Err, resp.Status(), hits.Load())
	}
}

func TestARefusedConnectionSendsNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	c := connTo(t, url)
	var req Request
	var resp Response
	put(&req, "/", "b")
	res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second))
	if res.Err == nil || res.Started || res.Sent != 0 || c.Wire != 0 {
		t.Errorf("%+v, wire %d", res, c.Wire)
	}
}

// A server may close a connection while it idles, wholly or only its own half,
// or say something that nobody asked for; the next request goes over a new one
// instead of getting lost or the wrong answer.
func TestAnIdleCloseIsSeenBeforeSending(t *testing.T) {
	for name, leave := range map[string]func(net.Conn){
		"closed":      func(c net.Conn) { c.Close() },
		"half closed": func(c net.Conn) { _ = c.(interface{ CloseWrite() error }).CloseWrite() },
		"said 408": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
		},
	} {
		for _, secure := range []bool{false, true} {
			conns := make(chan net.Conn, 9)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "x") }))
			s.Config.ConnState = func(c net.Conn, st http.ConnState) {
				if st == http.StateIdle {
					conns <- c
				}
			}
			if secure {
				s.StartTLS()
			} else {
				s.Start()
			}
			c := connTo(t, s.URL)
			if secure {
				c.end.TLS.RootCAs, c.end.TLS.ServerName = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, "example.com"
			}
			var req Request
			var resp Response
			ask := func() Result {
				put(&req, "/", "b")
				return c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second))
			}
			if res := ask(); res.Err != nil {
				t.Fatal(name, secure, res.Err)
			}
			leave(<-conns)
			time.Sleep(50 * time.Millisecond)
			if res := ask(); res.Err != nil || resp.Status() != 200 {
				t.Errorf("%s, TLS %t: the request was lost: %v, %d", name, secure, res.Err, resp.Status())
			}
			s.CloseClientConnections()
			s.Close()
		}
	}
}

func TestTLSWithItsOwnCA(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "x") }))
	defer s.Close()
	c := connTo(t, s.URL)
	var req Request
	var resp Response
	put(&req, "/", "b")
	if res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second)); res.Err == nil {
		t.Error("an unknown certificate was trusted")
	}
	pool := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	c.end.TLS.RootCAs, c.end.TLS.ServerName = pool, "example.com"
	if res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second)); res.Err != nil {
		t.Error(res.Err)
	}
}

func BenchmarkExchange(b *testing.B) {
	url, _ := rudeKeepAlive(b)
	c := connTo(b, url)
	var req Request
	var resp Response
	b.ReportAllocs()
	for b.Loop() {
		put(&req, "/etag/items/k1", `{"value":7,"tag":"1.2.3"}`)
		if res := c.Do(context.Background(), &req, &resp, time.Now().Add(time.Second)); res.Err != nil {
			b.Fatal(res.Err)
		}
	}
}

// rudeKeepAlive answers every 8 KiB-or-less read with one fixed answer.
func rudeKeepAlive(t testing.TB) (string, net.Listener) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 8<<10)
				for {
					if _, err := c.Read(buf); err != nil {
						return
					}
					if _, err := io.WriteString(c, good); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), l
}
