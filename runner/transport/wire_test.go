package transport

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A body larger than any socket buffer, to a server that reads slowly.
func TestABodyLargerThanTheSocketsBuffer(t *testing.T) {
	sum := make(chan []byte, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond)
		b, _ := io.ReadAll(r.Body)
		sum <- b
	}))
	defer s.Close()
	c := connTo(t, s.URL)
	body := strings.Repeat("0123456789abcdef", 1<<20)
	var req Request
	var resp Response
	put(&req, "/", body)
	res := c.Do(context.Background(), &req, &resp, time.Now().Add(20*time.Second))
	if res.Err != nil || resp.Status() != 200 {
		t.Fatal(res.Err, resp.Status())
	}
	if got := <-sum; !bytes.Equal(got, []byte(body)) || res.Sent < len(body) {
		t.Errorf("%d bytes arrived of %d; %d were counted as sent", len(got), len(body), res.Sent)
	}
}

// A server that answers piece by piece wakes the client for each of them.
func TestAnAnswerInPieces(t *testing.T) {
	url, _ := rude(t, func(c net.Conn) {
		for i := range good {
			if i%7 == 0 {
				time.Sleep(time.Millisecond)
			}
			_, _ = io.WriteString(c, good[i:i+1])
		}
	})
	c := connTo(t, url)
	for range 3 {
		var req Request
		var resp Response
		put(&req, "/", "b")
		res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second))
		if res.Err != nil || string(resp.Body()) != "hello" || res.Received != len(good) {
			t.Fatalf("%+v %q", res, resp.Body())
		}
		c.Close() // this server serves one request a connection
	}
}

// A deadline that has passed, and a connection that the server has reset: what
// never left is not said to have started; what left is.
func TestWhatLeftAndWhatDidNot(t *testing.T) {
	url, seen := rude(t, func(c net.Conn) { time.Sleep(300 * time.Millisecond) })
	c := connTo(t, url)
	if err := c.Open(context.Background(), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	var req Request
	var resp Response
	put(&req, "/", "b")
	res := c.Do(context.Background(), &req, &resp, time.Now().Add(-time.Millisecond))
	if res.Err == nil || !res.Timeout || res.Started || res.Sent != 0 || c.Wire != 0 {
		t.Errorf("past deadline: %+v, wire %d", res, c.Wire)
	}
	res = c.Do(context.Background(), &req, &resp, time.Now().Add(100*time.Millisecond))
	if res.Err == nil || !res.Timeout || !res.Started || res.Sent == 0 || c.Wire != 1 {
		t.Errorf("no answer: %+v, wire %d", res, c.Wire)
	}
	if seen.Load() != 1 {
		t.Errorf("the server saw %d requests", seen.Load())
	}
}

func BenchmarkDo(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "x") }))
	defer s.Close()
	c := connTo(b, s.URL)
	var req Request
	var resp Response
	put(&req, "/", "b")
	b.ReportAllocs()
	for b.Loop() {
		if res := c.Do(context.Background(), &req, &resp, time.Now().Add(5*time.Second)); res.Err != nil {
			b.Fatal(res.Err)
		}
	}
}
