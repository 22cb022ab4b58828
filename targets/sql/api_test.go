package sql

import (
	"fmt"
	"strings"
	"testing"
)

// offered are the schemes of the client's engine that match.
func (c client) offered(match func(s spec) bool) []string {
	var names []string
	for _, s := range specs {
		if match(s) && c.do("GET /"+s.name+"/items", "").Status == 200 {
			names = append(names, s.name)
		}
	}
	if len(names) == 0 {
		c.t.Error("no scheme matches")
	}
	return names
}

func all(spec) bool { return true }

func TestEverySchemeMakesReadsAndListsItems(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(all) {
			c.put(s, "p-a", `{"x":[1,"é"]}`)
			c.put(s, "p-b", "2")
			c.put(s, "q", "3")
			a := c.expect(200, "", c.do("GET /"+s+"/items/p-a", ""))
			if v := a.number("version"); a.Header.Get("ETag") != fmt.Sprintf(`"%d"`, v) || v == 0 || a.JSON["tag"] != "init" || !strings.Contains(a.Text, `"value":{"x":[1,"é"]}`) {
				t.Errorf("%s: got %s, ETag %s", s, a.Text, a.Header.Get("ETag"))
			}
			if a := c.do("GET /"+s+"/items?prefix=p-", ""); a.Text != `{"items":{"p-a":{"x":[1,"é"]},"p-b":2}}` {
				t.Errorf("%s: list: %s", s, a.Text)
			}
			c.expect(404, "not-found", c.do("GET /"+s+"/items/none", ""))
			c.expect(412, "exists", c.do("PUT /"+s+"/items/q", `{"value":4}`, "If-None-Match: *"))
			c.expect(409, "exists", c.do("POST /"+s+"/items", `{"name":"q","value":4}`))
			a = c.expect(201, "", c.do("POST /"+s+"/items", `{"name":"r/1","value":4,"tag":"t"}`))
			if a.Header.Get("Location") != "/"+s+"/items/r%2F1" {
				t.Errorf("%s: Location %s", s, a.Header.Get("Location"))
			}
		}
	})
}

func TestEverySchemeAddsWithinBounds(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(func(s spec) bool { return !s.lease }) {
			c.expect(201, "", c.do("PUT /"+s+"/items/n", `{"value":5,"min":0,"max":10}`, "If-None-Match: *"))
			if a := c.expect(200, "", c.do("POST /"+s+"/items/n/add", `{"amount":3,"tag":"t"}`)); a.number("value") != 8 || a.Header.Get("ETag") == "" {
				t.Errorf("%s: got %s", s, a.Text)
			}
			c.expect(409, "out-of-bounds", c.do("POST /"+s+"/items/n/add", `{"amount":3}`))
			c.expect(409, "out-of-bounds", c.do("POST /"+s+"/items/n/add", `{"amount":-9}`))
			c.expect(200, "", c.do("POST /"+s+"/items/n/add", `{"amount":-8}`))
			if a := c.do("GET /"+s+"/items/n", ""); a.number("value") != 0 {
				t.Errorf("%s: got %s", s, a.Text)
			}
			c.expect(404, "not-found", c.do("POST /"+s+"/items/none/add", `{"amount":1}`))
			c.expect(412, "stale-version", c.do("POST /"+s+"/items/n/add", `{"amount":1}`, `If-Match: "1"`))
			c.put(s, "text", `"x"`)
			c.expect(409, "not-a-number", c.do("POST /"+s+"/items/text/add", `{"amount":1}`))
		}
	})
}

func TestEverySchemeAppendsAndPatches(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(func(s spec) bool { return !s.lease }) {
			c.put(s, "list", "null")
			for _, e := range []string{`"a"`, `{"b":1}`} {
				c.expect(200, "", c.do("POST /"+s+"/items/list/append", `{"value":`+e+`,"tag":"t"}`))
			}
			a := c.do("GET /"+s+"/items/list", "")
			if list := strings.ReplaceAll(a.Text, " ", ""); !strings.Contains(list, `"value":["a",{"b":1}]`) {
				t.Errorf("%s: got %s", s, a.Text)
			}
			c.put(s, "doc", `{"a":1,"b":2}`)
			c.expect(200, "", c.do("PATCH /"+s+"/items/doc", `{"value":{"b":null,"c":3}}`))
			if a := c.do("GET /"+s+"/items/doc", ""); !strings.Contains(a.Text, `"value":{"a":1,"c":3}`) {
				t.Errorf("%s: got %s", s, a.Text)
			}
			c.expect(409, "not-a-list", c.do("POST /"+s+"/items/doc/append", `{"value":1}`))
			c.expect(404, "not-found", c.do("POST /"+s+"/items/none/append", `{"value":1}`))
		}
	})
}

func TestEverySchemeTransfers(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(func(s spec) bool { return !s.lease }) {
			c.put(s, "a", "10")
			c.put(s, "b", "0")
			c.expect(200, "", c.do("POST /"+s+"/transfer", `{"from":"a","to":"b","amount":7,"tag":"t"}`))
			c.expect(409, "insufficient", c.do("POST /"+s+"/transfer", `{"from":"a","to":"b","amount":4}`))
			c.expect(409, "insufficient", c.do("POST /"+s+"/transfer", `{"from":"b","to":"a","amount":8}`))
			c.expect(404, "not-found", c.do("POST /"+s+"/transfer", `{"from":"a","to":"none","amount":1}`))
			if a, b := c.value(s, "a"), c.value(s, "b"); a != 3 || b != 7 {
				t.Errorf("%s: got %d and %d", s, a, b)
			}
		}
	})
}

