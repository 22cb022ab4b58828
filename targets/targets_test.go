package targets

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// started serves a target and returns its URL, a function that ends the
// parent, and what Serve returned.
func started(t *testing.T, ctx context.Context, name string, options map[string]string) (string, io.Closer, chan error) {
	t.Helper()
	out, in := io.Pipe()
	parent, hold := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := Serve(ctx, name, options, "127.0.0.1:0", in, parent)
		_ = in.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no line: %v; Serve returned %v", err, <-ended)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		t.Fatalf("got %q, expected listening URL", line)
	}
	return url, hold, ended
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	url, _, ended := started(t, ctx, "memory", nil)
	if got := get(t, url+"/-/healthz"); got != "ok" {
		t.Errorf("healthz: got %q", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("got %v, expected a quiet end", err)
	}
	if _, err := http.Get(url + "/-/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func TestServeEndsWithItsParent(t *testing.T) {
	_, parent, ended := started(t, context.Background(), "memory", nil)
	if err := parent.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("got %v, expected a quiet end", err)
	}
}

// A request that runs when the server shall stop is answered.
func TestServeDrains(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	url, _, ended := started(t, ctx, "memory", map[string]string{"delay": "300ms"})
	answered := make(chan error, 1)
	go func() {
		res, err := http.Get(url + "/etag/items/a")
		if err == nil {
			err = res.Body.Close()
		}
		answered <- err
	}()
	for !strings.Contains(get(t, url+"/-/stats"), `"requests":1`) {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-answered; err != nil {
		t.Errorf("the running request: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("got %v, expected a quiet end", err)
	}
}

func TestServeRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, r := range []struct {
		name    string
		options map[string]string
		want    string
	}{
		{"memry", nil, `unknown target "memry": expected one of memory`},
		{"memory", map[string]string{"pool": "3"}, `unknown option "pool": expected one of think`},
	} {
		err := Serve(context.Background(), r.name, r.options, "127.0.0.1:0", io.Discard, nil)
		if err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s %v: got %v, expected %s", r.name, r.options, err, r.want)
		}
	}
	if err := Serve(context.Background(), "memory", nil, "not an address", io.Discard, nil); err == nil {
		t.Error("a bad address: expected an error")
	}
}

func TestListNamesTheSchemesThatThereAre(t *testing.T) {
	for _, target := range All {
		h, closeTarget, err := target.Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(h)
		if got := get(t, srv.URL+"/no-such-scheme/items"); !strings.Contains(got, strings.Join(target.Schemes, ", ")) {
			t.Errorf("%s: got %s, expected it to name %v", target.Name, got, target.Schemes)
		}
		srv.Close()
		if err := closeTarget(); err != nil {
			t.Error(err)
		}
	}
}
