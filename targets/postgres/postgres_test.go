//go:build unix

package postgres

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tussle/targets/throwaway"
)

// TestMain plays the process that starts a server and is killed.
func TestMain(m *testing.M) {
	if os.Getenv("TUSSLE_TEST_STARTER") == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background(), Options{Sync: Off})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.DSN, s.Dir)
	select {}
}

// reachable reports whether somebody listens where the DSN points to.
func reachable(t *testing.T, dsn string) bool {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.Host, "127.0.0.1:") {
		t.Fatalf("dsn %s: expected loopback", dsn)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

// eventually waits for what must come.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("%s: not within a minute", what)
}

func TestStartAndStop(t *testing.T) {
	s, err := Start(context.Background(), Options{Settings: map[string]string{"deadlock_timeout": "123ms"}})
	if err != nil {
		t.Fatal(err)
	}
	psql := exec.Command("psql", s.DSN, "--no-psqlrc", "--tuples-only", "--no-align", "--command",
		"select current_setting('fsync'), current_setting('synchronous_commit'), current_setting('deadlock_timeout')")
	out, err := psql.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "on|on|123ms" {
		t.Errorf("psql: got %s, %v", out, err)
	}
	if err := exec.Command("psql", strings.Replace(s.DSN, "tussle:", "tussle:x", 1), "--command", "select 1").Run(); err == nil {
		t.Error("a wrong password is let in")
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	if reachable(t, s.DSN) || !gone(s.Dir) {
		t.Errorf("something is left: listening %v, directory gone %v", reachable(t, s.DSN), gone(s.Dir))
	}
}

// Nothing is left of a server whose starter was killed.
func TestItDiesWithItsStarter(t *testing.T) {
	starter := exec.Command(os.Args[0])
	starter.Env = append(os.Environ(), "TUSSLE_TEST_STARTER=1")
	starter.Stderr = os.Stderr
	out, err := starter.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := starter.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = starter.Process.Kill() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dsn, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !reachable(t, dsn) {
		t.Fatalf("%s does not answer", dsn)
	}
	if err := starter.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = starter.Wait() // killed, as it should be
	eventually(t, "the server ends", func() bool { return !reachable(t, dsn) })
	eventually(t, "its directory goes", func() bool { return gone(dir) })
}

func TestWhatCannotStartSaysWhyAndLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	if err := os.Chmod(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(tmp), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	_, err := Start(context.Background(), Options{Settings: map[string]string{"shared_buffers": "lots"}})
	if err == nil || !strings.Contains(err.Error(), "shared_buffers") {
		t.Errorf("got %v, expected the server's own words", err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A start that is given up, whenever that is, leaves nothing either.
func TestAStartThatIsGivenUpLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	for _, dir := range []string{tmp, filepath.Dir(tmp)} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TMPDIR", tmp)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond, 900 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, Options{Sync: Off})
		cancel()
		if err == nil { // it was faster
			err = s.Stop()
			if err != nil {
				t.Error(err)
			}
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("given up after %v: left behind: %v, %v", after, left, err)
		}
	}
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		cwd, _ := os.Readlink(filepath.Join(filepath.Dir(p), "cwd")) // of ended processes: nothing
		if strings.HasPrefix(cwd, tmp) {
			line, _ := os.ReadFile(p)
			t.Errorf("still running in %s: %q", cwd, line)
		}
	}
}

// A server that is told to end before it listens to signals ends all the same:
// until then it ignores the one that it gets, as sh leaves it.
func TestAServerThatHasHardlyBegunEnds(t *testing.T) {
	model := &Server{Server: &throwaway.Server{Dir: t.TempDir()}}
	bin, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if model.Account, err = throwaway.Unprivileged("postgres"); err != nil {
		t.Fatal(err)
	}
	if err := model.Own(model.Dir); err != nil {
		t.Fatal(err)
	}
	for dir := model.Dir; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // the server's user must come through
			t.Fatal(err)
		}
	}
	if err := model.initialise(t.Context(), bin, "secret"); err != nil {
		t.Fatal(err)
	}
	for after := range 15 {
		s := &Server{Server: &throwaway.Server{Account: model.Account, Dir: filepath.Join(t.TempDir(), "server")}}
		if out, err := exec.Command("cp", "-a", model.Dir, s.Dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.Chmod(filepath.Dir(filepath.Dir(s.Dir)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Dir(s.Dir), 0o777); err != nil { // the guard removes it
			t.Fatal(err)
		}
		port, err := throwaway.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*time.Millisecond)
		begun := time.Now()
		err = s.launch(ctx, Options{Bin: bin, Sync: Off}, port)
		cancel()
		if err == nil {
			t.Errorf("started after %v", time.Since(begun))
		}
		if took := time.Since(begun); took > 15*time.Second {
			t.Fatalf("given up after %d ms, it ended after %v", after, took)
		}
	}
}

func TestFindTakesTheNewestThatIsComplete(t *testing.T) {
	root := t.TempDir()
	for name, programs := range map[string][]string{"9": {"initdb", "postgres"}, "15": {"initdb", "postgres"}, "17": {"psql"}} {
		for _, p := range programs {
			dir := filepath.Join(root, name, "bin")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, p), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	was := places
	defer func() { places = was }()
	places = []string{filepath.Join(root, "*", "bin")}
	if got, err := Find(); err != nil || got != filepath.Join(root, "15", "bin") {
		t.Errorf("got %s, %v", got, err)
	}
	places = nil
	t.Setenv("PATH", root)
	if _, err := Find(); err != ErrNotFound || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("got %v, expected the way out", err)
	}
}
