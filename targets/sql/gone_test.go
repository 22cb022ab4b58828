package sql

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// goners sends additions whose clients are gone after a moment, each again
// until it is answered, and returns how many were answered at last.
func goners(t *testing.T, h http.Handler, scheme string, each int, within time.Duration, key func(client, n int) string) int {
	const clients = 8
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			draw := rand.New(rand.NewPCG(7, uint64(c)))
			for n := range each {
				for try := 0; ; try++ {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(draw.Int64N(int64(within))))
					if try > 50 {
						ctx = t.Context()
					}
					q := httptest.NewRequest("POST", "/"+scheme+"/items/k/add", strings.NewReader(`{"amount":1}`)).WithContext(ctx)
					if k := key(c, n); k != "" {
						q.Header.Set("Idempotency-Key", k)
					}
					w := httptest.NewRecorder()
					h.ServeHTTP(w, q)
					gone := ctx.Err() != nil
					cancel()
					if w.Code == 200 && !gone {
						break
					}
					if try > 5000 {
						t.Errorf("%s: still %d %s", scheme, w.Code, w.Body)
						return
					}
					time.Sleep(time.Millisecond) // the first one may still be at work
				}
			}
		})
	}
	wg.Wait()
	return clients * each
}

// A client that goes in the middle of a transaction leaves no connection
// behind that still is in it: whoever comes next gets what it asks for.
func TestClientsThatGoLeaveNoTransactionOpen(t *testing.T) {
	// PostgreSQL's driver closes the connection of a statement that was given up.
	target := opened(t, map[string]string{"sync": "off", "pool": "6"})
	c := listen(t, target)
	for _, s := range []string{"immediate;think=500us", "atomic", "deferred"} {
		c.put(s, "k", "0")
		goners(t, target.Handler(), s, 120, 3*time.Millisecond, func(int, int) string { return "" })
		for range 2 * target.options.Pool { // every connection, once at least
			if a := c.do("POST /"+s+"/items/k/add", `{"amount":1}`); a.Status != 200 {
				t.Fatalf("%s, afterwards: %d %s", s, a.Status, a.Text)
			}
		}
	}
}

// What carries an idempotency key is done once, also when its client goes in
// the middle of it and sends it again.
func TestAKeyHoldsForClientsThatGo(t *testing.T) {
	targets(t, func(t *testing.T, target *Target) {
		c := listen(t, target)
		h := target.Handler()
		schemes := []string{"row-lock", "serializable", "atomic"}
		if target.options.Engine == "sqlite" {
			schemes = []string{"immediate", "atomic"}
		}
		for _, s := range schemes {
			c.put(s, "k", "0")
			want := goners(t, h, s, 10, 20*time.Millisecond, func(client, n int) string { return `"` + s + strconv.Itoa(client) + "-" + strconv.Itoa(n) + `"` })
			if got := c.value(s, "k"); got != int64(want) {
				t.Errorf("%s: %d additions under a key each made %d", s, want, got)
			}
		}
	})
}
