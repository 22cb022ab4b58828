package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tussle/runner/record"
	"tussle/runner/transport"
)

type recordFlags struct {
	target, listen, out string
	allowHosts          []string
	draft               initFlags
}

func recordCommand(e *env) *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "record --target URL [-- COMMAND...]",
		Short: "record what your own tests, browser or load tool send, and draft a scenario from it",
		Long: `record stands between your clients and your API as a reverse proxy. It passes
every byte on and keeps requests with their answers; at the end it prints the
draft of a scenario. With a COMMAND it ends when the command does; the command
finds the proxy's address in TUSSLE_URL. Else it ends with Ctrl-C.`,
		Example: `  tussle record --target http://127.0.0.1:8080 -- npm test > articles.toml
  tussle record --target http://127.0.0.1:8080 --listen 127.0.0.1:9000 --har shop.har`,
		RunE: func(_ *cobra.Command, args []string) error { return e.record(args, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.target, "target", "", "the API: http://HOST:PORT")
	fl.StringVar(&f.listen, "listen", "127.0.0.1:0", "loopback address to listen on")
	fl.StringVar(&f.out, "har", "", "also keep the recording in this HAR file, with secrets masked")
	fl.StringVar(&f.draft.resource, "resource", "", "of several resources this one: its name or its path")
	fl.StringArrayVar(&f.allowHosts, "allow-host", nil, "a host outside loopback that may be passed on to, or listened on (repeatable)")
	return c
}

// record runs the proxy until the command or the user ends it, and drafts.
func (e *env) record(command []string, f recordFlags) error {
	target, err := url.Parse(f.target)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return usage(fmt.Sprintf("--target %q is no address of an API", f.target), "such as --target http://127.0.0.1:8080")
	}
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return usage("--listen "+f.listen+": HOST:PORT was expected", "such as --listen 127.0.0.1:9000")
	}
	for _, h := range []string{host, target.Hostname()} {
		if !transport.Loopback(h) && !slices.Contains(f.allowHosts, h) {
			return usage(h+" is outside loopback", "if that is meant, add --allow-host "+h)
		}
	}
	heard := listen()
	defer heard.restore()
	ctx, cancel := heard.untilFirst()
	defer cancel()
	at, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return &hinted{exitCannotRun, err.Error(), "another program has the port: choose one with --listen"}
	}
	proxy := record.New(target)
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: 30 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(at) }()
	address := "http://" + at.Addr().String()
	fmt.Fprintf(e.errOut, "recording: %s passes on to %s\n", address, f.target)
	commandErr := e.recorded(ctx, command, address)
	stop, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // a client that never ends its request
	}
	if err := <-served; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return &hinted{exitCannotRun, err.Error(), ""}
	}
	s, tally := proxy.Recording()
	fmt.Fprintf(e.errOut, "recording: %s passed on, %d kept", plural(tally.Seen, "request", "requests"), tally.Kept)
	if tally.Cut > 0 {
		fmt.Fprintf(e.errOut, "; %d had a body of more than %d KiB, which is kept up to there", tally.Cut, record.MaxBody>>10)
	}
	if tally.Failed > 0 {
		fmt.Fprintf(e.errOut, "; %d were answered with 502, as %s did not answer", tally.Failed, f.target)
	}
	fmt.Fprintln(e.errOut)
	if f.out != "" {
		if err := writeFile(f.out, func(w io.Writer) error { return s.WriteHAR(w) }); err != nil {
			return err
		}
	}
	if commandErr != nil {
		return commandErr
	}
	if len(s.Exchanges) == 0 {
		return &hinted{exitCannotRun, "no request came through the proxy", "let your clients use " + address + " in place of " + f.target + " (a command finds it in TUSSLE_URL)"}
	}
	return e.printDraft("the recording", s, f.draft)
}

// recorded waits for the command, or for Ctrl-C where there is none.
func (e *env) recorded(ctx context.Context, command []string, address string) error {
	if len(command) == 0 {
		<-ctx.Done()
		return nil
	}
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = append(os.Environ(), "TUSSLE_URL="+address)
	c.Stdout, c.Stderr, c.Stdin = e.errOut, e.errOut, e.in
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	var exited *exec.ExitError
	switch {
	case err == nil, ctx.Err() != nil:
		return nil
	case errors.As(err, &exited):
		fmt.Fprintf(e.errOut, "recording: %s ended with %v; what it sent is used all the same\n", command[0], err)
		return nil
	}
	return &hinted{exitCannotRun, fmt.Sprintf("%s cannot be started: %v", command[0], err), "the command stands behind --"}
}
