package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tussle/history"
	"tussle/report/check/serial"
	"tussle/runner"
	"tussle/runner/probe"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

type probeFlags struct {
	out                   string
	set, only, allowHosts []string
}

func probeCommand(e *env) *cobra.Command {
	var f probeFlags
	c := &cobra.Command{
		Use:   "probe SCENARIO|URL",
		Short: "ask a target, without load, which locking promises it keeps",
		Long: `probe sends a few dozen requests, one at a time, and says for each promise what the
server did: is a stale version refused, a made-up one, none? Is a second lock? Then it
walks all orders of the requests of two clients. What it finds needs no race; what needs
one is found by tussle run.

A URL that ends in / is a WebDAV collection, where files are made and removed. Any other
URL is one resource: it is read, and what was read is written back with If-Match.`,
		Example: `  tussle probe flash-sale
  tussle probe my.toml --set target.url=http://127.0.0.1:8080
  tussle probe http://127.0.0.1:8080/dav/`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return e.probe(args[0], f) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "folder for the history, which tussle check judges again (default: none is kept)")
	fl.StringArrayVar(&f.set, "set", nil, "override a value of the scenario: target.url=... (repeatable)")
	fl.StringArrayVar(&f.only, "strategy", nil, "probe only this strategy (repeatable)")
	fl.StringArrayVar(&f.allowHosts, "allow-host", nil, "a host outside loopback that may be probed (repeatable)")
	return completions(c)
}

func (e *env) probe(name string, f probeFlags) error {
	load := scenarios.Options{Set: f.set, Only: f.only, Env: os.LookupEnv}
	var s *scenarios.Scenario
	var o probe.Options
	var err error
	if u, isURL := httpURL(name); isURL {
		load.Env = func(string) (string, bool) { return "", false } // the URL is what was typed
		s, err = scenarios.Parse("probe", ofURL(u), load)
		o.Same, o.Lives = !collection(u), collection(u)
	} else {
		s, err = e.load(name, load)
	}
	if err != nil {
		return err
	}
	if len(s.Operations) > 0 {
		return notOwn("probe")
	}
	if len(s.Strategies) == 0 {
		return usage("no strategy is left to probe", "tussle explain "+name+" shows the strategies")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir := f.out
	if dir != "" {
		if dir, err = newFolder(f.out, s.Name); err != nil {
			return err
		}
	} else {
		if dir, err = os.MkdirTemp("", "tussle-probe-"); err != nil {
			return &hinted{exitCannotRun, "cannot make a folder for the target's output: " + err.Error(), "see TMPDIR"}
		}
		defer os.RemoveAll(dir)
	}
	path := filepath.Join(dir, historyFile)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return &hinted{exitCannotRun, "cannot write the history: " + err.Error(), "choose another folder with -o"}
	}
	reg := &secrets.Registry{}
	interrupted, probeErr := e.ask(s, o, file, dir, self, f.allowHosts, reg)
	if err := file.Close(); err != nil && probeErr == nil {
		probeErr = fmt.Errorf("history: %w", err)
	}
	if probeErr != nil {
		return probeErr
	}
	if interrupted {
		e.code = exitInterrupted
		return nil
	}
	tables, _, err := serialOf(path)
	if err != nil {
		return err
	}
	return e.showProbe(maskedTo{e.out, reg}, name, tables)
}

// ask sends a probe's requests and records them.
func (e *env) ask(s *scenarios.Scenario, o probe.Options, w io.Writer, dir, self string, hosts []string, reg *secrets.Registry) (interrupted bool, err error) {
	heard := listen()
	defer heard.restore()
	ctx, cancel := heard.untilFirst()
	defer cancel()
	session, err := runner.Open(ctx, s, runner.Options{Self: []string{self, "serve"}, Dir: dir, Version: version(), Command: append([]string{"tussle"}, e.args...),
		AllowHosts: hosts, Secrets: reg, History: w})
	if err != nil {
		return ctx.Err() != nil, err
	}
	err = probe.Run(ctx, session, o)
	if closed := session.Close(); err == nil {
		err = closed
	}
	if ctx.Err() != nil {
		return true, nil
	}
	return false, err
}

