//go:build linux

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// thorough is make long: the figures that docs/faults.md states.
var thorough = os.Getenv("TUSSLE_SEEDS") != ""

func often(short, long int) int {
	if thorough {
		return long
	}
	return short
}

// program is this test binary as tussle, in a directory of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A copy: the program starts its target by its own path, and what it does
	// goes by the path's last part (testscript.Main).
	link := filepath.Join(t.TempDir(), "tussle")
	text, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(link, text, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "CI=true", "TUSSLE_LEFT="+t.Name())
	return cmd
}

// left lists the processes that carry the mark of a test in their environment,
// with their states: what a run may have left behind, wherever it was adopted.
func left(mark string) (found []string) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		env, err := os.ReadFile(dir + "/environ")
		if err != nil || !bytes.Contains(env, []byte("TUSSLE_LEFT="+mark+"\x00")) {
			continue
		}
		stat, err := os.ReadFile(dir + "/stat")
		if i := bytes.LastIndexByte(stat, ')'); err == nil && i > 0 && len(stat) > i+2 && stat[i+2] != 'Z' {
			found = append(found, filepath.Base(dir)+" "+string(stat[i+2:i+3]))
		}
	}
	return found
}

const everythingWrong = `
name = "everything"
[target]
use = "memory"
options = { state = "temporary" }
[workload]
kind = "counter"
keys = 2
think = "1ms"
[load]
clients = 6
duration = "400ms"
warmup = "0s"
drain = "3s"
repeat = 20
[[strategy]]
name = "lease"
locking = "pessimistic"
dialect = "lease"
lock = { ttl = "50ms" }
retry = { unknown = "retry" }
[[fault]]
kind = "pause"
from = "50ms"
for = "60ms"
every = "200ms"
[[fault]]
kind = "kill"
from = "120ms"
for = "60ms"
every = "200ms"
[[fault]]
kind = "herd"
from = "120ms"
for = "70ms"
every = "200ms"
[[fault]]
kind = "lost-response"
share = 0.05
[[fault]]
kind = "stale-replica"
share = 0.05
`

// Whenever a run is stopped, by Ctrl-C or by kill -9, and whatever fault is at
// work then: no process is left, stopped or not, and no port is listened on.
func TestNothingIsLeftWheneverARunEnds(t *testing.T) {
	dir := t.TempDir()
	scenario := filepath.Join(dir, "everything.toml")
	if err := os.WriteFile(scenario, []byte(everythingWrong), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range often(6, 100) {
		out := filepath.Join(dir, "out"+strconv.Itoa(n))
		cmd := program(t, "run", scenario, "-o", out, "-q")
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(200+rand.IntN(1500)) * time.Millisecond)
		sig := syscall.SIGINT
		if n%3 == 2 {
			sig = syscall.SIGKILL
		}
		before := ports(left(t.Name()))
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the code is looked at below
		code := cmd.ProcessState.ExitCode()
		if sig == syscall.SIGINT && code != exitInterrupted && code != -1 { // -1: before the signal was awaited
			t.Errorf("run %d: exit code %d after Ctrl-C\n%s", n, code, &said)
		}
		var still []string
		for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
			if still = left(t.Name()); len(still) == 0 {
				break
			}
		}
		if len(still) > 0 {
			t.Fatalf("run %d, %v: processes are left: %v", n, sig, still)
		}
		for _, p := range before {
			if c, err := net.DialTimeout("tcp", "127.0.0.1:"+p, time.Second); err == nil {
				c.Close()
				t.Errorf("run %d, %v: something listens on port %s", n, sig, p)
			}
		}
		if leftover, _ := filepath.Glob(filepath.Join(os.TempDir(), "tussle-state-"+strconv.Itoa(cmd.Process.Pid))); len(leftover) > 0 {
			if sig == syscall.SIGINT && code == exitInterrupted {
				t.Errorf("run %d: %v is left", n, leftover)
			}
			os.Remove(leftover[0])
		}
	}
}

// ports lists the TCP ports on which processes listen.
func ports(processes []string) (list []string) {
	inodes := map[string]bool{}
	for _, p := range processes {
		pid, _, _ := strings.Cut(p, " ")
		fds, _ := filepath.Glob("/proc/" + pid + "/fd/*")
		for _, fd := range fds {
			if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
				inodes[strings.Trim(to, "socket:[]")] = true
			}
		}
	}
	text, _ := os.ReadFile("/proc/net/tcp")
	for _, line := range strings.Split(string(text), "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != "0A" || !inodes[f[9]] { // 0A: listening
			continue
		}
		_, hex, _ := strings.Cut(f[1], ":")
		if port, err := strconv.ParseUint(hex, 16, 16); err == nil {
			list = append(list, strconv.FormatUint(port, 10))
		}
	}
	return list
}

// killed runs a scenario with so many kills in the middle of writes and
// returns its report.
func killed(t *testing.T, kills int, more ...string) string {
	out := filepath.Join(t.TempDir(), "out")
	args := append([]string{"run", "kill-9-durability", "-o", out, "-q", "--set", "load.repeat=1", "--set", "load.warmup=0s",
		"--set", "load.duration=" + strconv.Itoa(kills*200) + "ms", "--set", "fault.0.from=150ms", "--set", "fault.0.for=20ms", "--set", "fault.0.every=200ms"}, more...)
	cmd := program(t, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	return string(text)
}

const durable = `strategies.0.properties.#(name=="durability").`

// Targets that acknowledge what the kernel has lose nothing to a kill.
func TestKillsLoseNothingThatWasAcknowledged(t *testing.T) {
	for _, c := range []struct {
		name string
		more []string
	}{
		{"sqlite", nil},
		{"memory", []string{"--set", "target.use=memory", "--set", `target.options={state="temporary"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kills := int64(0)
			for want := int64(often(5, 200)); kills < want; {
				text := killed(t, int(min(want-kills, 25)), c.more...)
				done := gjson.Get(text, "strategies.0.faults.0.effective").Int()
				if done == 0 {
					t.Fatal("no kill was effective")
				}
				kills += done
				if v := gjson.Get(text, durable+"violations").Int(); v != 0 {
					t.Errorf("%d acknowledged writes were lost: %s", v, gjson.Get(text, durable+"findings.0.sentence"))
				}
				if gjson.Get(text, durable+"exercised").Int() == 0 {
					t.Error("nothing was put to the test")
				}
			}
			t.Log(kills, "kills")
		})
	}
}

// One that acknowledges from its own buffer is caught.
func TestKillsCatchABuffer(t *testing.T) {
	caught, runs := 0, often(1, 20)
	for range runs {
		text := killed(t, 5, "--set", "target.use=memory", "--set", `target.options={state="temporary",defect="ack-before-durable"}`)
		if gjson.Get(text, durable+"violations").Int() > 0 {
			caught++
		}
	}
	if caught < runs-1 || caught == 0 {
		t.Errorf("caught in %d of %d runs", caught, runs)
	}
	t.Log(fmt.Sprint(caught, " of ", runs))
}
