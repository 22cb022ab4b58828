package sql

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tussle/targets/api"
	"tussle/targets/postgres"
)

// TestMain stops the PostgreSQL that the tests share. It also plays a server
// process of its own: see TestTwoProcesses.
func TestMain(m *testing.M) {
	if os.Getenv("TUSSLE_TEST_SERVER") != "" {
		if err := serverProcess(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// serverProcess serves the options in its environment until its input ends.
func serverProcess() error {
	options := map[string]string{}
	if err := json.Unmarshal([]byte(os.Getenv("TUSSLE_TEST_SERVER")), &options); err != nil {
		return err
	}
	o, err := Parse(options)
	if err != nil {
		return err
	}
	t, err := Open(context.Background(), o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if name := os.Getenv("TUSSLE_TEST_PROFILE"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := api.Serve(ctx, t.Handler(), "127.0.0.1:0", os.Stdout); err != nil {
		return err
	}
	return t.Close()
}

var shared struct {
	once    sync.Once
	server  *postgres.Server
	err     error
	schemas atomic.Int64
}

// running returns a real PostgreSQL; that there is none is a failure.
func running(t testing.TB) *postgres.Server {
	t.Helper()
	shared.once.Do(func() {
		shared.server, shared.err = postgres.Start(context.Background(),
			postgres.Options{Sync: postgres.Off, Settings: map[string]string{"deadlock_timeout": "100ms"}})
	})
	if shared.err != nil {
		t.Fatalf("these tests need PostgreSQL: %v", shared.err)
	}
	return shared.server
}

// onPostgres adds what connects to the tests' server, in a schema of its own.
func onPostgres(t testing.TB, options map[string]string) map[string]string {
	t.Helper()
	out := map[string]string{"engine": "postgres", "dsn": running(t).DSN, "schema": fmt.Sprintf("test_%d", shared.schemas.Add(1))}
	for k, v := range options {
		out[k] = v
	}
	return out
}

// engines calls f for both databases.
func engines(t *testing.T, f func(t *testing.T, c client)) {
	targets(t, func(t *testing.T, target *Target) { f(t, listen(t, target)) })
}

func targets(t *testing.T, f func(t *testing.T, target *Target)) {
	t.Run("postgres", func(t *testing.T) { f(t, opened(t, onPostgres(t, nil))) })
	t.Run("sqlite", func(t *testing.T) { f(t, opened(t, map[string]string{"sync": "off"})) })
}

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

func (a answer) number(name string) int64 {
	n, _ := a.JSON[name].(float64)
	return int64(n)
}

type client struct {
	t    testing.TB
	base string
	http *http.Client
}

// serve starts a target on a real listener.
func serve(t testing.TB, options map[string]string) client {
	t.Helper()
	return listen(t, opened(t, options))
}

func opened(t testing.TB, options map[string]string) *Target {
	t.Helper()
	o, err := Parse(options)
	if err != nil {
		t.Fatal(err)
	}
	target, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func listen(t testing.TB, target *Target) client {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := api.Serve(ctx, target.Handler(), "127.0.0.1:0", in)
		_ = in.CloseWithError(io.EOF)
		ended <- err
	}()
	line, _ := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return client{t, strings.TrimSpace(strings.TrimPrefix(line, "listening ")), connection(t)}
}

// connection returns an HTTP client with connections of its own.
func connection(t testing.TB) *http.Client {
	tr := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// apart returns the same client on another connection.
func (c client) apart() client { return client{c.t, c.base, connection(c.t)} }

// do sends "METHOD /path" with headers "Name: value" and a body.
func (c client) do(request, body string, headers ...string) answer {
	c.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequest(method, c.base+path, bytes.NewBufferString(body))
	if err != nil {
		c.t.Error(err)
		return answer{}
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Add(name, v)
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Errorf("%s: %v", request, err)
		return answer{}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Errorf("%s: %v", request, err)
	}
	a := answer{Status: res.StatusCode, Header: res.Header, Text: string(b)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(b, &a.JSON); err != nil {
			c.t.Errorf("%s: %v in %s", request, err, b)
		}
	}
	return a
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

// value reads an integer.
func (c client) value(scheme, key string) int64 {
	c.t.Helper()
	return c.expect(200, "", c.do("GET /"+scheme+"/items/"+key, "")).number("value")
}

// tally counts answers by status and problem.
type tally map[string]int

// together lets n clients, each on a connection of its own, do their requests
// at once.
func (c client) together(n int, f func(client int, c client) []answer) tally {
	var mu sync.Mutex
	out := tally{}
	var wg sync.WaitGroup
	for i := range n {
		mine := c.apart()
		wg.Go(func() {
			for _, a := range f(i, mine) {
				mu.Lock()
				out[strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, a.problem()))]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return out
}

// times collects the answers of n equal requests.
func times(n int, f func(i int) answer) []answer {
	out := make([]answer, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}
