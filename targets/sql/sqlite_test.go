package sql

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// SQLite has one writer at a time. Who only reads first works in a snapshot,
// and is refused when it wants to write and somebody else has written since.
func TestSQLiteLosesNothingInTransactions(t *testing.T) {
	c := serve(t, map[string]string{"think": "1ms", "lock_timeout": "60s"})
	for _, scheme := range []string{"immediate", "atomic", "process-lock"} {
		if accepted, arrived, all := increments(c, scheme); accepted != crowd*each || arrived != accepted {
			t.Errorf("%s: %d accepted, %d arrived: %v", scheme, accepted, arrived, all)
		}
	}
	accepted, arrived, all := increments(c, "deferred")
	if accepted != arrived || accepted == 0 || all["409 serialization"] == 0 {
		t.Errorf("deferred: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
	if accepted, arrived, all := increments(c, "version"); accepted != arrived || all["409 stale-version"] == 0 {
		t.Errorf("version: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
	if accepted, arrived, all := increments(c, "unprotected"); accepted != crowd*each || arrived >= accepted {
		t.Errorf("unprotected: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
}

func TestSQLiteIsBusy(t *testing.T) {
	c := serve(t, nil)
	c.put("immediate", "k", "0")
	all := c.together(2, func(int, client) []answer {
		return []answer{c.do("POST /immediate;lock_timeout=20ms;think=500ms/items/k/add", `{"amount":1}`)}
	})
	if all["200"] != 1 || all["423 locked"] != 1 {
		t.Errorf("got %v, expected one of each", all)
	}
}

// Thinking outside of the transaction holds nothing that others wait for.
func TestThinkingOutsideHoldsNoConnection(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, scheme := range []string{"row-lock", "immediate"} {
			if c.do("GET /"+scheme+"/items", "").Status == 404 {
				continue // of the other engine
			}
			c.put(scheme, "k", "0")
			for think, want := range map[string]int{"think": 1, "think_outside": 2} {
				all := c.together(2, func(int, client) []answer {
					return []answer{c.do("POST /"+scheme+";pool=1;pool_timeout=100ms;"+think+"=2s/items/k/add", `{"amount":1}`)}
				})
				if all["200"] != want || all["503 pool-exhausted"] != 2-want {
					t.Errorf("%s, %s: got %v, expected %d to get the connection", scheme, think, all, want)
				}
			}
		}
	})
}

func TestSQLiteKeepsAFileThatWasNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "it is 100%.db")
	options := map[string]string{"file": file, "sync": "normal"}
	t.Run("first", func(t *testing.T) { serve(t, options).put("atomic", "k", "7") })
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	t.Run("second", func(t *testing.T) {
		if got := serve(t, options).value("atomic", "k"); got != 7 {
			t.Errorf("got %d", got)
		}
	})
}

func TestSelectThenInsertMakesTwo(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		create := func(scheme string) tally {
			return c.together(4, func(_ int, c client) []answer {
				return times(10, func(i int) answer {
					return c.do("POST /"+scheme+"/items", fmt.Sprintf(`{"name":"n%d","tag":"t"}`, i))
				})
			})
		}
		if all := create("unique-index"); all["201"] != 10 || all["409 exists"] != 30 {
			t.Errorf("unique-index: got %v", all)
		}
		if all := create("select-then-insert;think=5ms"); all["201"] <= 10 {
			t.Errorf("select-then-insert: got %v, expected some names twice", all)
		}
		if a := c.do("GET /select-then-insert/items?prefix=n0", ""); a.Status != 200 {
			t.Errorf("got %s", a.Text)
		}
	})
}