func TestParentsAndChildren(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(func(s spec) bool { return !s.lease && !s.versioned }) {
			c.expect(409, "parent-missing", c.do("POST /"+s+"/items/p/children", `{"name":"x"}`))
			c.put(s, "p", "1")
			c.expect(201, "", c.do("POST /"+s+"/items/p/children", `{"name":"x","tag":"t"}`))
			c.expect(409, "exists", c.do("POST /"+s+"/items/p/children", `{"name":"x"}`))
			if got := c.do("GET /"+s+"/items/p/children", ""); got.Text != `{"children":["x"]}` {
				t.Errorf("%s: children: got %s", s, got.Text)
			}
			c.expect(409, "has-children", c.do("DELETE /"+s+"/items/p", ""))
			c.expect(204, "", c.do("DELETE /"+s+"/items/p%2Fx", ""))
			c.expect(204, "", c.do("DELETE /"+s+"/items/p", ""))
			c.expect(404, "not-found", c.do("DELETE /"+s+"/items/p", ""))
		}
	})
}

// The version scheme takes an ETag or a version in the body.
func TestVersions(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		etag := c.put("version", "k", "1").Header.Get("ETag")
		c.expect(428, "precondition-required", c.do("PUT /version/items/k", `{"value":2}`))
		c.expect(412, "stale-version", c.do("PUT /version/items/k", `{"value":2}`, `If-Match: "17"`))
		next := c.expect(200, "", c.do("PUT /version/items/k", `{"value":2,"tag":"t"}`, "If-Match: "+etag))
		c.expect(412, "stale-version", c.do("PUT /version/items/k", `{"value":3}`, "If-Match: "+etag))
		c.expect(200, "", c.do("PUT /version/items/k", `{"value":3}`, `If-Match: "x", `+next.Header.Get("ETag")))
		v := c.do("GET /version/items/k", "").number("version")
		c.expect(409, "stale-version", c.do("PUT /version/items/k", fmt.Sprintf(`{"value":4,"version":%d}`, v-1)))
		c.expect(200, "", c.do("PUT /version/items/k", fmt.Sprintf(`{"value":4,"version":%d}`, v)))
		c.expect(412, "stale-version", c.do("PUT /version/items/none", `{"value":1}`, "If-Match: *"))
		c.expect(409, "stale-version", c.do("PUT /version/items/none", `{"value":1,"version":3}`))
		c.expect(428, "precondition-required", c.do("DELETE /version/items/k", ""))
		c.expect(409, "stale-version", c.do(fmt.Sprintf("DELETE /version/items/k?version=%d", v), ""))
		c.expect(204, "", c.do(fmt.Sprintf("DELETE /version/items/k?version=%d", v+1), ""))
		again := c.put("version", "k", "1")
		c.expect(412, "stale-version", c.do("PUT /version/items/k", `{"value":5}`, "If-Match: "+etag))
		if n := again.number("version"); n <= v+1 {
			t.Errorf("made anew: version %d after %d", n, v+1)
		}
	})
}

// Elsewhere a blind PUT is taken, and an If-Match that is sent is honoured.
func TestBlindWrites(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for _, s := range c.offered(func(s spec) bool { return !s.lease && !s.versioned && !s.creates }) {
			c.expect(201, "", c.do("PUT /"+s+"/items/k", `{"value":1}`))
			a := c.expect(200, "", c.do("PUT /"+s+"/items/k", `{"value":2}`))
			c.expect(412, "stale-version", c.do("PUT /"+s+"/items/k", `{"value":3}`, `If-Match: "1"`))
			c.expect(200, "", c.do("PUT /"+s+"/items/k", `{"value":3}`, "If-Match: "+a.Header.Get("ETag")))
			c.expect(412, "stale-version", c.do("PUT /"+s+"/items/none", `{"value":3}`, "If-Match: *"))
			c.put(s, "other", "0")
			c.expect(409, "out-of-bounds", c.do("PUT /"+s+"/items/k", `{"value":0,"with":"other","at_least":1}`))
			c.expect(200, "", c.do("PUT /"+s+"/items/k", `{"value":1,"with":"other","at_least":1}`))
		}
		for _, s := range c.offered(func(s spec) bool { return s.creates }) {
			c.expect(201, "", c.do("PUT /"+s+"/items/k", `{"value":1}`))
			c.expect(409, "exists", c.do("PUT /"+s+"/items/k", `{"value":2}`))
		}
	})
}

func TestPathsThatAreNot(t *testing.T) {
	engines(t, func(t *testing.T, c client) {
		for path, want := range map[string]string{
			"/nothing/items":                "this target has version, row-lock",
			"/version;pool=2;colour=red/x":  `unknown option \"colour\"`,
			"/version;pool=none/items":      "expected a number from 1 to 200",
			"/version;engine=sqlite/items":  `unknown option \"engine\"`,
			"/version/locks/k":              "this scheme has no locks",
			"/nothing;think=1ms/items/k":    "this target has",
			"/version;think=1ms/items/none": "no item has that key",
		} {
			if a := c.do("GET "+path, ""); a.Status != 404 || !strings.Contains(a.Text, want) {
				t.Errorf("%s: got %d %s, expected 404 and %s", path, a.Status, a.Text, want)
			}
		}
	})
	c := serve(t, map[string]string{"sync": "off"})
	if a := c.do("GET /row-lock/items", ""); a.Status != 404 || !strings.Contains(a.Text, "row-lock is not for engine sqlite") {
		t.Errorf("got %d %s", a.Status, a.Text)
	}
}