// serialOf judges a history whose requests were sent one at a time; name is
// what was probed. It is nil for the history of a run.
func serialOf(path string) (tables []serial.Table, name string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", &hinted{exitCannotRun, err.Error(), "give the folder of a run, or its " + historyFile}
	}
	defer f.Close()
	r, err := history.NewReader(f)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	defer r.Close()
	j := serial.New()
	var rec history.Record
	for first := true; ; first = false {
		err := r.Read(&rec)
		switch {
		case errors.Is(err, io.EOF):
			return j.Finish(), name, nil
		case first && (err != nil || rec.Kind != history.KindHeader || rec.Header.Mode != history.ModeProbe):
			return nil, "", nil // another judge says what it is
		case err != nil:
			return nil, "", fmt.Errorf("%s: %w", path, err)
		case first:
			name = rec.Header.Plan.Scenario
		}
		if err := j.Add(&rec); err != nil {
			return nil, "", err
		}
	}
}

// showProbe prints the tables of a probe and sets the exit code.
func (e *env) showProbe(out io.Writer, name string, tables []serial.Table) error {
	for i := range tables {
		if tables[i].Violations() > 0 {
			e.code = exitFail
		}
	}
	return writeProbe(out, name, tables)
}

// writeProbe prints the tables: promise, what the server did, verdict; below
// each, the requests that show what was violated.
func writeProbe(out io.Writer, name string, tables []serial.Table) error {
	var b strings.Builder
	violations := 0
	for i := range tables {
		t := &tables[i]
		scheme := ""
		if t.Scheme != "" {
			scheme = ", scheme " + t.Scheme
		}
		fmt.Fprintf(&b, "%s (%s, dialect %s%s): %d requests, then %d to walk orders, one at a time\n\n",
			printable(t.Strategy), t.Locking, printable(t.Dialect), scheme, t.Requests-t.Walked, t.Walked)
		w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
		fmt.Fprintf(w, "  \tpromise\twhat the server did\tverdict\n")
		for _, r := range t.Rows {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", marks[r.Verdict], printable(r.Promise), printable(r.Did), r.Verdict)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		b.WriteByte('\n')
		for _, r := range t.Rows {
			if len(r.Curl) == 0 {
				continue
			}
			fmt.Fprintf(&b, "  %s %s: %s\n", marks[r.Verdict], printable(r.Promise), printable(r.Did))
			if r.Order != "" {
				fmt.Fprintf(&b, "    %s\n", printable(r.Order))
			}
			for _, line := range r.Curl {
				fmt.Fprintf(&b, "    %s\n", printable(line))
			}
			b.WriteByte('\n')
		}
		if t.Races != "" {
			fmt.Fprintf(&b, "  not probed: %s. That takes overlapping requests: tussle run\n\n", t.Races)
		}
		violations += t.Violations()
	}
	switch violations {
	case 0:
		fmt.Fprintf(&b, "%s: no promise was seen broken by requests that do not overlap\n", printable(name))
	case 1:
		fmt.Fprintf(&b, "%s: 1 promise is broken without any overlap\n", printable(name))
	default:
		fmt.Fprintf(&b, "%s: %d promises are broken without any overlap\n", printable(name), violations)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

var marks = map[serial.Verdict]string{serial.Holds: "✔", serial.Violated: "✘", serial.SameCause: "↑", serial.NotPromised: "!", serial.Noted: "·", serial.NotExercised: "?"}

// printable keeps control characters of a server's answer from the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// httpURL tells a URL from the name of a scenario.
func httpURL(name string) (*url.URL, bool) {
	u, err := url.Parse(name)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// collection reports whether a URL is probed as a WebDAV collection.
func collection(u *url.URL) bool { return u.Path == "" || strings.HasSuffix(u.Path, "/") }

// ofURL makes a scenario of a bare URL. A single resource is not set up, only
// read: it is there.
func ofURL(u *url.URL) string {
	if collection(u) {
		return fmt.Sprintf(`name = "probe"
[target]
url = %q
[workload]
kind = "counter"
[[strategy]]
name    = "if-match"
locking = "optimistic"
dialect = "webdav"
[[strategy]]
name     = "lock"
locking  = "pessimistic"
dialect  = "webdav"
promises = ["no-lost-update"]
`, u.String())
	}
	base := url.URL{Scheme: u.Scheme, Host: u.Host, User: u.User}
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	path = strings.NewReplacer("{", "%7B", "}", "%7D").Replace(path) // no variable
	return fmt.Sprintf(`name = "probe"
[target]
url = %q
[target.setup]
request = %q
[target.read]
request = %q
value   = "body"
version = "header:ETag"
capture = { content_type = "header:Content-Type" }
[target.write]
request = %q
headers = { If-Match = "{version}", Content-Type = "{content_type}" }
body    = "{read.body}"
version = "header:ETag"
[workload]
kind = "register"
[[strategy]]
name    = "if-match"
locking = "optimistic"
`, base.String(), "GET "+path, "GET "+path, "PUT "+path)
}
