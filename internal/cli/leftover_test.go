//go:build linux

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	// The program starts its target by its own path, and what it does goes by the
	// path's last part (testscript.Main). A copy, made by another program: what
	// this one has open for writing while it forks elsewhere cannot be run.
	link := filepath.Join(t.TempDir(), "tussle")
	if os.Link(self, link) != nil { // another file system
		if out, err := exec.Command("cp", self, link).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "CI=true", "TUSSLE_LEFT="+t.Name())
	return cmd
}

// left lists the processes that carry the mark of a test in their environment
// or work in its directory, as PostgreSQL does, with their states: what a run
// may have left behind, wherever it was adopted.
func left(mark string) (found []string) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		env, err := os.ReadFile(dir + "/environ")
		cwd, _ := os.Readlink(dir + "/cwd") // of a process that has ended: nothing
		if err != nil || !bytes.Contains(env, []byte("TUSSLE_LEFT="+mark+"\x00")) && !strings.Contains(cwd, "/"+mark) {
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

// disturbed are the scenarios of the gallery in which something goes wrong,
// one that takes its time to start, and one with everything at once.
func disturbed(t *testing.T) []string {
	own := filepath.Join(t.TempDir(), "everything.toml")
	if err := os.WriteFile(own, []byte(everythingWrong), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{own, "pause", "optimistic-vs-pessimistic", "kill-9-durability", "herd-after-outage", "lost-response", "retry-storm",
		"double-charge", "lease-expiry", "holder-crash", "stale-replica"}
}

// Whenever a run is stopped, by Ctrl-C, by two of them or by kill -9, and
// whatever fault is at work then, also before the first block: no process is
// left, stopped or not, and no port is listened on. After Ctrl-C the exit code
// is 130, and the report is there if anything was recorded.
func TestNothingIsLeftWheneverARunEnds(t *testing.T) {
	scenarios := disturbed(t)
	moments := rand.New(rand.NewPCG(20261124, 8))
	stopped := map[syscall.Signal]int{}
	for n := range often(6, 130) {
		sig, times := syscall.SIGINT, 1+n%5/4
		if n%13 > 9 { // 3 of 13
			sig, times = syscall.SIGKILL, 1
		}
		r := start(t, "run", scenarios[n%len(scenarios)], "-q", "-o", filepath.Join(t.TempDir(), "out"))
		r.awaited()
		time.Sleep(time.Duration(moments.IntN(2500)) * time.Millisecond)
		r.look()
		for range times {
			_ = r.cmd.Process.Signal(sig) // it may have ended by itself
			time.Sleep(time.Duration(5*(times-1)) * time.Millisecond)
		}
		r.ends(t)
		stopped[sig]++
		code := r.cmd.ProcessState.ExitCode()
		switch {
		case sig == syscall.SIGKILL:
		case code == -1: // in the first milliseconds, in which it begins nothing
		case code != exitInterrupted:
			t.Errorf("%v: exit code %d after Ctrl-C\n%s", r.cmd.Args, code, &r.said)
		default:
			out := r.cmd.Args[len(r.cmd.Args)-1]
			_, unrecorded := os.Stat(filepath.Join(out, historyFile))
			_, unreported := os.Stat(filepath.Join(out, jsonFile))
			if unrecorded == nil && unreported != nil {
				t.Errorf("%v: a history, but %v\n%s", r.cmd.Args, unreported, &r.said)
			}
		}
	}
	t.Log(stopped)
}

// A Ctrl-C before the first block is one, too.
func TestInterruptWhileTheTargetStarts(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	r := start(t, "run", "optimistic-vs-pessimistic", "-o", out)
	for begun := time.Now(); len(left(t.Name())) < 2 && time.Since(begun) < 30*time.Second; { // the target's process
		time.Sleep(time.Millisecond)
	}
	begun := time.Now()
	if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	r.ends(t)
	if code := r.cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(r.said.String(), "nothing was recorded") {
		t.Errorf("exit code %d, %s", code, &r.said)
	}
	if found, _ := filepath.Glob(filepath.Join(out, "*")); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
	t.Log("ended after", time.Since(begun))
}

// Scenarios that come to their end leave nothing either.
func TestNothingIsLeftOfWholeRuns(t *testing.T) {
	scenarios := disturbed(t)[1:]
	for _, name := range scenarios[:often(1, len(scenarios))] {
		r := start(t, "run", name, "-q", "-o", filepath.Join(t.TempDir(), "out"), "--set", "load.repeat=1", "--set", "load.duration=1s")
		for r.look(); r.cmd.Process.Signal(syscall.Signal(0)) == nil && len(r.listen) == 0; r.look() {
			time.Sleep(20 * time.Millisecond)
		}
		r.ends(t)
		if code := r.cmd.ProcessState.ExitCode(); code != exitOK && code != exitFail && code != exitInconclusive {
			t.Errorf("%s: exit code %d\n%s", name, code, &r.said)
		}
	}
}

// started is the program while it runs.
type started struct {
	cmd    *exec.Cmd
	said   bytes.Buffer
	mark   string
	tmp    string   // its temporary files
	listen []socket // where it and its children were seen to listen
}

func start(t *testing.T, args ...string) *started {
	t.Helper()
	r := &started{cmd: program(t, args...), mark: t.Name(), tmp: t.TempDir()}
	r.cmd.Env = append(r.cmd.Env, "TMPDIR="+r.tmp)
	for _, dir := range []string{r.tmp, filepath.Dir(r.tmp)} { // PostgreSQL runs as somebody else
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.cmd.Stdout, r.cmd.Stderr = &r.said, &r.said
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// look notes where the program and its children listen.
func (r *started) look() { r.listen = append(r.listen, listening(left(r.mark))...) }

// awaited returns once the program awaits Ctrl-C: before, it has begun nothing,
// and where the test itself ignores the signal it would be lost.
func (r *started) awaited() {
	for range 3000 {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/status")
		if err != nil {
			return
		}
		_, caught, _ := strings.Cut(string(text), "\nSigCgt:\t")
		caught, _, _ = strings.Cut(caught, "\n")
		if mask, err := strconv.ParseUint(caught, 16, 64); err == nil && mask&(1<<(syscall.SIGINT-1)) != 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// ends waits for the program's end and looks at what is left of it.
func (r *started) ends(t *testing.T) {
	t.Helper()
	_ = r.cmd.Wait() // the code is the caller's affair
	var still []string
	var open []socket // the kernel takes a process's memory, by which it is found, before its sockets
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		still = left(r.mark)
		open = slices.DeleteFunc(sockets(), func(s socket) bool { return !slices.Contains(r.listen, s) })
		if len(still) == 0 && len(open) == 0 {
			break
		}
	}
	if len(still) > 0 {
		t.Fatalf("%v: processes are left: %v", r.cmd.Args, still)
	}
	if len(open) > 0 {
		t.Errorf("%v: something still listens on %s", r.cmd.Args, open)
	}
	if dirs, _ := filepath.Glob(filepath.Join(r.tmp, "tussle-postgres-*")); len(dirs) > 0 {
		t.Errorf("%v: %v is left", r.cmd.Args, dirs)
	}
	state := filepath.Join(r.tmp, "tussle-state-"+strconv.Itoa(r.cmd.Process.Pid))
	if _, err := os.Stat(state); err == nil {
		if r.cmd.ProcessState.ExitCode() == exitInterrupted {
			t.Errorf("%v: %s is left", r.cmd.Args, state)
		}
		os.Remove(state)
	}
}

// socket is one that listens: its port, and the kernel's number for it, as a
// port may be another program's by the time one looks again.
type socket struct{ port, inode string }

// sockets lists all TCP sockets that listen.
func sockets() (list []socket) {
	text, _ := os.ReadFile("/proc/net/tcp")
	for _, line := range strings.Split(string(text), "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != "0A" { // 0A: listening
			continue
		}
		_, hex, _ := strings.Cut(f[1], ":")
		if port, err := strconv.ParseUint(hex, 16, 16); err == nil {
			list = append(list, socket{strconv.FormatUint(port, 10), f[9]})
		}
	}
	return list
}

// listening lists those of some processes.
func listening(processes []string) (list []socket) {
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
	for _, s := range sockets() {
		if inodes[s.inode] {
			list = append(list, s)
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
			kills, exercised := int64(0), int64(0)
			for want := int64(often(5, 200)); kills < want || exercised == 0 && kills < 5*want; {
				text := killed(t, int(max(5, min(want-kills, 25))), c.more...)
				done := gjson.Get(text, "strategies.0.faults.0.effective").Int()
				if done == 0 {
					t.Fatal("no kill was effective")
				}
				kills += done
				if v := gjson.Get(text, durable+"violations").Int(); v != 0 {
					t.Errorf("%d acknowledged writes were lost: %s", v, gjson.Get(text, durable+"findings.0.sentence"))
				}
				exercised += gjson.Get(text, durable+"exercised").Int()
			}
			if exercised == 0 {
				t.Error("nothing was put to the test")
			}
			t.Log(kills, "kills,", exercised, "acknowledged writes put to the test")
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
