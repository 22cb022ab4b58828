package sql

import (
	"fmt"
	"testing"
)

// What PostgreSQL's documentation says of its isolation levels and locks
// (chapter 13), found again over HTTP, on a real server.

const (
	crowd = 6
	each  = 15
)

// increments lets the crowd add 1 to one item and returns how many were
// accepted, how many arrived, and all answers.
func increments(c client, scheme string) (accepted, arrived int64, all tally) {
	c.t.Helper()
	c.put(scheme, "hot", "0")
	all = c.together(crowd, func(_ int, c client) []answer {
		return times(each, func(int) answer { return c.do("POST /"+scheme+"/items/hot/add", `{"amount":1,"tag":"t"}`) })
	})
	return int64(all["200"]), c.value(scheme, "hot"), all
}

func TestReadCommittedLosesUpdates(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "2ms"}))
	for _, scheme := range []string{"read-committed", "unprotected"} {
		accepted, arrived, all := increments(c, scheme)
		if accepted != crowd*each || arrived >= accepted {
			t.Errorf("%s: %d accepted, %d arrived: expected all of them accepted and some lost; %v", scheme, accepted, arrived, all)
		}
	}
}

func TestRepeatableReadRefusesInstead(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "2ms"}))
	for _, scheme := range []string{"repeatable-read", "serializable"} {
		accepted, arrived, all := increments(c, scheme)
		if accepted != arrived {
			t.Errorf("%s: %d accepted, %d arrived", scheme, accepted, arrived)
		}
		if all["409 serialization"] == 0 || accepted == 0 || len(all) != 2 {
			t.Errorf("%s: got %v, expected 200 and 409 serialization", scheme, all)
		}
	}
}

// Locks, versions and single statements lose nothing; who waits is not refused.
func TestLocksLoseNothing(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "1ms"}))
	for _, scheme := range []string{"row-lock", "advisory", "atomic", "process-lock"} {
		if accepted, arrived, all := increments(c, scheme); accepted != crowd*each || arrived != accepted {
			t.Errorf("%s: %d accepted, %d arrived: %v", scheme, accepted, arrived, all)
		}
	}
	if accepted, arrived, all := increments(c, "version"); accepted != arrived || all["409 stale-version"] == 0 {
		t.Errorf("version: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
}

func TestNowaitRefusesAtOnce(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "2ms"}))
	accepted, arrived, all := increments(c, "row-lock-nowait")
	if accepted != arrived || all["423 locked"] == 0 || accepted == 0 {
		t.Errorf("%d accepted, %d arrived: %v", accepted, arrived, all)
	}
	// The holder thinks for a second; the other one is not kept waiting for it.
	slow := "row-lock-nowait;think=1s"
	c.put("row-lock-nowait", "cold", "0")
	holder := make(chan struct{})
	go func() {
		defer close(holder)
		other := c.apart()
		for other.do("POST /"+slow+"/items/cold/add", `{"amount":1}`).Status != 200 {
		}
	}()
	for refused := false; !refused; {
		a := c.do("POST /row-lock-nowait/items/cold/add", `{"amount":0}`)
		select {
		case <-holder:
			t.Fatal("the holder is through, and nobody was refused meanwhile")
		default:
			refused = a.Status == 423
		}
	}
	<-holder
}

func TestLockTimeoutRefuses(t *testing.T) {
	c := serve(t, onPostgres(t, nil))
	c.put("row-lock", "k", "0")
	all := c.together(2, func(int, client) []answer {
		return []answer{c.do("POST /row-lock;lock_timeout=50ms;think=500ms/items/k/add", `{"amount":1}`)}
	})
	if all["200"] != 1 || all["423 locked"] != 1 {
		t.Errorf("got %v, expected one of each", all)
	}
	if got := c.value("row-lock", "k"); got != 1 {
		t.Errorf("the refused one was applied: %d", got)
	}
}

// Two doctors are on call; each signs off if the other one is there.
//
//	A: read both, 1 1 ------- write A=0
//	B:      read both, 1 1 ------- write B=0
func skew(t *testing.T, c client, scheme string) (none int, all tally) {
	t.Helper()
	all = tally{}
	for round := range 20 {
		a, b := fmt.Sprintf("a%d", round), fmt.Sprintf("b%d", round)
		c.put(scheme, a, "1")
		c.put(scheme, b, "1")
		got := c.together(2, func(i int, c client) []answer {
			me, other := a, b
			if i == 1 {
				me, other = b, a
			}
			etag := c.do("GET /"+scheme+"/items/"+me, "").Header.Get("ETag")
			return []answer{c.do("PUT /"+scheme+"/items/"+me, fmt.Sprintf(`{"value":0,"tag":"off","with":%q,"at_least":1}`, other), "If-Match: "+etag)}
		})
		for k, n := range got {
			all[k] += n
		}
		if c.value(scheme, a)+c.value(scheme, b) == 0 {
			none++
		}
	}
	return none, all
}

