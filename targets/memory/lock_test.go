package memory

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// queued waits until so many stand in the queue of the lock.
func queued(t *testing.T, s *Store, key string, n int) {
	t.Helper()
	e := s.place(key)
	for range 2000 {
		e.mu.Lock()
		got := len(e.lock.queue)
		e.mu.Unlock()
		if got == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("the queue of %s never had %d waiters", key, n)
}

// served is a server together with the store of its lease scheme.
func served(t *testing.T) (client, *Store) {
	t.Helper()
	o, err := Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	target, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, target), target.Stores["lease"]
}

// A holds; B, C, D ask in this order; each in turn is granted as the one
// before unlocks, with a larger fence.
func TestQueueIsFirstComeFirstServed(t *testing.T) {
	c, s := served(t)
	held := c.lock("lease", "k", `{"ttl_ms":60000,"owner":"A"}`)
	var mu sync.Mutex
	var order []string
	var fences []float64
	var wg sync.WaitGroup
	for i, name := range []string{"B", "C", "D", "E"} {
		wg.Go(func() {
			a := c.expect(200, "", c.do("POST /lease/locks/k", `{"ttl_ms":60000,"wait_ms":60000,"owner":"`+name+`"}`))
			mu.Lock()
			order = append(order, name)
			fences = append(fences, a.JSON["fence"].(float64))
			mu.Unlock()
			c.expect(204, "", c.do("DELETE /lease/locks/k", "", guard(a)[0]))
		})
		queued(t, s, "k", i+1)
	}
	c.expect(204, "", c.do("DELETE /lease/locks/k", "", held[0]))
	wg.Wait()
	if fmt.Sprint(order) != "[B C D E]" || fmt.Sprint(fences) != "[2 3 4 5]" {
		t.Errorf("granted in order %v with fences %v, expected B C D E with 2 3 4 5", order, fences)
	}
}

// A holds for 50 ms and goes silent; B, who waits, is granted by the lapse
// alone; A's token is of no use then.
func TestLeaseLapsesForTheOneWhoWaits(t *testing.T) {
	c := serve(t, nil)
	c.put("lease", "k", "0")
	began := time.Now()
	a := c.lock("lease", "k", `{"ttl_ms":50,"owner":"A"}`)
	b := c.lock("lease", "k", `{"ttl_ms":60000,"wait_ms":60000,"owner":"B"}`)
	if waited := time.Since(began); waited < 50*time.Millisecond {
		t.Errorf("B was granted after %v, before A's lease lapsed", waited)
	}
	c.expect(412, "fenced", c.do("PUT /lease/items/k", `{"value":1}`, a...))
	c.expect(409, "lock-lost", c.do("DELETE /lease/locks/k", "", a[0]))
	c.expect(200, "", c.do("PUT /lease/items/k", `{"value":2}`, b...))
	c.expect(204, "", c.do("DELETE /lease/locks/k", "", b[0]))
}

// A's lease lapses; nobody else asked: A may not write all the same.
func TestLapsedTokenIsRefusedWithoutASuccessor(t *testing.T) {
	c := serve(t, nil)
	c.put("lease", "k", "0")
	a := c.lock("lease", "k", `{"ttl_ms":20}`)
	time.Sleep(40 * time.Millisecond)
	c.expect(412, "lock-lost", c.do("PUT /lease/items/k", `{"value":1}`, a...))
	c.expect(409, "lock-lost", c.do("PUT /lease/locks/k", `{}`, a[0]))
	// where nobody asks for the lock, the paused holder's write is taken
	c.put("lease-unfenced", "k", "0")
	u := c.lock("lease-unfenced", "k", `{"ttl_ms":20}`)
	time.Sleep(40 * time.Millisecond)
	c.expect(200, "", c.do("PUT /lease-unfenced/items/k", `{"value":1}`, u...))
}

// A refreshes: B does not get the lock although more than the first lease's
// time passes.
func TestRefreshKeepsTheLock(t *testing.T) {
	c := serve(t, nil)
	a := c.lock("lease", "k", `{"ttl_ms":1000}`)
	c.expect(200, "", c.do("PUT /lease/locks/k", `{"ttl_ms":60000}`, a[0]))
	b := c.do("POST /lease/locks/k", `{"wait_ms":1200}`)
	c.expect(423, "locked", b)
	c.expect(204, "", c.do("DELETE /lease/locks/k", "", a[0]))
	c.lock("lease", "k", `{}`)
}

