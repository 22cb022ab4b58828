package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answer is what a test looks at.
type answer struct {
	Status int
	Header http.Header
	Text   string
	JSON   map[string]any
}

// problem returns the name of the refusal.
func (a answer) problem() string {
	s, _ := a.JSON["type"].(string)
	return strings.TrimPrefix(s, "/problems/")
}

type client struct {
	t    testing.TB
	base string
	http *http.Client
}

// serve starts the target with these options on a real listener.
func serve(t testing.TB, options map[string]string) client {
	t.Helper()
	o, err := Parse(options)
	if err != nil {
		t.Fatal(err)
	}
	target, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, target)
}

// listen serves a target on a real listener.
func listen(t testing.TB, target *Target) client {
	t.Helper()
	srv := httptest.NewServer(target.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	tr := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(tr.CloseIdleConnections)
	return client{t, srv.URL, &http.Client{Transport: tr}}
}

// do sends "METHOD /path" with headers "Name: value" and a body.
func (c client) do(request, body string, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(context.Background(), request, body, headers...)
	if err != nil {
		c.t.Fatalf("%s: %v", request, err)
	}
	return a
}

func (c client) try(ctx context.Context, request, body string, headers ...string) (answer, error) {
	method, path, _ := strings.Cut(request, " ")
	var in io.Reader
	if body != "" {
		in = bytes.NewBufferString(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	if err != nil {
		return answer{}, err
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Add(name, v)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{Status: res.StatusCode, Header: res.Header, Text: string(b)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(b, &a.JSON)
	}
	return a, err
}

// expect checks status and, of refusals, the problem.
func (c client) expect(status int, problem string, a answer) answer {
	c.t.Helper()
	if a.Status != status || a.problem() != problem {
		c.t.Errorf("got %d %s, expected %d %s; body %s", a.Status, a.problem(), status, problem, a.Text)
	}
	return a
}

// put creates an item.
func (c client) put(scheme, key, value string) answer {
	c.t.Helper()
	return c.expect(201, "", c.do("PUT /"+scheme+"/items/"+key, `{"value":`+value+`,"tag":"init"}`, "If-None-Match: *"))
}

// lock takes a lock and returns the headers that a write needs.
func (c client) lock(scheme, key, body string) []string {
	c.t.Helper()
	a := c.expect(200, "", c.do("POST /"+scheme+"/locks/"+key, body))
	return guard(a)
}

func guard(a answer) []string {
	token, _ := a.JSON["token"].(string)
	fence, _ := json.Marshal(a.JSON["fence"])
	return []string{"Lock-Token: " + token, "Fence: " + string(fence)}
}
