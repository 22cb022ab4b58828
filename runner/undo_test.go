//go:build linux

package runner

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tussle/history"
	"tussle/runner/fault"
	"tussle/runner/live"
	"tussle/scenarios"
	"tussle/targets"
)

// TestMain plays the built-in target: serve NAME --addr ADDRESS --parent.
func TestMain(m *testing.M) {
	if len(os.Args) < 5 || os.Args[1] != "serve" {
		os.Exit(m.Run())
	}
	if err := targets.Serve(context.Background(), os.Args[2], nil, os.Args[4], os.Stdout, os.Stdin); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

const stopsAndPanics = `
name = "panic"
[target]
use = "memory"
[workload]
kind = "counter"
keys = 2
pause = "uniform(400ms, 900ms)"
[load]
clients = 4
duration = "20s"
warmup = "0s"
drain = "1s"
repeat = 2
[[strategy]]
name = "optimistic"
locking = "optimistic"
[[fault]]
kind = "herd"
from = "10ms"
for = "19s"
[[fault]]
kind = "pause"
from = "10ms"
for = "19s"
`

// A request that is spoilt by panic panics in its client; a window of panic
// panics where windows are opened.
var (
	panicInClient = fault.Kind{Name: "panic", Acts: fault.OnRequest, Spoil: func(*fault.Fault, *fault.Exchange) fault.Done { panic("on purpose") }}
	panicInWindow = fault.Kind{Name: "panic", Acts: fault.OnProcess,
		Begin: func(context.Context, fault.World) (string, error) { panic("on purpose") },
		End:   func(context.Context, fault.World) (string, bool, error) { return "", false, nil }}
)

// Wherever tussle itself panics while its target is stopped and its clients
// are held: the run ends with an error that says so, and no process, no stopped
// process and no port is left. What was recorded can be read.
func TestAPanicUndoesEverything(t *testing.T) {
	known := fault.All
	defer func() { fault.All = known }()
	for _, c := range []struct {
		name  string
		kind  *fault.Kind
		spec  scenarios.Fault
		free  bool               // clients are not held, or none would get there
		shown func(stopped bool) // is called while the load runs
	}{
		{name: "in a client", kind: &panicInClient, spec: scenarios.Fault{Kind: "panic", Count: 1}, free: true},
		{name: "in a window", kind: &panicInWindow, spec: scenarios.Fault{Kind: "panic", From: scenarios.Duration(300 * time.Millisecond)}},
		{name: "in the progress", shown: func(stopped bool) {
			if stopped {
				panic("on purpose")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scenarios.Load(write(t, stopsAndPanics), scenarios.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if c.free {
				s.Faults = s.Faults[1:]
			}
			fault.All = known
			if c.kind != nil {
				fault.All = append(known[:len(known):len(known)], *c.kind)
				s.Faults = append([]scenarios.Fault{c.spec}, s.Faults...)
			}
			var seen seen
			var hist bytes.Buffer
			o := Options{Self: []string{os.Args[0], "serve"}, Dir: t.TempDir(), Progress: func(live.Snapshot) {
				stopped := seen.look(t)
				if c.shown != nil {
					c.shown(stopped)
				}
			}}
			begun := time.Now()
			_, err = Run(t.Context(), s, &hist, o)
			if err == nil || !strings.Contains(err.Error(), "tussle itself failed: on purpose") {
				t.Errorf("got %v, expected what went wrong", err)
			}
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("it took %v: the load went on", took)
			}
			seen.gone(t)
			requests := 0
			r, err := history.NewReader(&hist)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for rec := (history.Record{}); r.Read(&rec) == nil; {
				if rec.Kind == history.KindRequest {
					requests++
				}
			}
			if requests == 0 {
				t.Error("nothing that was recorded can be read")
			}
		})
	}
}

// seen is what there was of children of ours while the run was under way.
type seen struct {
	pids  map[int]bool
	ports map[string]bool
}

func children() (pids []int) {
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, f := range tasks {
		text, _ := os.ReadFile(f) // a thread may have ended
		for _, word := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(word)
			pids = append(pids, pid)
		}
	}
	return pids
}

// look notes the children and reports whether one of them is stopped.
func (s *seen) look(t *testing.T) (any bool) {
	if s.pids == nil {
		s.pids, s.ports = map[int]bool{}, map[string]bool{}
	}
	for _, pid := range children() {
		s.pids[pid] = true
		any = any || stopped(pid)
		for _, port := range listening(t, pid) {
			s.ports[port] = true
		}
	}
	return any
}

// listening asks the kernel for the loopback ports that a process listens on.
func listening(t *testing.T, pid int) (ports []string) {
	dir := "/proc/" + strconv.Itoa(pid)
	mine := map[string]bool{}
	fds, _ := filepath.Glob(dir + "/fd/*")
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			mine[strings.Trim(to, "socket:[]")] = true
		}
	}
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		t.Error(err)
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) > 9 && w[3] == "0A" && mine[w[9]] { // 0A: listening
			_, hex, _ := strings.Cut(w[1], ":")
			port, _ := strconv.ParseUint(hex, 16, 16)
			ports = append(ports, strconv.FormatUint(port, 10))
		}
	}
	return ports
}

func (s *seen) gone(t *testing.T) {
	t.Helper()
	if len(s.pids) == 0 || len(s.ports) == 0 {
		t.Fatalf("saw the children %v and the ports %v: there was nothing to undo", s.pids, s.ports)
	}
	for pid := range s.pids {
		if syscall.Kill(-pid, 0) == nil {
			t.Errorf("something is left of the process group %d; stopped: %v", pid, stopped(pid))
		}
	}
	for port := range s.ports {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", port), time.Second); err == nil {
			c.Close()
			t.Errorf("something listens on port %s", port)
		}
	}
}

func write(t *testing.T, scenario string) string {
	path := filepath.Join(t.TempDir(), "scenario.toml")
	if err := os.WriteFile(path, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
