package memory

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestIdempotencyKeys(t *testing.T) {
	c := serve(t, nil)
	c.put("server-side", "n", "0")
	add := func(body, key string) answer {
		return c.do("POST /server-side/items/n/add", body, "Idempotency-Key: "+key)
	}
	first := c.expect(200, "", add(`{"amount":1}`, `"k1"`))
	again := c.expect(200, "", add(`{"amount":1}`, `"k1"`))
	if first.Text != again.Text || first.Header.Get("ETag") != again.Header.Get("ETag") {
		t.Errorf("replay: got %s, expected %s", again.Text, first.Text)
	}
	c.expect(422, "idempotency-key-reused", add(`{"amount":2}`, `"k1"`))
	c.expect(200, "", add(`{"amount":1}`, `"k2"`))
	c.expect(200, "", c.do("POST /server-side/items/n/add", `{"amount":1}`)) // without a key, each counts
	if got := c.do("GET /server-side/items/n", ""); got.JSON["value"] != 3.0 {
		t.Errorf("got %s, expected value 3", got.Text)
	}
	// a refusal is replayed as well, whatever happened since
	c.expect(404, "not-found", c.do("POST /server-side/items/later/add", `{"amount":1}`, `Idempotency-Key: "k3"`))
	c.put("server-side", "later", "0")
	a := c.expect(404, "not-found", c.do("POST /server-side/items/later/add", `{"amount":1}`, `Idempotency-Key: "k3"`))
	if a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("replayed refusal: got Content-Type %s", a.Header.Get("Content-Type"))
	}
	// creates, children and transfers keep their answers, too
	for _, r := range [][2]string{
		{"POST /server-side/items", `{"name":"new"}`},
		{"POST /server-side/items/n/children", `{"name":"c"}`},
	} {
		x := c.expect(201, "", c.do(r[0], r[1], "Idempotency-Key: "+r[1]))
		y := c.expect(201, "", c.do(r[0], r[1], "Idempotency-Key: "+r[1]))
		if x.Header.Get("Location") == "" || x.Header.Get("Location") != y.Header.Get("Location") {
			t.Errorf("%s: got Location %q, then %q", r[0], x.Header.Get("Location"), y.Header.Get("Location"))
		}
	}
	for range 2 {
		c.expect(200, "", c.do("POST /server-side/transfer", `{"from":"n","to":"later","amount":2}`, `Idempotency-Key: "k4"`))
	}
	if got := c.do("GET /server-side/items/n", ""); got.JSON["value"] != 1.0 {
		t.Errorf("got %s, expected that the transfer was made once", got.Text)
	}
	// a conflict is not: the same request may succeed later
	c.expect(409, "insufficient", c.do("POST /server-side/transfer", `{"from":"n","to":"later","amount":2}`, `Idempotency-Key: "k5"`))
	c.expect(200, "", c.do("POST /server-side/items/n/add", `{"amount":1}`))
	c.expect(200, "", c.do("POST /server-side/transfer", `{"from":"n","to":"later","amount":2}`, `Idempotency-Key: "k5"`))
}

// The first takes 200 ms; the second, with the same key, comes meanwhile.
func TestIdempotencyKeyInFlight(t *testing.T) {
	c := serve(t, map[string]string{"think": "200ms"})
	c.put("server-side", "n", "0")
	var applied, inFlight, replayed atomic.Int64
	together(4, func(int) {
		a := c.do("POST /server-side/items/n/add", `{"amount":1}`, `Idempotency-Key: "k"`)
		switch {
		case a.Status == 200 && applied.Add(1) > 1:
			replayed.Add(1)
		case a.problem() == "request-in-flight" && a.Status == 409:
			inFlight.Add(1)
		case a.Status != 200:
			t.Errorf("got %d %s", a.Status, a.Text)
		}
	})
	if got := c.do("GET /server-side/items/n", ""); got.JSON["value"] != 1.0 {
		t.Errorf("got %s, expected that it was added once", got.Text)
	}
	if inFlight.Load()+replayed.Load() != 3 {
		t.Errorf("%d in flight and %d replayed, expected 3 together", inFlight.Load(), replayed.Load())
	}
}

func TestArrivalIsToldOnRequest(t *testing.T) {
	c := serve(t, map[string]string{"delay": "20ms"})
	for range 3 { // the first is stamped by the server, the others by the kernel where it can
		before := time.Now()
		a := c.do("PUT /etag/items/a", `{"value":1}`, "Want-Arrival: 1")
		after := time.Now()
		ns, err := strconv.ParseInt(a.Header.Get("Arrival"), 10, 64)
		if err != nil || ns < before.UnixNano() || ns > after.Add(-20*time.Millisecond).UnixNano() {
			t.Errorf("Arrival %q (%v): expected between %d and the delay before %d", a.Header.Get("Arrival"), err, before.UnixNano(), after.UnixNano())
		}
	}
	if got := c.do("GET /etag/items/a", "").Header.Get("Arrival"); got != "" {
		t.Errorf("got Arrival %s that nobody asked for", got)
	}
}

func TestStatsCountRequests(t *testing.T) {
	c := serve(t, nil)
	if a := c.do("GET /-/healthz", ""); a.Status != 200 || a.Text != "ok" {
		t.Errorf("healthz: got %d %s", a.Status, a.Text)
	}
	c.put("etag", "a", "1")
	c.do("GET /etag/items/a", "")
	c.do("GET /lease/items/a", "")
	c.do("GET /nothing", "")
	a := c.do("GET /-/stats", "")
	by := a.JSON["by_scheme"].(map[string]any)
	if a.JSON["requests"] != 4.0 || by["etag"] != 2.0 || by["lease"] != 1.0 || by["unprotected"] != 0.0 {
		t.Errorf("got %s", a.Text)
	}
}

