package memory

import (
	"testing"
)

func TestETagStatuses(t *testing.T) {
	c := serve(t, nil)
	c.expect(404, "not-found", c.do("GET /etag/items/a", ""))
	c.expect(404, "not-found", c.do("DELETE /etag/items/a", "", `If-Match: "1"`))
	c.expect(412, "stale-version", c.do("PUT /etag/items/a", `{"value":1}`, `If-Match: "1"`)) // nothing there to match
	a := c.put("etag", "a", "1")
	if got := a.Header.Get("ETag"); got != `"1"` || a.JSON["version"] != 1.0 {
		t.Errorf("create: got ETag %s, body %s", got, a.Text)
	}
	c.expect(412, "exists", c.do("PUT /etag/items/a", `{"value":1}`, "If-None-Match: *"))

	a = c.expect(200, "", c.do("GET /etag/items/a", ""))
	if a.Text != `{"key":"a","value":1,"tag":"init","version":1}` || a.Header.Get("ETag") != `"1"` {
		t.Errorf("read: got %s, ETag %s", a.Text, a.Header.Get("ETag"))
	}
	c.expect(304, "", c.do("GET /etag/items/a", "", `If-None-Match: W/"1"`))
	c.expect(200, "", c.do("GET /etag/items/a", "", `If-None-Match: "2"`))

	a = c.expect(428, "precondition-required", c.do("PUT /etag/items/a", `{"value":2}`))
	if a.JSON["current_version"] != 1.0 || a.JSON["instance"] != "/etag/items/a" || a.JSON["status"] != 428.0 {
		t.Errorf("problem: got %s", a.Text)
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("problem: got Content-Type %s", got)
	}
	c.expect(412, "stale-version", c.do("PUT /etag/items/a", `{"value":2}`, `If-Match: "7"`))
	c.expect(412, "stale-version", c.do("PUT /etag/items/a", `{"value":2}`, `If-Match: W/"1"`)) // strong comparison
	a = c.expect(200, "", c.do("PUT /etag/items/a", `{"value":{"x":[2]},"tag":"t"}`, `If-Match: "9", "1"`))
	if a.Header.Get("ETag") != `"2"` || a.Text != `{"version":2}` {
		t.Errorf("write: got %s, ETag %s", a.Text, a.Header.Get("ETag"))
	}
	c.expect(200, "", c.do("PUT /etag/items/a", `{"value":3}`, "If-Match: *"))

	c.expect(428, "precondition-required", c.do("DELETE /etag/items/a", ""))
	c.expect(412, "stale-version", c.do("DELETE /etag/items/a", "", `If-Match: "2"`))
	c.expect(204, "", c.do("DELETE /etag/items/a", "", `If-Match: "3"`))
	c.expect(404, "not-found", c.do("GET /etag/items/a", ""))
	// Versions do not restart: the tags of the first life stay invalid.
	a = c.put("etag", "a", "1")
	if a.JSON["version"] != 5.0 {
		t.Errorf("re-create: got %s, expected version 5", a.Text)
	}
	c.expect(412, "stale-version", c.do("PUT /etag/items/a", `{"value":2}`, `If-Match: "1"`))
}

func TestVersionFieldStatuses(t *testing.T) {
	c := serve(t, nil)
	c.put("version-field", "a", "1")
	c.expect(428, "precondition-required", c.do("PUT /version-field/items/a", `{"value":2}`))
	a := c.expect(409, "stale-version", c.do("PUT /version-field/items/a", `{"value":2,"version":7}`)) // no header was sent: not 412
	if a.JSON["current_version"] != 1.0 {
		t.Errorf("conflict: got %s, expected current_version 1", a.Text)
	}
	a = c.expect(200, "", c.do("PUT /version-field/items/a", `{"value":2,"version":1}`))
	if a.Text != `{"version":2}` {
		t.Errorf("write: got %s", a.Text)
	}
	c.expect(412, "stale-version", c.do("PUT /version-field/items/a", `{"value":2,"version":2}`, `If-Match: "1"`)) // here one was
	c.expect(428, "precondition-required", c.do("DELETE /version-field/items/a", ""))
	c.expect(409, "stale-version", c.do("DELETE /version-field/items/a?version=1", ""))
	c.expect(400, "malformed", c.do("DELETE /version-field/items/a?version=x", ""))
	c.expect(204, "", c.do("DELETE /version-field/items/a?version=2", ""))
	c.expect(409, "stale-version", c.do("PUT /version-field/items/a", `{"value":2,"version":3}`)) // gone
}

