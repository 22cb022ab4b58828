//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// lockKeeper grants every lock that it is asked for and counts what becomes of
// them. It excludes nobody: what counts is what it saw.
type lockKeeper struct {
	mu                        sync.Mutex
	granted, released, writes int
	value                     map[string]string
}

func (k *lockKeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body) // what is cut off has no value
	k.mu.Lock()
	defer k.mu.Unlock()
	switch key := r.URL.Path; {
	case filepath.Dir(key) == "/locks" && r.Method == "POST":
		k.granted++
		fmt.Fprintf(w, `{"token":"t%d","fence":%d,"expires_in_ms":10000}`, k.granted, k.granted)
	case filepath.Dir(key) == "/locks" && r.Method == "DELETE":
		k.released++
		w.WriteHeader(204)
	case r.Method == "PUT":
		if r.Header.Get("If-None-Match") == "" {
			k.writes++
		}
		k.value[key] = strings.Replace(body.String(), "{", `{"version":1,`, 1)
		fmt.Fprint(w, `{"version":1}`)
	default:
		fmt.Fprint(w, k.value[key])
	}
}

const crashing = `
name = "crashing"
[target]
url = %q
[workload]
kind = "counter"
keys = 4
[load]
clients = 8
duration = "%s"
warmup = "0s"
repeat = 1
[[strategy]]
name = "lease"
locking = "pessimistic"
dialect = "lease"
promises = []
[[fault]]
kind = "holder-crash"
share = 0.7
count = %d
`

// Each holder that crashed is a lock that the server granted and never got
// back; planned, injected and effective agree with that.
func TestEveryCrashOfAHolderIsSeenByTheServer(t *testing.T) {
	want := often(1000, 10_000)
	keeper := &lockKeeper{value: map[string]string{}}
	server := httptest.NewServer(keeper)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "crashing.toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, crashing, server.URL, strconv.Itoa(often(20, 120))+"s", want), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	r := start(t, "run", file, "-q", "-o", out)
	// It ends when all that were asked for have been: by Ctrl-C, in order.
	ended := make(chan error, 1)
	go func() { ended <- r.cmd.Wait() }()
	for begun := false; !begun; time.Sleep(5 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it ended before all holders had crashed: %v\n%s", err, &r.said)
		default:
		}
		keeper.mu.Lock()
		begun = keeper.granted-keeper.released >= want && keeper.released > want*6/10 // of 7 crashes in 10, the last has been
		keeper.mu.Unlock()
	}
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ended
	text, err := os.ReadFile(filepath.Join(out, "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, &r.said)
	}
	fault := gjson.GetBytes(text, "strategies.0.faults.0")
	for _, name := range []string{"planned", "injected", "effective"} {
		if got := int(fault.Get(name).Int()); got != want || got != keeper.granted-keeper.released {
			t.Errorf("%s: %d, expected %d; the server granted %d locks and got %d back", name, got, want, keeper.granted, keeper.released)
		}
	}
	t.Logf("%d locks granted, %d given back, %d writes, %s holders crashed", keeper.granted, keeper.released, keeper.writes, fault.Get("injected"))
}
