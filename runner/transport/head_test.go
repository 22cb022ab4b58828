package transport

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// raw serves answers written by hand, one for each request of a connection;
// secure says whether TLS is spoken. n counts the requests of the connection.
func raw(t *testing.T, secure bool, answer func(w io.Writer, n int)) *Conn {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		for n := 0; ; n++ {
			answer(c, n)
			if r, err = http.ReadRequest(rw.Reader); err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}))
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	c := connTo(t, s.URL)
	if secure {
		c.end.TLS.RootCAs, c.end.TLS.ServerName = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, "example.com"
	}
	return c
}

// final is an answer that tells which request it belongs to.
func final(n int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nETag: \"%d\"\r\nContent-Length: 2\r\n\r\nok", n)
}

func TestInterimAnswersArePassedOver(t *testing.T) {
	hints := "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
	later := func(w io.Writer, first, second string) {
		_, _ = io.WriteString(w, first)
		time.Sleep(2 * time.Millisecond)
		_, _ = io.WriteString(w, second)
	}
	cases := map[string]func(w io.Writer, n int){
		"100": func(w io.Writer, n int) { _, _ = io.WriteString(w, "HTTP/1.1 100 Continue\r\n\r\n"+final(n)) },
		"100 twice": func(w io.Writer, n int) {
			_, _ = io.WriteString(w, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 2)+final(n))
		},
		"103, same packet":     func(w io.Writer, n int) { _, _ = io.WriteString(w, hints+final(n)) },
		"103, later":           func(w io.Writer, n int) { later(w, hints, final(n)) },
		"103, cut in half":     func(w io.Writer, n int) { later(w, hints[:40], hints[40:]+final(n)) },
		"102, lines end in LF": func(w io.Writer, n int) { _, _ = io.WriteString(w, "HTTP/1.1 102 Processing\n\n"+final(n)) },
		"100, 102, 103, 199": func(w io.Writer, n int) {
			later(w, "HTTP/1.1 100\r\n\r\nHTTP/1.1 102 \r\n\r\n"+hints, "HTTP/1.1 199 X\r\n\r\n"+final(n))
		},
		"100,000 times 100": func(w io.Writer, n int) {
			_, _ = io.WriteString(w, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100_000)+final(n))
		},
		"only before writes": func(w io.Writer, n int) { later(w, strings.Repeat(hints, n%2), final(n)) },
	}
	for name, answer := range cases {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %t", name, secure), func(t *testing.T) {
				c := raw(t, secure, answer)
				var req Request
				var resp Response
				for n := range 5 { // all on one connection: none may be taken for another's
					put(&req, "/", "b")
					res := c.Do(context.Background(), &req, &resp, time.Now().Add(10*time.Second))
					if want := fmt.Sprintf("%q", fmt.Sprint(n)); res.Err != nil || resp.Status() != 200 || string(resp.Header("Etag")) != want || string(resp.Body()) != "ok" {
						t.Fatalf("request %d got %d %s %q, %v", n, resp.Status(), resp.Header("Etag"), resp.Body(), res.Err)
					}
				}
			})
		}
	}
}

func TestHeadsThatCannotBeTakenAreSaidToBeSo(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "another protocol"},
		{"1xx without end", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 200_000), "no final one"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 2\r\n\r\nhello", "two Content-Length headers that differ"},
		{"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "both Content-Length and Transfer-Encoding"},
		{"chunks and length", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n2\r\nok\r\n0\r\n\r\n", "both Content-Length and Transfer-Encoding"},
		{"no chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello", "Transfer-Encoding is not chunked"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "no whole number"},
		{"70 KB of headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 995)+"\r\n", 70) + "\r\n", "larger than 64 KB"},
		{"one header of 70 KB", "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 70<<10) + "\r\n\r\n", "larger than 64 KB"},
		{"trailers of 70 KB", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 995)+"\r\n", 70) + "\r\n", "trailers"},
		{"no head", `{"value":1}`, "closed before the whole answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _ := rude(t, func(w net.Conn) { _, _ = io.WriteString(w, c.answer) })
			conn := connTo(t, url)
			var req Request
			var resp Response
			put(&req, "/", "b")
			res := conn.Do(context.Background(), &req, &resp, time.Now().Add(10*time.Second))
			if res.Err == nil || !strings.Contains(res.Err.Error(), c.want) || res.Timeout || !res.Started {
				t.Errorf("%+v, want an error with %q", res, c.want)
			}
		})
	}
}

func TestLargeHeadsAndEqualLengthsAreRead(t *testing.T) {
	for name, head := range map[string]string{
		"9 KB":                "X-A: " + strings.Repeat("a", 9000) + "\r\nContent-Length: 2\r\n",
		"60 KB in 60 headers": strings.Repeat("X-A: "+strings.Repeat("a", 990)+"\r\n", 60) + "Content-Length: 2\r\n",
		"one length twice":    "Content-Length: 2\r\nCONTENT-LENGTH: 2\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := raw(t, false, func(w io.Writer, n int) {
				_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\nETag: \"e\"\r\n"+head+"\r\nok")
			})
			var req Request
			var resp Response
			for range 3 {
				put(&req, "/", "b")
				res := c.Do(context.Background(), &req, &resp, time.Now().Add(10*time.Second))
				if res.Err != nil || string(resp.Body()) != "ok" || string(resp.Header("Etag")) != `"e"` {
					t.Fatalf("%v, %q, ETag %q", res.Err, resp.Body(), resp.Header("Etag"))
				}
			}
			if c.Wire != 3 {
				t.Errorf("%d requests on the wire", c.Wire)
			}
		})
	}
}