func TestLeaseStatuses(t *testing.T) {
	c := serve(t, nil)
	c.put("lease", "a", "1")
	c.expect(428, "lock-required", c.do("PUT /lease/items/a", `{"value":2}`))
	c.expect(428, "lock-required", c.do("PUT /lease/items/a", `{"value":2}`, "Lock-Token: x"))
	c.expect(412, "lock-lost", c.do("PUT /lease/items/a", `{"value":2}`, "Lock-Token: x", "Fence: 1"))
	c.expect(404, "not-found", c.do("GET /lease/locks/a", ""))

	held := c.lock("lease", "a", `{"ttl_ms":60000,"owner":"ann"}`)
	a := c.expect(423, "locked", c.do("POST /lease/locks/a", `{"ttl_ms":60000,"owner":"bob"}`))
	if a.JSON["holder"] != "ann" || a.Header.Get("Retry-After") == "" || a.JSON["retry_after_ms"] == nil {
		t.Errorf("locked: got %s, Retry-After %q", a.Text, a.Header.Get("Retry-After"))
	}
	c.expect(423, "locked", c.do("POST /lease/locks/a", `{"wait_ms":5}`))
	a = c.expect(200, "", c.do("GET /lease/locks/a", ""))
	if a.JSON["owner"] != "ann" || a.JSON["token"] != nil {
		t.Errorf("holder: got %s, expected the owner and no token", a.Text)
	}
	c.expect(200, "", c.do("PUT /lease/items/a", `{"value":2}`, held...))
	c.expect(412, "lock-lost", c.do("PUT /lease/items/a", `{"value":2}`, "Lock-Token: x", held[1]))
	c.expect(400, "malformed", c.do("PUT /lease/items/a", `{"value":2}`, held[0], "Fence: x"))
	c.expect(200, "", c.do("PUT /lease/locks/a", `{"ttl_ms":60000}`, held[0]))
	c.expect(409, "lock-lost", c.do("PUT /lease/locks/a", `{"ttl_ms":60000}`, "Lock-Token: x"))
	c.expect(409, "lock-lost", c.do("DELETE /lease/locks/a", "", "Lock-Token: x"))
	c.expect(400, "malformed", c.do("DELETE /lease/locks/a", ""))
	c.expect(204, "", c.do("DELETE /lease/locks/a", "", held[0]))
	c.expect(409, "lock-lost", c.do("DELETE /lease/locks/a", "", held[0]))
	c.expect(412, "lock-lost", c.do("PUT /lease/items/a", `{"value":2}`, held...))

	again := c.lock("lease", "a", `{"ttl_ms":60000}`)
	c.expect(412, "fenced", c.do("PUT /lease/items/a", `{"value":3}`, held...))
	c.expect(200, "", c.do("POST /lease/items/a/add", `{"amount":1}`, again...))
	c.expect(428, "lock-required", c.do("POST /lease/items/a/add", `{"amount":1}`))
	c.expect(428, "lock-required", c.do("DELETE /lease/items/a", ""))
	c.expect(204, "", c.do("DELETE /lease/items/a", "", again...))
	c.expect(404, "no-such-path", c.do("POST /etag/locks/a", `{}`))
}

func TestServerSideStatuses(t *testing.T) {
	c := serve(t, nil)
	c.expect(404, "not-found", c.do("POST /server-side/items/a/add", `{"amount":1}`))
	c.expect(201, "", c.do("PUT /server-side/items/a", `{"value":1,"min":0,"max":9}`, "If-None-Match: *"))
	c.expect(409, "exists", c.do("PUT /server-side/items/a", `{"value":1}`))
	a := c.expect(200, "", c.do("POST /server-side/items/a/add", `{"amount":8,"tag":"t"}`))
	if a.Text != `{"value":9,"version":2}` {
		t.Errorf("add: got %s", a.Text)
	}
	c.expect(409, "out-of-bounds", c.do("POST /server-side/items/a/add", `{"amount":1}`))
	c.expect(409, "out-of-bounds", c.do("POST /server-side/items/a/add", `{"amount":-10}`))
	c.expect(400, "malformed", c.do("POST /server-side/items/a/add", `{}`))
	c.expect(409, "not-a-list", c.do("POST /server-side/items/a/append", `{"value":1}`))

	c.put("server-side", "l", "[]")
	c.expect(200, "", c.do("POST /server-side/items/l/append", `{"value":"x","tag":"t"}`))
	a = c.expect(200, "", c.do("POST /server-side/items/l/append", `{"value":2}`))
	if a.Text != `{"version":3}` {
		t.Errorf("append: got %s", a.Text)
	}
	if got := c.do("GET /server-side/items/l", ""); got.Text != `{"key":"l","value":["x",2],"tag":"","version":3}` {
		t.Errorf("after append: got %s", got.Text)
	}
	c.expect(409, "not-a-number", c.do("POST /server-side/items/l/add", `{"amount":1}`))

	c.put("server-side", "o", `{"b":1}`)
	c.expect(200, "", c.do("PATCH /server-side/items/o", `{"value":{"a":2,"b":null}}`))
	if got := c.do("GET /server-side/items/o", ""); got.JSON["value"].(map[string]any)["a"] != 2.0 {
		t.Errorf("after patch: got %s", got.Text)
	}

	c.put("server-side", "b", "0")
	c.expect(200, "", c.do("POST /server-side/transfer", `{"from":"a","to":"b","amount":9,"tag":"t"}`))
	c.expect(409, "insufficient", c.do("POST /server-side/transfer", `{"from":"a","to":"b","amount":1}`))
	c.expect(404, "not-found", c.do("POST /server-side/transfer", `{"from":"a","to":"nobody","amount":0}`))
	c.expect(400, "malformed", c.do("POST /server-side/transfer", `{"from":"a","to":"a","amount":1}`))
	if got := c.do("GET /server-side/items?prefix=", ""); got.Text != `{"items":{"a":0,"b":9,"l":["x",2],"o":{"a":2}}}` {
		t.Errorf("list: got %s", got.Text)
	}

	a = c.expect(201, "", c.do("POST /server-side/items", `{"name":"n","tag":"t"}`))
	if a.Header.Get("Location") != "/server-side/items/n" || a.Text != `{"key":"n","version":1}` {
		t.Errorf("create: got %s, Location %s", a.Text, a.Header.Get("Location"))
	}
	c.expect(409, "exists", c.do("POST /server-side/items", `{"name":"n"}`))
	c.expect(400, "malformed", c.do("POST /server-side/items", `{}`))
}

