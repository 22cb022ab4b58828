package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

// TestMain lets the scripts run the real program as a child process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tussle": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the command line as a user does; a script is a story.
func TestScripts(t *testing.T) {
	api, err := filepath.Abs("testdata/api")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("API", api) // small APIs in Python, with their scenarios
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"freeport":  freeport,
			"golden":    golden,
			"figure":    figure,
			"interrupt": interrupt,
			"shorten":   shorten,
		},
	})
}

// exits CODE PROGRAM ARGS: the program ends with exactly that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s\n%s%s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// figure FILE PATH OP VALUE: a figure of a report.json compares as stated.
// PATH is in gjson's syntax; VALUE may be another PATH that begins with a dot.
func figure(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: figure FILE PATH OP VALUE")
	}
	text := ts.ReadFile(args[0])
	got := gjson.Get(text, args[1])
	if !got.Exists() {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	want, number := args[3], 0.0
	if path, ok := strings.CutPrefix(want, "."); ok {
		want = gjson.Get(text, path).String()
	}
	number, err := strconv.ParseFloat(want, 64)
	ok := false
	switch args[2] {
	case "=":
		ok = got.String() == want
	case ">":
		ok = err == nil && got.Type == gjson.Number && got.Float() > number
	case "<=":
		ok = err == nil && got.Type == gjson.Number && got.Float() <= number
	default:
		ts.Fatalf("operator %q", args[2])
	}
	if !ok {
		ts.Fatalf("%s is %s, want %s %s", args[1], got.Raw, args[2], want)
	}
}

// interrupt SIGNAL CODE HISTORY PROGRAM ARGS: the program gets the signal once
// its history has grown past a frame, and ends with that code (-1: killed).
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: interrupt SIGNAL CODE HISTORY PROGRAM ARGS...")
	}
	sig := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[args[0]]
	path, err := exec.LookPath(filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[3]))
	ts.Check(err)
	cmd := exec.Command(path, args[4:]...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "CI=true")
	out, err := os.Create(ts.MkAbs("interrupted.out"))
	ts.Check(err)
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	ts.Check(cmd.Start())
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[2])); err == nil && info.Size() > 4000 {
			break
		}
		if time.Since(begun) > time.Minute {
			_ = cmd.Process.Kill()
			ts.Fatalf("no history after a minute")
		}
	}
	time.Sleep(300 * time.Millisecond)
	ts.Check(cmd.Process.Signal(sig))
	_ = cmd.Wait() // the code is compared below
	if code := fmt.Sprint(cmd.ProcessState.ExitCode()); code != args[1] {
		ts.Fatalf("exit code %s, want %s", code, args[1])
	}
}

// shorten FILE PERCENT: cuts that share off the file's end.
func shorten(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	percent, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), int64(float64(info.Size())*(1-percent/100))))
}