// A stall of 150 ms begins every 300 ms: requests that arrive in it are
// answered at its end, all others at once.
func TestStallHoldsRequestsBack(t *testing.T) {
	c := serve(t, map[string]string{"stall": "150ms/300ms"})
	started := int64(c.do("GET /-/stats", "").JSON["started_ns"].(float64))
	held := 0
	for time.Since(time.Unix(0, started)) < 1250*time.Millisecond {
		a := c.do("GET /etag/items/a", "", "Want-Arrival: 1")
		arrival, err := strconv.ParseInt(a.Header.Get("Arrival"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		answered := time.Since(time.Unix(0, arrival))
		since := time.Duration(arrival - started)
		if since < 300*time.Millisecond || since%(300*time.Millisecond) > 140*time.Millisecond {
			continue // outside, or too near to the end to tell
		}
		held++
		if left := 150*time.Millisecond - since%(300*time.Millisecond); answered < left-10*time.Millisecond {
			t.Errorf("arrived %v after the start, in a stall, but was answered after %v", since, answered)
		}
	}
	if held < 2 {
		t.Errorf("%d requests met a stall, expected one for each", held)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, v := range map[string]string{"think": "2", "delay": "-1s", "stall": "5s", "ttl": "x", "max_ttl": ""} {
		_, err := Parse(map[string]string{name: v})
		if err == nil || !strings.Contains(err.Error(), "expected") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %q: got error %v", name, v, err)
		}
	}
	if _, err := Parse(map[string]string{"stall": "5s/500ms"}); err == nil {
		t.Error("a stall longer than its period: expected an error")
	}
	_, err := Parse(map[string]string{"thinks": "2ms"})
	if err == nil || !strings.Contains(err.Error(), `"thinks"`) || !strings.Contains(err.Error(), "think, delay, stall") {
		t.Errorf("unknown option: got %v", err)
	}
}

func TestStateOutlivesTheTarget(t *testing.T) {
	state := map[string]string{"state": filepath.Join(t.TempDir(), "state")}
	t.Run("first", func(t *testing.T) {
		c := serve(t, state)
		c.put("etag", "a", "1")
		c.expect(200, "", c.do("PUT /etag/items/a", `{"value":"x","tag":"t"}`, `If-Match: "1"`))
		c.put("etag", "gone", "1")
		c.expect(204, "", c.do("DELETE /etag/items/gone", "", "If-Match: *"))
		c.put("server-side", "p", "5")
		c.expect(201, "", c.do("PUT /server-side/items/q", `{"value":5,"max":9}`))
		c.expect(200, "", c.do("POST /server-side/transfer", `{"from":"p","to":"q","amount":3}`))
		c.expect(201, "", c.do("POST /server-side/items/p/children", `{"name":"c"}`))
	})
	for _, life := range []string{"second", "third"} {
		t.Run(life, func(t *testing.T) {
			c := serve(t, state)
			if a := c.do("GET /etag/items/a", ""); a.Text != `{"key":"a","value":"x","tag":"t","version":2}` {
				t.Errorf("a: got %s", a.Text)
			}
			c.expect(404, "not-found", c.do("GET /etag/items/gone", ""))
			if a := c.do("GET /server-side/items?prefix=", ""); a.Text != `{"items":{"p":2,"p/c":null,"q":8}}` {
				t.Errorf("server-side: got %s", a.Text)
			}
			c.expect(409, "out-of-bounds", c.do("POST /server-side/items/q/add", `{"amount":2}`))
			c.expect(409, "has-children", c.do("DELETE /server-side/items/p", ""))
		})
	}
	t.Run("versions go on", func(t *testing.T) {
		c := serve(t, state)
		if a := c.put("etag", "gone", "1"); a.JSON["version"] != 3.0 {
			t.Errorf("got %s, expected version 3", a.Text)
		}
	})
}

// Without a clean stop, the next target of the same parent finds the state;
// after one, it is gone.
func TestTemporaryStateOutlivesAKillOnly(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	o := Options{State: Temporary}
	open := func() *Target {
		t.Helper()
		target, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	killed := open()
	if _, err := killed.Stores["etag"].Update("a", func(st *State) error { st.Exists = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := killed.journal.Close(); err != nil { // all that a kill does
		t.Fatal(err)
	}
	stopped := open()
	if !stopped.Stores["etag"].Load("a").Exists {
		t.Error("the state was lost")
	}
	if err := stopped.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := open()
	if fresh.Stores["etag"].Load("a").Exists {
		t.Error("the state is there after a clean stop")
	}
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
}

// A reader that closes its connection in the middle of a body changes nothing.
func TestHalfABodyIsNoWrite(t *testing.T) {
	c := serve(t, nil)
	c.put("etag", "a", "1")
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "PUT", c.base+"/etag/items/a", &halfBody{text: `{"value":2}`})
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 50
	r.Header.Set("If-Match", "*")
	if res, err := c.http.Do(r); err == nil {
		_ = res.Body.Close()
		if res.StatusCode != 400 {
			t.Errorf("got %d, expected 400 or no answer", res.StatusCode)
		}
	}
	if a := c.do("GET /etag/items/a", ""); a.JSON["version"] != 1.0 {
		t.Errorf("got %s, expected version 1", a.Text)
	}
}

// halfBody is a body that breaks off.
type halfBody struct{ text string }

func (h *halfBody) Read(b []byte) (int, error) {
	if h.text == "" {
		return 0, fmt.Errorf("broke off")
	}
	n := copy(b, h.text)
	h.text = h.text[n:]
	return n, nil
}
