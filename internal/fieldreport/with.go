package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"tussle/internal/servers"
	"tussle/targets"
)

// running is a server under test.
type running struct {
	product, what, version string
	url                    string
	stop                   func() error
}

// title names it in the report.
func (s *running) title() string { return s.product + " " + s.version + ", " + s.what }

// names lists what -with takes.
func names() []string {
	var out []string
	for _, k := range servers.Kinds {
		out = append(out, k.Name)
	}
	return append(out, "webdav-memory", "webdav-directory")
}

// start starts a server by its name.
func start(ctx context.Context, name string) (*running, error) {
	if store, ok := strings.CutPrefix(name, "webdav-"); ok {
		return startBuiltin(ctx, store)
	}
	k, err := servers.Find(name)
	if err != nil {
		return nil, fmt.Errorf("server %q is not known; there are %s", name, strings.Join(names(), ", "))
	}
	v, err := k.Version(ctx)
	if err != nil {
		return nil, errors.Join(k.Installed(), err)
	}
	s, err := servers.Start(ctx, k)
	if err != nil {
		return nil, err
	}
	return &running{product: k.Product, what: k.What, version: v, url: s.URL, stop: s.Stop}, nil
}

// startBuiltin serves golang.org/x/net/webdav in this process; the load comes
// from another.
func startBuiltin(ctx context.Context, store string) (*running, error) {
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := targets.Serve(ctx, "webdav", map[string]string{"store": store}, "127.0.0.1:0", in, nil)
		_ = in.CloseWithError(errors.Join(io.EOF, err))
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		cancel()
		return nil, fmt.Errorf("the webdav target did not start: %w", errors.Join(err, <-ended))
	}
	return &running{product: "golang.org/x/net/webdav", what: "in " + map[string]string{"memory": "memory", "directory": "a directory"}[store],
		version: moduleVersion("golang.org/x/net"), url: url, stop: func() error { cancel(); return <-ended }}, nil
}

// with starts a server, runs a command that finds it in TUSSLE_TARGET_URL,
// stops it and returns the command's exit code.
func with(ctx context.Context, name string, command []string) (int, error) {
	if len(command) == 0 {
		return 2, errors.New("no command is given: -with SERVER COMMAND ARGUMENTS")
	}
	s, err := start(ctx, name)
	if err != nil {
		return 3, err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TUSSLE_TARGET_URL="+s.url)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if stopErr := s.stop(); stopErr != nil {
		return 3, errors.Join(err, stopErr)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 3, err
	}
	return 0, nil
}
