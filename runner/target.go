package runner

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"tussle/runner/transport"
	"tussle/scenarios"
)

// CannotRun is an error that ends a run before its load: exit code 3.
type CannotRun struct {
	What string
	Hint string
	Curl string // the request that failed
}

func (e *CannotRun) Error() string { return e.What }

// target is a running target.
type target struct {
	url     string // base URL without a scheme path
	process *exec.Cmd
	stdin   io.Closer
	exited  chan struct{}
	log     *os.File
	builtin bool
}

// startTarget starts the built-in target or the user's command, if any, and
// waits until it is ready.
func startTarget(ctx context.Context, s *scenarios.Scenario, o Options) (*target, error) {
	t := s.Target
	switch {
	case t.Use != "":
		return startBuiltin(ctx, t, o)
	case len(t.Command) > 0:
		return startCommand(ctx, t, o)
	}
	tg := &target{url: t.URL}
	if t.Ready.Request != "" {
		return tg, tg.awaitReady(ctx, t)
	}
	return tg, nil
}

func startBuiltin(ctx context.Context, t scenarios.Target, o Options) (*target, error) {
	args := append(append([]string{}, o.Self[1:]...), t.Use, "--addr", "127.0.0.1:0", "--parent")
	names := make([]string, 0, len(t.Options))
	for k := range t.Options {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		if k == "defect" {
			args = append(args, "--defect", t.Options[k])
			continue
		}
		args = append(args, "--option", k+"="+t.Options[k])
	}
	cmd := exec.Command(o.Self[0], args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	tg, err := launch(cmd, o, "target.log")
	if err != nil {
		return nil, err
	}
	tg.builtin = true
	line := make(chan string, 1)
	go func() {
		r := bufio.NewReader(stdout)
		text, _ := r.ReadString('\n')
		line <- strings.TrimSpace(text)
		_, _ = io.Copy(io.Discard, r)
	}()
	select {
	case text := <-line:
		url, ok := strings.CutPrefix(text, "listening ")
		if !ok {
			tg.stop()
			return nil, &CannotRun{What: fmt.Sprintf("the built-in target %q did not start: %s", t.Use, tail(o.Dir, "target.log")),
				Hint: "try: tussle serve " + t.Use}
		}
		tg.url = url
		return tg, nil
	case <-time.After(30 * time.Second):
		tg.stop()
		return nil, &CannotRun{What: fmt.Sprintf("the built-in target %q did not listen within 30 s", t.Use)}
	case <-ctx.Done():
		tg.stop()
		return nil, ctx.Err()
	}
}

func startCommand(ctx context.Context, t scenarios.Target, o Options) (*target, error) {
	cmd := exec.Command(t.Command[0], t.Command[1:]...)
	cmd.Dir = t.Dir
	cmd.Env = os.Environ()
	for k, v := range t.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	tg, err := launch(cmd, o, "target.log")
	if err != nil {
		return nil, &CannotRun{What: fmt.Sprintf("target command %q: %v", t.Command[0], err), Hint: "paths are relative to the scenario file"}
	}
	tg.url = t.URL
	if err := tg.awaitReady(ctx, t); err != nil {
		tg.stop()
		return nil, err
	}
	return tg, nil
}

// launch starts a child that ends with us: built-in targets watch their
// standard input, all others are killed in stop.
func launch(cmd *exec.Cmd, o Options, logName string) (*target, error) {
	tg := &target{process: cmd, exited: make(chan struct{})}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	tg.stdin = stdin
	if tg.log, err = os.Create(filepath.Join(o.Dir, logName)); err != nil {
		return nil, err
	}
	cmd.Stderr = tg.log
	if cmd.Stdout == nil {
		cmd.Stdout = tg.log
	}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		tg.log.Close()
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // how it ended is in ProcessState
		close(tg.exited)
	}()
	return tg, nil
}

// tail returns what a target's log ends with, for an error message: our own
// error line when there is one, else the last line.
func tail(dir, name string) string {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || len(text) == 0 {
		return "it said nothing"
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range lines {
		if why, ours := strings.CutPrefix(l, "tussle: error: "); ours {
			return why
		}
	}
	return lines[len(lines)-1]
}

// awaitReady asks until the target answers with 2xx (or at all, when no
// request is given).
func (tg *target) awaitReady(ctx context.Context, t scenarios.Target) error {
	within := time.Duration(t.Ready.Within)
	if within <= 0 {
		within = 30 * time.Second
	}
	end, err := transport.NewEndpoint(t.URL, tlsFiles(t))
	if err != nil {
		return &CannotRun{What: err.Error()}
	}
	method, path, ok := strings.Cut(t.Ready.Request, " ")
	if !ok {
		method, path = "GET", "/"
	}
	begun := time.Now()
	c := transport.NewConn(end, nil, func() int64 { return int64(time.Since(begun)) })
	defer c.Close()
	var req transport.Request
	var resp transport.Response
	last := "no answer"
	for time.Since(begun) < within {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tg.gone():
			return &CannotRun{What: "the target's command ended before it was ready", Hint: "its output is in target.log"}
		default:
		}
		req.Reset()
		req.SetMethod(method)
		req.SetTarget([]byte(end.URL.Path + path))
		res := c.Do(ctx, &req, &resp, time.Now().Add(2*time.Second))
		if res.Err != nil {
			last = res.Err.Error()
		} else if t.Ready.Request == "" || resp.Status()/100 == 2 {
			return nil
		} else {
			last = strconv.Itoa(resp.Status())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return &CannotRun{What: fmt.Sprintf("the target was not ready within %v: %s %s answered: %s", within, method, t.URL+path, last),
		Hint: "raise target.ready.within, or see target.log", Curl: fmt.Sprintf("curl -i -X %s '%s%s'", method, t.URL, path)}
}

// gone is closed when the target's process has ended; nil when there is none.
func (tg *target) gone() <-chan struct{} { return tg.exited }

// pid returns the child's process id, 0 when there is none.
func (tg *target) pid() int {
	if tg.process == nil || tg.process.Process == nil {
		return 0
	}
	return tg.process.Process.Pid
}

// stop ends the child: politely, then by force. It returns when it is gone.
func (tg *target) stop() {
	if tg == nil || tg.process == nil {
		return
	}
	tg.stdin.Close()
	terminate(tg.process)
	select {
	case <-tg.exited:
	case <-time.After(5 * time.Second):
		kill(tg.process)
		<-tg.exited
	}
	kill(tg.process) // what it may have left in its process group
	tg.log.Close()
}

func tlsFiles(t scenarios.Target) transport.Files {
	return transport.Files{CA: t.TLS.CA, Cert: t.TLS.Cert, Key: t.TLS.Key, ServerName: t.TLS.Name}
}
