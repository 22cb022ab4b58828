package sql

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

// lock takes a lock and returns the headers that a write needs.
func (c client) lock(key, body string) []string {
	c.t.Helper()
	return guard(c.expect(200, "", c.do("POST /lease/locks/"+key, body)))
}

func guard(a answer) []string {
	token, _ := a.JSON["token"].(string)
	fence, _ := json.Marshal(a.JSON["fence"])
	return []string{"Lock-Token: " + token, "Fence: " + string(fence)}
}

func TestLeaseGuardsWrites(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		c.put("lease", "k", "0")
		c.expect(428, "lock-required", c.do("PUT /lease/items/k", `{"value":1}`))
		c.expect(428, "lock-required", c.do("POST /lease/items/k/add", `{"amount":1}`))
		held := c.lock("k", `{"ttl_ms":60000,"owner":"A"}`)
		if a := c.expect(423, "locked", c.do("POST /lease/locks/k", `{"owner":"B"}`)); a.JSON["holder"] != "A" || a.Header.Get("Retry-After") == "" {
			t.Errorf("got %s", a.Text)
		}
		if a := c.expect(200, "", c.do("GET /lease/locks/k", "")); a.JSON["owner"] != "A" || a.JSON["token"] != nil {
			t.Errorf("holder: got %s", a.Text)
		}
		c.expect(200, "", c.do("PUT /lease/items/k", `{"value":1,"tag":"t"}`, held...))
		if a := c.expect(200, "", c.do("POST /lease/items/k/add", `{"amount":4}`, held...)); a.number("value") != 5 {
			t.Errorf("got %s", a.Text)
		}
		c.expect(200, "", c.do("PUT /lease/locks/k", `{"ttl_ms":60000}`, held[0]))
		c.expect(409, "lock-lost", c.do("DELETE /lease/locks/k", "", "Lock-Token: x"))
		c.expect(409, "lock-lost", c.do("PUT /lease/locks/k", "", "Lock-Token: x"))
		c.expect(412, "lock-lost", c.do("PUT /lease/items/k", `{"value":2}`, "Lock-Token: x", held[1]))
		c.expect(204, "", c.do("DELETE /lease/locks/k", "", held[0]))
		c.expect(404, "not-found", c.do("GET /lease/locks/k", ""))
		c.expect(412, "lock-lost", c.do("PUT /lease/items/k", `{"value":2}`, held...))
		next := c.lock("k", `{}`)
		c.expect(412, "fenced", c.do("PUT /lease/items/k", `{"value":2}`, held...))
		c.expect(404, "no-such-path", c.do("POST /lease/transfer", `{"from":"k","to":"l","amount":1}`))
		c.expect(204, "", c.do("DELETE /lease/items/k", "", next...))
	})
}

// A holds for 50 ms and sleeps longer; B is granted the lock with a greater
// number; what A writes then is refused.
func TestALapsedLeaseIsFenced(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		c.put("lease", "k", "0")
		a := c.lock("k", `{"ttl_ms":50}`)
		b := c.lock("k", `{"ttl_ms":60000,"wait_ms":60000}`)
		c.expect(412, "fenced", c.do("PUT /lease/items/k", `{"value":1}`, a...))
		c.expect(200, "", c.do("PUT /lease/items/k", `{"value":2}`, b...))
	})
}

func TestWhoWaitsGetsTheLockInTurn(t *testing.T) {
	targets(t, func(t *testing.T, target *Target) {
		c, q := listen(t, target), target.servers[0].queue
		held := c.lock("k", `{"ttl_ms":60000}`)
		order := make(chan int, 4)
		var wg sync.WaitGroup
		for i := range 4 {
			mine := c.apart()
			wg.Go(func() {
				g := guard(mine.do("POST /lease/locks/k", `{"ttl_ms":60000,"wait_ms":60000}`))
				order <- i
				mine.expect(204, "", mine.do("DELETE /lease/locks/k", "", g[0]))
			})
			for q.length("k") <= i {
				time.Sleep(time.Millisecond)
			}
		}
		c.expect(423, "locked", c.do("POST /lease/locks/k", `{"wait_ms":30}`)) // behind them all
		c.expect(204, "", c.do("DELETE /lease/locks/k", "", held[0]))
		for want := range 4 {
			if got := <-order; got != want {
				t.Errorf("number %d came in place %d", got, want)
			}
		}
		wg.Wait()
	})
}

func (q *queues) length(key string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.byKey[key])
}

func TestLeasesLoseNothing(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		c.put("lease", "k", "0")
		all := c.together(4, func(_ int, c client) []answer {
			return times(10, func(int) answer {
				g := c.lock("k", `{"wait_ms":60000,"ttl_ms":60000}`)
				n := c.do("GET /lease/items/k", "").number("value")
				a := c.do("PUT /lease/items/k", fmt.Sprintf(`{"value":%d}`, n+1), g...)
				c.expect(204, "", c.do("DELETE /lease/locks/k", "", g[0]))
				return a
			})
		})
		if all["200"] != 40 || c.value("lease", "k") != 40 {
			t.Errorf("got %v and %d", all, c.value("lease", "k"))
		}
	})
}