func TestRepeatableReadAllowsTheWriteSkewThatSerializableRefuses(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "5ms"}))
	for _, scheme := range []string{"repeatable-read", "read-committed", "version"} {
		if none, all := skew(t, c, scheme); none == 0 {
			t.Errorf("%s: never were both off: %v", scheme, all)
		}
	}
	none, all := skew(t, c, "serializable")
	if none > 0 || all["409 serialization"] == 0 {
		t.Errorf("serializable: %d times nobody was on call: %v", none, all)
	}
	// Locks on both rows, and the rule that they keep.
	none, all = skew(t, c, "row-lock")
	if none > 0 || all["409 out-of-bounds"] != 20 {
		t.Errorf("row-lock: %d times nobody was on call: %v", none, all)
	}
}

// Transfers go back and forth between two accounts.
func backAndForth(c client, scheme string) tally {
	c.put("row-lock", "a", "10000")
	c.put("row-lock", "b", "10000")
	return c.together(crowd, func(i int, c client) []answer {
		body := `{"from":"a","to":"b","amount":1,"tag":"t"}`
		if i%2 == 1 {
			body = `{"from":"b","to":"a","amount":1,"tag":"t"}`
		}
		return times(each, func(int) answer { return c.do("POST /"+scheme+"/transfer", body) })
	})
}

func TestOppositeLockOrderDeadlocks(t *testing.T) {
	c := serve(t, onPostgres(t, nil))
	all := backAndForth(c, "row-lock;lock_order=given")
	if all["409 deadlock"] == 0 || all["200"] == 0 || len(all) != 2 {
		t.Errorf("got %v, expected 200 and 409 deadlock", all)
	}
	if sum := c.value("row-lock", "a") + c.value("row-lock", "b"); sum != 20000 {
		t.Errorf("the sum is %d", sum)
	}
	// What was refused may be sent again.
	c.expect(200, "", c.do("POST /row-lock/transfer", `{"from":"a","to":"b","amount":1}`))
}

func TestSortedLockOrderDoesNotDeadlock(t *testing.T) {
	c := serve(t, onPostgres(t, nil))
	if all := backAndForth(c, "row-lock"); all["200"] != crowd*each {
		t.Errorf("got %v", all)
	}
}

// Everybody holds a connection and waits for a second one. The database sees
// nothing wrong; only the pool's timeout ends it.
func TestPoolIsExhaustedByWhoHoldsAConnection(t *testing.T) {
	c := serve(t, onPostgres(t, nil))
	const tight = "row-lock;pool=4;pool_timeout=300ms;second_connection=true;think=5ms"
	for i := range crowd {
		c.put("row-lock", fmt.Sprint("k", i), "0")
	}
	add := func(scheme string, n int) tally {
		return c.together(n, func(i int, c client) []answer {
			return times(5, func(int) answer { return c.do(fmt.Sprintf("POST /%s/items/k%d/add", scheme, i), `{"amount":1}`) })
		})
	}
	all := add(tight, crowd)
	if all["503 pool-exhausted"] == 0 {
		t.Errorf("got %v, expected 503 pool-exhausted", all)
	}
	var sum int64
	for i := range crowd {
		sum += c.value("row-lock", fmt.Sprint("k", i))
	}
	if sum != int64(all["200"]) {
		t.Errorf("%d accepted, %d arrived", all["200"], sum)
	}
	// With a connection more than there are clients, somebody always goes on.
	if all := add("row-lock;pool=4;pool_timeout=10s;second_connection=true", 3); all["200"] != 15 {
		t.Errorf("three clients, four connections: %v", all)
	}
}

func TestStatementTimeout(t *testing.T) {
	c := serve(t, onPostgres(t, nil))
	c.put("row-lock", "k", "0")
	all := c.together(2, func(int, client) []answer {
		return []answer{c.do("POST /row-lock;statement_timeout=50ms;think=500ms/items/k/add", `{"amount":1}`)}
	})
	if all["200"] != 1 || all["503 statement-timeout"] != 1 {
		t.Errorf("got %v, expected one of each", all)
	}
}
