package runner

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tussle/history/wire"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// target is a running target.
type target struct {
	url     string // base URL without a scheme path
	builtin bool
	ready   scenarios.Target                        // how to tell that it answers
	again   func(context.Context) (*process, error) // starts it again on the same port
	greet   *identity                               // whose headers go with what asks whether it is ready; nil of a built-in target

	mu       sync.Mutex // of what follows
	process  *process   // nil when it is not ours
	restarts int
	exits    []exit // of processes that ended by themselves
}

// startTarget starts the built-in target or the user's command, if any, and
// waits until it is ready.
func startTarget(ctx context.Context, s *scenarios.Scenario, run string, o Options) (*target, error) {
	t := s.Target
	greet, err := newIdentity(t, listed(t)[0], run, o.Secrets)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Use != "":
		return startBuiltin(ctx, t, o)
	case len(t.Command) > 0:
		return startCommand(ctx, t, greet, o)
	}
	tg := &target{url: t.URL, ready: t, greet: greet}
	if t.Ready.Request != "" {
		return tg, tg.awaitReady(ctx, nil)
	}
	return tg, nil
}

func startBuiltin(ctx context.Context, t scenarios.Target, o Options) (*target, error) {
	p, url, err := serveBuiltin(ctx, t, o, "127.0.0.1:0", false)
	if err != nil {
		return nil, err
	}
	tg := &target{url: url, builtin: true, process: p}
	tg.ready = scenarios.Target{URL: url, Ready: scenarios.Ready{Request: "GET /-/healthz"}}
	tg.again = func(ctx context.Context) (*process, error) {
		p, _, err := serveBuiltin(ctx, t, o, strings.TrimPrefix(url, "http://"), true)
		return p, err
	}
	return tg, nil
}

// serveBuiltin starts a built-in target on addr and returns its URL once it
// accepts connections.
func serveBuiltin(ctx context.Context, t scenarios.Target, o Options, addr string, again bool) (*process, string, error) {
	args := append(append([]string{}, o.Self[1:]...), t.Use, "--addr", addr, "--parent")
	for _, k := range slices.Sorted(maps.Keys(t.Options)) {
		v := strings.ReplaceAll(t.Options[k], "{dir}", o.Dir)
		if k == "defect" {
			args = append(args, "--defect", v)
			continue
		}
		args = append(args, "--option", k+"="+v)
	}
	cmd := exec.Command(o.Self[0], args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	p, err := launch(cmd, o, again)
	if err != nil {
		return nil, "", err
	}
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
			p.stop()
			return nil, "", &CannotRun{What: fmt.Sprintf("the built-in target %q did not start: %s", t.Use, tail(o.Dir, "target.log")),
				Hint: "try: tussle serve " + t.Use}
		}
		return p, url, nil
	case <-time.After(30 * time.Second):
		p.stop()
		return nil, "", &CannotRun{What: fmt.Sprintf("the built-in target %q did not listen within 30 s", t.Use)}
	case <-ctx.Done():
		p.stop()
		return nil, "", ctx.Err()
	}
}

func startCommand(ctx context.Context, t scenarios.Target, greet *identity, o Options) (*target, error) {
	tg := &target{url: t.URL, ready: t, greet: greet}
	if err := nobodyThere(t.URL); err != nil {
		return nil, err
	}
	start := func(ctx context.Context, again bool) (*process, error) {
		cmd := exec.Command(t.Command[0], t.Command[1:]...)
		cmd.Dir = t.Dir
		cmd.Env = os.Environ()
		for k, v := range t.Env {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		p, err := launch(cmd, o, again)
		if err != nil {
			return nil, &CannotRun{What: fmt.Sprintf("target command %q: %v", t.Command[0], err), Hint: "a command starts in the scenario's folder, or in target.dir, which is relative to it"}
		}
		if err := tg.awaitReady(ctx, p.exited); err != nil {
			p.stop()
			return nil, err
		}
		if err := p.settled(t.URL); err != nil {
			p.stop()
			return nil, err
		}
		return p, nil
	}
	tg.again = func(ctx context.Context) (*process, error) { return start(ctx, true) }
	var err error
	if tg.process, err = start(ctx, false); err != nil {
		return nil, err
	}
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
// request is given). gone is closed when its process has ended; nil when there
// is none.
func (tg *target) awaitReady(ctx context.Context, gone <-chan struct{}) error {
	t := tg.ready
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
	var fixed []transport.Header
	if tg.greet != nil {
		fixed = tg.greet.fixed
	}
	c := transport.NewConn(end, fixed, func() int64 { return int64(time.Since(begun)) })
	defer c.Close()
	var req transport.Request
	var resp transport.Response
	last, hint := "no answer", ""
	for time.Since(begun) < within {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-gone:
			return &CannotRun{What: "the target's command ended before it was ready", Hint: "its output is in target.log"}
		default:
		}
		req.Reset()
		req.SetMethod(method)
		req.SetTarget([]byte(end.URL.Path + path))
		if tg.greet != nil {
			tg.greet.Present(tg.greet.outside(), &req)
		}
		res := c.Do(ctx, &req, &resp, time.Now().Add(2*time.Second))
		if res.Err != nil {
			last, hint = res.Err.Error(), ""
			if hint := tlsAdvice(res.Err); hint != "" {
				return &CannotRun{What: fmt.Sprintf("%s %s got no answer: %s", method, t.URL+path, last), Hint: hint}
			}
		} else if t.Ready.Request == "" || resp.Status()/100 == 2 {
			return nil
		} else {
			last, hint = tells(&resp, strconv.Itoa(resp.Status()), "")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if hint == "" {
		hint = "name a request that it answers, or more time, in target.ready; what it printed is in target.log"
	}
	return &CannotRun{What: fmt.Sprintf("the target was not ready within %v: %s %s answered: %s", within, method, t.URL+path, last),
		Hint: hint, Curl: tg.greeting(method, t.URL+path)}
}

// greeting is the readiness request as a command.
func (tg *target) greeting(method, url string) string {
	r := wire.Request{Method: method, URL: url}
	if tg.greet != nil {
		r = tg.greet.Show(tg.greet.outside(), r)
	}
	return r.Curl()
}

// pid returns the child's process id, 0 when there is none.
func (tg *target) pid() int {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.process == nil || tg.process.ended() {
		return 0
	}
	return tg.process.pid()
}

// started counts how often the target was started again.
func (tg *target) started() int {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return tg.restarts
}

// stop ends the child and returns when it is gone.
func (tg *target) stop() {
	if tg == nil {
		return
	}
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.process != nil {
		tg.process.stop()
	}
}

func tlsFiles(t scenarios.Target) transport.Files {
	return transport.Files{CA: t.TLS.CA, Cert: t.TLS.Cert, Key: t.TLS.Key, ServerName: t.TLS.Name}
}