func TestPairRuleIsKept(t *testing.T) {
	c := serve(t, nil)
	c.put("server-side", "a", "1")
	c.put("server-side", "b", "1")
	c.expect(200, "", c.do("PUT /server-side/items/a", `{"value":0,"with":"b","at_least":1}`))
	c.expect(409, "out-of-bounds", c.do("PUT /server-side/items/b", `{"value":0,"with":"a","at_least":1}`))
	c.expect(200, "", c.do("PUT /server-side/items/a", `{"value":1,"with":"b","at_least":1}`))
	c.expect(200, "", c.do("PUT /server-side/items/b", `{"value":0,"with":"a","at_least":1}`))
}

func TestUnprotectedTakesEverything(t *testing.T) {
	c := serve(t, nil)
	c.expect(201, "", c.do("PUT /unprotected/items/a", `{"value":1}`))
	c.expect(200, "", c.do("PUT /unprotected/items/a", `{"value":2}`, `If-Match: "77"`))
	c.expect(412, "exists", c.do("PUT /unprotected/items/a", `{"value":3}`, "If-None-Match: *"))
	c.expect(204, "", c.do("DELETE /unprotected/items/a", ""))
	c.expect(404, "not-found", c.do("DELETE /unprotected/items/a", ""))
	c.expect(200, "", c.do("POST /lease-unfenced/locks/a", `{}`))
	c.expect(201, "", c.do("PUT /lease-unfenced/items/a", `{"value":1}`)) // nobody asks for the lock
	c.expect(200, "", c.do("PUT /lease-unfenced/items/a", `{"value":2}`))
}

func TestParentsAndChildren(t *testing.T) {
	c := serve(t, nil)
	c.expect(409, "parent-missing", c.do("POST /etag/items/p/children", `{"name":"x"}`))
	c.put("etag", "p", "1")
	a := c.expect(201, "", c.do("POST /etag/items/p/children", `{"name":"x","tag":"t"}`))
	if a.Header.Get("Location") != "/etag/items/p%2Fx" {
		t.Errorf("child: got Location %s", a.Header.Get("Location"))
	}
	c.expect(409, "exists", c.do("POST /etag/items/p/children", `{"name":"x"}`))
	if got := c.do("GET /etag/items/p/children", ""); got.Text != `{"children":["x"]}` {
		t.Errorf("children: got %s", got.Text)
	}
	c.expect(409, "has-children", c.do("DELETE /etag/items/p", "", "If-Match: *"))
	c.expect(200, "", c.do("GET /etag/items/p%2Fx", ""))
	c.expect(204, "", c.do("DELETE /etag/items/p%2Fx", "", "If-Match: *"))
	c.expect(204, "", c.do("DELETE /etag/items/p", "", "If-Match: *"))
	if got := c.do("GET /etag/items/p/children", ""); got.Text != `{"children":[]}` {
		t.Errorf("children of what is gone: got %s", got.Text)
	}
}

func TestBadRequests(t *testing.T) {
	c := serve(t, nil)
	c.expect(404, "no-such-path", c.do("GET /", ""))
	c.expect(404, "no-such-path", c.do("GET /nothing/items/a", ""))
	c.expect(404, "no-such-path", c.do("GET /etag/items/a/b/c/d/e", ""))
	c.expect(404, "no-such-path", c.do("GET /-/nothing", ""))
	c.expect(400, "malformed", c.do("PUT /etag/items/a", `{"value":`))
	c.expect(400, "malformed", c.do("PUT /etag/items/a", `{"tag":"t"}`))
	a := c.expect(405, "method-not-allowed", c.do("POST /etag/items/a", `{}`))
	if a.Header.Get("Allow") == "" {
		t.Error("405: expected Allow")
	}
	c.expect(405, "method-not-allowed", c.do("PUT /etag/items/a/add", `{"amount":1}`))
	big := make([]byte, 1<<20+1)
	for i := range big {
		big[i] = ' '
	}
	c.expect(413, "too-large", c.do("PUT /etag/items/a", string(big)))
}