// A holds; B waits and goes away; C waits. As A unlocks, C is granted, not B.
func TestWaiterWhoLeftIsPassedOver(t *testing.T) {
	c, s := served(t)
	a := c.lock("lease", "k", `{"ttl_ms":60000}`)
	ctx, leave := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() {
		_, err := c.try(ctx, "POST /lease/locks/k", `{"ttl_ms":60000,"wait_ms":60000,"owner":"B"}`)
		left <- err
	}()
	queued(t, s, "k", 1)
	leave()
	if err := <-left; err == nil {
		t.Fatal("B's request was answered, expected that B had left")
	}
	queued(t, s, "k", 0) // the server saw that the connection was closed
	got := make(chan answer)
	go func() { got <- c.do("POST /lease/locks/k", `{"ttl_ms":60000,"wait_ms":60000,"owner":"C"}`) }()
	queued(t, s, "k", 1)
	c.expect(204, "", c.do("DELETE /lease/locks/k", "", a[0]))
	c.expect(200, "", <-got)
	if h := c.do("GET /lease/locks/k", ""); h.JSON["owner"] != "C" {
		t.Errorf("holder: got %s, expected C", h.Text)
	}
}

// Patience ends before the lock is free: 423, and the place in the queue is gone.
func TestWaitEnds(t *testing.T) {
	c, s := served(t)
	a := c.lock("lease", "k", `{"ttl_ms":60000,"owner":"A"}`)
	b := c.expect(423, "locked", c.do("POST /lease/locks/k", `{"wait_ms":20}`))
	if b.JSON["holder"] != "A" {
		t.Errorf("got %s, expected holder A", b.Text)
	}
	queued(t, s, "k", 0)
	c.expect(204, "", c.do("DELETE /lease/locks/k", "", a[0]))
	c.lock("lease", "k", `{}`)
}

// A change that was let through under A's lease is finished before B, who gets
// the lock when that lease lapses, can read: no update of A's is lost.
//
//	A  |lock 30ms|  PUT, takes 80ms inside |
//	B        |lock, waits .......... granted| GET sees A's value
func TestGrantWaitsForTheWriteUnderTheOldLease(t *testing.T) {
	c := serve(t, map[string]string{"think": "80ms"})
	c.put("lease", "k", "0")
	a := c.lock("lease", "k", `{"ttl_ms":30}`)
	done := make(chan answer)
	go func() { done <- c.do("PUT /lease/items/k", `{"value":1}`, a...) }()
	b := c.lock("lease", "k", `{"ttl_ms":60000,"wait_ms":60000}`)
	seen := string(number(c.do("GET /lease/items/k", ""), "value"))
	wrote := <-done
	if wrote.Status == 200 && seen != "1" {
		t.Errorf("A's write was acknowledged, yet B read %s under the lock", seen)
	}
	c.expect(200, "", c.do("PUT /lease/items/k", `{"value":2}`, b...))
}

// Holders never overlap, whatever the order of grants, lapses and leavings.
func TestLockIsExclusiveUnderLoad(t *testing.T) {
	c := serve(t, nil)
	var mu sync.Mutex
	holder := -1
	together(clients, func(me int) {
		for i := range each {
			body := `{"ttl_ms":60000,"wait_ms":60000}`
			if i%5 == 4 { // give up quickly now and then
				body = `{"ttl_ms":60000,"wait_ms":1}`
			}
			a := c.do("POST /lease/locks/k", body)
			if a.Status == 423 {
				continue
			}
			mu.Lock()
			if holder != -1 {
				t.Errorf("client %d was granted the lock that %d holds", me, holder)
			}
			holder = me
			mu.Unlock()
			time.Sleep(100 * time.Microsecond)
			mu.Lock()
			holder = -1
			mu.Unlock()
			c.expect(204, "", c.do("DELETE /lease/locks/k", "", guard(a)[0]))
		}
	})
}
