package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"tussle/history"
)

// rudeServer is a counter with If-Match that turns rude after a number of
// requests.
type rudeServer struct {
	after int64
	rude  func(c net.Conn, n int64) // writes what it likes; then the connection is closed
	seen  atomic.Int64

	mu     sync.Mutex
	values map[string][2]int64 // path -> value, version
}

func (s *rudeServer) serve(t *testing.T) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s.values = map[string][2]int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	return "http://" + l.Addr().String()
}

func (s *rudeServer) talk(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	br := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		if n := s.seen.Add(1); n > s.after {
			s.rude(c, n)
			return
		}
		answer := s.answer(r, gjson.GetBytes(body, "value").Int())
		if _, err := io.WriteString(c, answer); err != nil {
			return
		}
	}
}

func (s *rudeServer) answer(r *http.Request, value int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.values[r.URL.Path]
	status := "200 OK"
	switch {
	case r.Method == "PUT" && r.Header.Get("If-None-Match") == "" && r.Header.Get("If-Match") != fmt.Sprintf(`"%d"`, now[1]):
		status = "412 Precondition Failed"
	case r.Method == "PUT":
		now = [2]int64{value, now[1] + 1}
		s.values[r.URL.Path] = now
	}
	body := fmt.Sprintf(`{"value":%d}`, now[0])
	return fmt.Sprintf("HTTP/1.1 %s\r\nETag: \"%d\"\r\nContent-Length: %d\r\n\r\n%s", status, now[1], len(body), body)
}

const rudeScenario = `
[target]
url     = %q
timeout = "500ms"
setup   = { request = "PUT /{key}", headers = { If-None-Match = "*" }, body = { value = "{value}" }, version = "header:ETag", timeout = "5s" }
read    = { request = "GET /{key}", value = "json:value", version = "header:ETag" }
write   = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { value = "{value}" }, version = "header:ETag" }

[workload]
kind  = "counter"
think = "1ms"

[load]
clients  = 4
duration = "500ms"
warmup   = "300ms"
repeat   = 1
drain    = "1s"

[[strategy]]
locking = "optimistic"
retry   = { attempts = 3 }
`

const wholeAnswer = "HTTP/1.1 200 OK\r\nETag: \"9\"\r\nContent-Length: 11\r\n\r\n{\"value\":9}"

// eachByte is the rudeness that goes on until it was done at every byte.
const eachByte = "a close at each byte"

// rudenesses lists what a target may do instead of answering, and the classes
// of which one has to be counted.
var rudenesses = []struct {
	name    string
	classes string
	rude    func(c net.Conn, n int64)
}{
	{"garbage", "transport", func(c net.Conn, _ int64) { _, _ = c.Write(bytes.Repeat([]byte{0xff, 0, '\n'}, 300)) }},
	{"garbage in a body", "", func(c net.Conn, _ int64) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\xff\x00{\"value\"")
	}},
	{"half a body", "transport", func(c net.Conn, _ int64) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf")
	}},
	{"10 MB", "transport", func(c net.Conn, _ int64) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
		pour(c, 160)
	}},
	{"an endless stream", "transport,timeout", func(c net.Conn, _ int64) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range 4000 {
			if _, err := fmt.Fprintf(c, "4000\r\n%s\r\n", bytes.Repeat([]byte("x"), 0x4000)); err != nil {
				return
			}
		}
	}},
	{"a redirect", "redirect", func(c net.Conn, _ int64) {
		fmt.Fprintf(c, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
	}},
	{"silence", "timeout", func(c net.Conn, _ int64) { time.Sleep(time.Second) }},
	{eachByte, "transport", func(c net.Conn, n int64) {
		_, _ = io.WriteString(c, wholeAnswer[:int(n)%len(wholeAnswer)])
	}},
}

func pour(c net.Conn, times int) {
	piece := bytes.Repeat([]byte("x"), 64<<10)
	for range times {
		if _, err := c.Write(piece); err != nil {
			return
		}
	}
}

// runAgainst runs the real program and returns its exit code, its output and
// how much memory it took at most, in bytes.
func runAgainst(t *testing.T, dir, url string, more ...string) (code int, out string, memory int64) {
	t.Helper()
	file := filepath.Join(dir, "rude.toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, rudeScenario, url), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := exec.LookPath("tussle") // the test binary itself; see TestMain
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"run", file, "-o", filepath.Join(dir, "out")}, more...)...)
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = usage.Maxrss << 10
	}
	return cmd.ProcessState.ExitCode(), string(b), memory
}

// A target that is rude from its first answer on cannot be run: exit 3 with
// the request. One that turns rude under load is reported, with what it did
// counted by class. Neither hangs, panics or eats the machine.
func TestRudeTargets(t *testing.T) { rudeTargets(t, 0) }

// rudeTargets runs them all; limit is what a run may take of memory, in bytes,
// 0 where it cannot be told: a child's peak begins with that of the process
// which started it, and a test binary under the race detector is large.
func rudeTargets(t *testing.T, limit int64) {
	for _, r := range rudenesses {
		for _, from := range []string{"the start", "the load"} {
			t.Run(r.name+" from "+from, func(t *testing.T) {
				t.Parallel()
				s := &rudeServer{rude: r.rude}
				if from == "the load" {
					s.after = 40 // within the warm-up
				}
				dir := t.TempDir()
				begun := time.Now()
				var more []string
				if r.name == eachByte {
					more = []string{"--set", "load.duration=2s"}
				}
				code, out, memory := runAgainst(t, dir, s.serve(t), more...)
				if took := time.Since(begun); took > time.Minute {
					t.Errorf("took %v", took)
				}
				if strings.Contains(out, "panic") || strings.Contains(out, "goroutine ") {
					t.Errorf("a stack:\n%s", out)
				}
				if limit > 0 && memory > limit {
					t.Errorf("took %d MiB", memory>>20)
				}
				if from == "the start" {
					if code != exitCannotRun || !strings.Contains(out, "tussle: hint: the request was: curl -sS -i ") {
						t.Errorf("exit %d\n%s", code, out)
					}
					return
				}
				if code != exitInconclusive && code != exitFail {
					t.Errorf("exit %d\n%s", code, out)
				}
				text, err := os.ReadFile(filepath.Join(dir, "out", jsonFile))
				if err != nil {
					t.Fatalf("exit %d, no report: %v\n%s", code, err, out)
				}
				if !gjson.GetBytes(text, "strategies.0.by_class").Exists() {
					t.Errorf("the report counts no classes: %s", text)
				}
				// What falls into the measured part depends on how busy the machine
				// is; the record has it all.
				recorded := map[history.Class]int{}
				if err := history.Each(filepath.Join(dir, "out", historyFile), func(rec *history.Record) {
					if rec.Kind == history.KindRequest && rec.Request.Block >= 0 {
						recorded[rec.Request.Class]++
					}
				}); err != nil {
					t.Fatal(err)
				}
				counted := r.classes == ""
				for _, class := range strings.Split(r.classes, ",") {
					counted = counted || recorded[history.Class(class)] > 0
				}
				if !counted {
					t.Errorf("none of %s is recorded: %v", r.classes, recorded)
				}
				if cuts := s.seen.Load() - s.after; r.name == eachByte && cuts < int64(len(wholeAnswer)) {
					t.Errorf("closed at %d of %d bytes", cuts, len(wholeAnswer))
				}
			})
		}
	}
}
