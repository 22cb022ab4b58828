package runner

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tussle/runner/secrets"
	"tussle/scenarios"
)

func started(t *testing.T, file, text string) (*target, error) {
	t.Helper()
	s, err := scenarios.Parse(file, text+`
[workload]
kind = "counter"
[target.setup]
request = "PUT /items/{key}"
[target.read]
request = "GET /items/{key}"
value   = "json:v"
[target.write]
request = "PUT /items/{key}"
body    = { v = "{value}" }
[[strategy]]
locking = "none"
`, scenarios.Options{Env: os.LookupEnv})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tg, err := startTarget(ctx, s, "r1", Options{Dir: t.TempDir(), Secrets: &secrets.Registry{}})
	t.Cleanup(tg.stop)
	return tg, err
}

// An old server on the port is not what was started.
func TestAPortThatIsTakenIsNoTarget(t *testing.T) {
	old := httptest.NewServer(http.NotFoundHandler())
	defer old.Close()
	_, err := started(t, "x.toml", `
[target]
url     = "`+old.URL+`"
command = ["sleep", "30"]
`)
	var c *CannotRun
	if !errors.As(err, &c) || !strings.Contains(c.What, "something already listens on "+strings.TrimPrefix(old.URL, "http://")) || c.Hint == "" {
		t.Errorf("%v", err)
	}
}

// A server that takes the port while the command fails is not it either.
func TestACommandThatEndedIsNoTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	go func() { // once the command runs, somebody else has the port
		for range 1000 {
			if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if l, err := net.Listen("tcp", addr); err == nil {
			server := &http.Server{Handler: http.NotFoundHandler()}
			t.Cleanup(func() { server.Close() })
			_ = server.Serve(l)
		}
	}()
	_, err = started(t, filepath.Join(dir, "x.toml"), `
[target]
url     = "http://`+addr+`"
command = ["sh", "-c", "touch runs; exit 3"]
ready   = { request = "GET /", within = "5s" }
`)
	var c *CannotRun
	if !errors.As(err, &c) || !strings.Contains(c.What, "ended") {
		t.Errorf("%v", err)
	}
}

// Commands, folders and files start at the scenario's folder.
func TestACommandStartsInTheScenariosFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "api"), []byte("#!/bin/sh\npwd > here\nexec sleep 30\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	_, err = started(t, filepath.Join(dir, "x.toml"), `
[target]
url     = "http://`+addr+`"
command = ["./api"]
ready   = { request = "GET /", within = "300ms" }
`)
	var c *CannotRun
	if !errors.As(err, &c) || !strings.Contains(c.What, "was not ready within") {
		t.Errorf("%v", err)
	}
	here, err := os.ReadFile(filepath.Join(dir, "here"))
	if want, _ := filepath.EvalSymlinks(dir); err != nil || strings.TrimSpace(string(here)) != want {
		t.Errorf("it ran in %q (%v), want %s", here, err, want)
	}
}

// A target that ends by itself is told, with its last words; one that a fault
// ended, or the end of the run, is not.
func TestAnExitOfTheTargetIsNoted(t *testing.T) {
	words := `for i in 1 2 3 4 5 6 7; do echo line $i; done; echo; `
	for _, c := range []struct {
		name, script string
		kill         bool
		how          string
	}{
		{"exits", words + "exit 3", false, "exit status 3"},
		{"is killed by somebody", words + "kill -9 $$", false, "signal: killed"},
		{"is killed by a fault", words + "exec sleep 30", true, ""},
		{"lives", words + "exec sleep 30", false, ""},
	} {
		p, err := launch(exec.Command("sh", "-c", c.script), Options{Dir: t.TempDir()}, false)
		if err != nil {
			t.Fatal(err)
		}
		tg := &target{process: p}
		switch {
		case c.kill:
			if _, err := p.kill9(); err != nil {
				t.Fatal(err)
			}
		case c.how != "":
			<-p.exited
		}
		got := tg.exited()
		if again := tg.exited(); len(again) != len(got) {
			t.Errorf("%s: told again", c.name)
		}
		tg.stop()
		if len(tg.exited()) != len(got) {
			t.Errorf("%s: our own stop is told", c.name)
		}
		if c.how == "" {
			if len(got) != 0 {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].how != c.how || strings.Join(got[0].output, ",") != "line 3,line 4,line 5,line 6,line 7" {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
