//go:build !race

package transport

import (
	"context"
	"net"
	"testing"
	"time"
)

// The race detector's build goes through other calls; here are the raw ones.
// One exchange allocates nothing once buffers have grown.
func TestBudgetAnExchangeAllocatesNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var req Request
	var resp Response
	put(&req, "/item", `{"value":1}`)
	whole := make(chan int, 1) // bytes of one request
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		size, got := <-whole, 0
		buf, answer := make([]byte, 4096), []byte(good)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			for got += n; got >= size; got -= size {
				if _, err := c.Write(answer); err != nil {
					return
				}
			}
		}
	}()
	c := connTo(t, "http://"+l.Addr().String())
	whole <- len(c.Encode(&req))
	ctx, deadline := context.Background(), time.Now().Add(time.Minute)
	n := 0
	allocated := testing.AllocsPerRun(2000, func() {
		res := c.Do(ctx, &req, &resp, deadline)
		if res.Err != nil || string(resp.Body()) != "hello" || res.Sent != len(c.bytes) || res.Received != len(good) {
			t.Fatalf("request %d: %+v %q", n, res, resp.Body())
		}
		n++
	})
	if allocated >= 1 {
		t.Errorf("%.2f allocations a request", allocated)
	}
}
