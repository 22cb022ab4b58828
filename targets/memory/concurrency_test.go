package memory

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	clients = 8
	each    = 25
)

// together runs f for several clients at once.
func together(n int, f func(client int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// increment is one client's +1: it reads, thinks and writes until it is taken.
type increment func(c client, key string) error

func byETag(c client, key string) error {
	for {
		a := c.do("GET /etag/items/"+key, "")
		b := c.do("PUT /etag/items/"+key, plusOne(a), "If-Match: "+a.Header.Get("ETag"))
		switch b.Status {
		case 200:
			return nil
		case 412:
		default:
			return fmt.Errorf("write: %d %s", b.Status, b.Text)
		}
	}
}

func byVersion(c client, key string) error {
	for {
		a := c.do("GET /version-field/items/"+key, "")
		body := strings.TrimSuffix(plusOne(a), "}") + `,"version":` + string(number(a, "version")) + "}"
		b := c.do("PUT /version-field/items/"+key, body)
		switch b.Status {
		case 200:
			return nil
		case 409:
		default:
			return fmt.Errorf("write: %d %s", b.Status, b.Text)
		}
	}
}

func byLease(scheme string) increment {
	return func(c client, key string) error {
		held := c.lock(scheme, key, `{"ttl_ms":30000,"wait_ms":30000}`)
		a := c.do("GET /"+scheme+"/items/"+key, "")
		if b := c.do("PUT /"+scheme+"/items/"+key, plusOne(a), held...); b.Status != 200 {
			return fmt.Errorf("write: %d %s", b.Status, b.Text)
		}
		if b := c.do("DELETE /"+scheme+"/locks/"+key, "", held[0]); b.Status != 204 {
			return fmt.Errorf("unlock: %d %s", b.Status, b.Text)
		}
		return nil
	}
}

func byServer(c client, key string) error {
	if b := c.do("POST /server-side/items/"+key+"/add", `{"amount":1}`); b.Status != 200 {
		return fmt.Errorf("add: %d %s", b.Status, b.Text)
	}
	return nil
}

func blindly(c client, key string) error {
	a := c.do("GET /unprotected/items/"+key, "")
	time.Sleep(time.Millisecond)
	if b := c.do("PUT /unprotected/items/"+key, plusOne(a)); b.Status != 200 {
		return fmt.Errorf("write: %d %s", b.Status, b.Text)
	}
	return nil
}

func plusOne(a answer) string {
	n, _ := strconv.ParseInt(string(number(a, "value")), 10, 64)
	return fmt.Sprintf(`{"value":%d}`, n+1)
}

func number(a answer, member string) []byte {
	b, _ := json.Marshal(a.JSON[member])
	return b
}

func TestIncrementsAreLostOnlyWithoutProtection(t *testing.T) {
	rows := []struct {
		scheme string
		do     increment
		loses  bool
	}{
		{"etag", byETag, false},
		{"version-field", byVersion, false},
		{"lease", byLease("lease"), false},
		{"lease-unfenced", byLease("lease-unfenced"), false}, // nobody is paused here
		{"server-side", byServer, false},
		{"unprotected", blindly, true},
	}
	for _, r := range rows {
		t.Run(r.scheme, func(t *testing.T) {
			c := serve(t, nil)
			c.put(r.scheme, "n", "0")
			together(clients, func(int) {
				for range each {
					if err := r.do(c, "n"); err != nil {
						t.Error(err)
					}
				}
			})
			got, _ := strconv.Atoi(string(number(c.do("GET /"+r.scheme+"/items/n", ""), "value")))
			if lost := clients*each - got; (lost > 0) != r.loses || lost < 0 {
				t.Errorf("%d acknowledged, %d there; losing expected: %v", clients*each, got, r.loses)
			}
		})
	}
}

func TestOneCreateWins(t *testing.T) {
	c := serve(t, map[string]string{"think": "1ms"})
	for _, scheme := range []string{"etag", "version-field", "lease", "server-side", "unprotected"} {
		for _, way := range []string{"PUT", "POST"} {
			var won atomic.Int64
			name := way + "-1"
			together(clients, func(int) {
				var a answer
				if way == "PUT" {
					a = c.do("PUT /"+scheme+"/items/"+name, `{"value":1}`, "If-None-Match: *")
				} else {
					a = c.do("POST /"+scheme+"/items", `{"name":"`+name+`"}`)
				}
				if a.Status == 201 {
					won.Add(1)
				} else if a.problem() != "exists" {
					t.Errorf("%s %s: got %d %s", scheme, way, a.Status, a.Text)
				}
			})
			if won.Load() != 1 {
				t.Errorf("%s %s: %d creates were accepted, expected 1", scheme, way, won.Load())
			}
		}
	}
}

// While money moves in circles, every list shows the same total.
func TestListsAreOfOneInstant(t *testing.T) {
	c := serve(t, nil)
	const accounts, initial = 5, 100
	for i := range accounts {
		c.put("server-side", fmt.Sprintf("acc-%d", i), strconv.Itoa(initial))
	}
	together(clients, func(me int) {
		for i := range each * 2 {
			if me%4 == 0 {
				a := c.do("GET /server-side/items?prefix=acc-", "")
				total := 0.0
				for _, v := range a.JSON["items"].(map[string]any) {
					total += v.(float64)
				}
				if total != accounts*initial {
					t.Errorf("list adds up to %v, expected %v: %s", total, accounts*initial, a.Text)
				}
				continue
			}
			from, to := (me+i)%accounts, (me+3*i+1)%accounts
			if from == to {
				continue
			}
			a := c.do("POST /server-side/transfer", fmt.Sprintf(`{"from":"acc-%d","to":"acc-%d","amount":%d}`, from, to, 1+i%70))
			if a.Status != 200 && a.problem() != "insufficient" {
				t.Errorf("transfer: %d %s", a.Status, a.Text)
			}
		}
	})
}

// Parents are deleted and made again while children are made and deleted: no
// child is without its parent.
func TestNoOrphansAreMade(t *testing.T) {
	c := serve(t, nil)
	together(clients, func(me int) {
		for i := range each {
			switch me % 2 {
			case 0:
				c.do("PUT /unprotected/items/p", `{"value":1}`, "If-None-Match: *")
				c.do("DELETE /unprotected/items/p", "")
			case 1:
				name := fmt.Sprintf("c%d-%d", me, i)
				if c.do("POST /unprotected/items/p/children", `{"name":"`+name+`"}`).Status != 201 {
					continue
				}
				if a := c.do("GET /unprotected/items/p", ""); a.Status != 200 {
					t.Errorf("the parent of %s is gone: %d", name, a.Status)
				}
				c.do("DELETE /unprotected/items/p%2F"+name, "")
			}
		}
	})
}

func TestPairRuleHoldsUnderLoad(t *testing.T) {
	c := serve(t, nil)
	c.put("server-side", "a", "1")
	c.put("server-side", "b", "1")
	together(2, func(me int) {
		mine, other := "a", "b"
		if me == 1 {
			mine, other = other, mine
		}
		for range each {
			if c.do("PUT /server-side/items/"+mine, `{"value":0,"with":"`+other+`","at_least":1}`).Status == 200 {
				a := c.do("GET /server-side/items?prefix=", "")
				if a.Text == `{"items":{"a":0,"b":0}}` {
					t.Error("nobody is on call")
				}
				c.expect(200, "", c.do("PUT /server-side/items/"+mine, `{"value":1,"with":"`+other+`","at_least":1}`))
			}
		}
	})
}
