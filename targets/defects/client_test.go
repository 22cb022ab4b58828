package defects_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tussle/targets"
)

// answer is what a trial looks at; Status 0 is no answer.
type answer struct {
	Status int
	ETag   string
	JSON   map[string]any
}

func (a answer) text(member string) string {
	b, _ := json.Marshal(a.JSON[member])
	return strings.Trim(string(b), `"`)
}

// client speaks plain HTTP; each has a connection of its own.
type client struct {
	t    *testing.T
	base string
	http *http.Client
}

func newClient(t *testing.T, base string) client {
	tr := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(tr.CloseIdleConnections)
	return client{t, base, &http.Client{Transport: tr}}
}

// do sends "METHOD /path" with a body and headers "Name: value".
func (c client) do(request, body string, headers ...string) answer {
	c.t.Helper()
	a := c.within(10*time.Second, request, body, headers...)
	if a.Status == 0 {
		c.t.Fatalf("%s: no answer", request)
	}
	return a
}

// must is do for what has to be accepted.
func (c client) must(request, body string, headers ...string) answer {
	c.t.Helper()
	a := c.do(request, body, headers...)
	if a.Status/100 != 2 {
		c.t.Fatalf("%s: %d %v", request, a.Status, a.JSON)
	}
	return a
}

func (c client) within(d time.Duration, request, body string, headers ...string) answer {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	method, path, _ := strings.Cut(request, " ")
	var in io.Reader
	if body != "" {
		in = bytes.NewBufferString(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	if err != nil {
		c.t.Error(err)
		return answer{}
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Set(name, v)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return answer{}
	}
	defer res.Body.Close()
	a := answer{Status: res.StatusCode, ETag: res.Header.Get("ETag")}
	b, err := io.ReadAll(res.Body)
	if err == nil && len(b) > 0 {
		err = json.Unmarshal(b, &a.JSON)
	}
	if err != nil {
		c.t.Errorf("%s: %v", request, err)
	}
	return a
}

// lock takes a lock and returns the headers that a write needs.
func (c client) lock(path string, ttl time.Duration) []string {
	c.t.Helper()
	a := c.must("POST "+path, fmt.Sprintf(`{"ttl_ms":%d}`, ttl.Milliseconds()))
	return []string{"Lock-Token: " + a.text("token"), "Fence: " + a.text("fence")}
}

// together runs f for n clients at once, each on its own connection.
func together(c client, n int, f func(c client, i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		mine := newClient(c.t, c.base)
		wg.Go(func() {
			mine.do("GET /-/stats", "") // connect first
			<-start
			f(mine, i)
		})
	}
	close(start)
	wg.Wait()
}

// serve starts the memory target, with a defect unless name is "".
func serve(t *testing.T, name string, options map[string]string) client {
	t.Helper()
	o := map[string]string{}
	for k, v := range options {
		o[k] = v
	}
	if name != "" {
		o["defect"] = name
	}
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := targets.Serve(ctx, "memory", o, "127.0.0.1:0", in, nil)
		_ = in.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, strings.TrimPrefix(strings.TrimSpace(line), "listening "))
}
