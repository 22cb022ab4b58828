package cli

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tussle/runner"
	"tussle/runner/probe"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

type probeFlags struct {
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
	fl.StringArrayVar(&f.set, "set", nil, "override a value of the scenario: target.url=... (repeatable)")
	fl.StringArrayVar(&f.only, "strategy", nil, "probe only this strategy (repeatable)")
	fl.StringArrayVar(&f.allowHosts, "allow-host", nil, "a host outside loopback that may be probed (repeatable)")
	return c
}

func (e *env) probe(name string, f probeFlags) error {
	load := scenarios.Options{Set: f.set, Only: f.only, Env: os.LookupEnv}
	var s *scenarios.Scenario
	var o probe.Options
	var err error
	if u, isURL := httpURL(name); isURL {
		load.Env = func(string) (string, bool) { return "", false } // the URL is what was typed
		s, err = scenarios.Parse("probe", ofURL(u), load)
		o.Same = !collection(u)
	} else {
		s, err = scenarios.Load(name, load)
	}
	if err != nil {
		return err
	}
	if len(s.Strategies) == 0 {
		return usage("no strategy is left to probe", "tussle explain "+name+" shows the strategies")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tussle-probe-")
	if err != nil {
		return &hinted{exitCannotRun, "cannot make a folder for the target's output: " + err.Error(), "see TMPDIR"}
	}
	defer os.RemoveAll(dir)
	heard := listen()
	defer heard.restore()
	ctx, cancel := heard.untilFirst()
	defer cancel()
	reg := &secrets.Registry{}
	session, err := runner.Open(ctx, s, runner.Options{Self: []string{self, "serve"}, Dir: dir, Version: version(), AllowHosts: f.allowHosts, Secrets: reg})
	if err != nil {
		return err
	}
	defer session.Close()
	tables, err := probe.Run(ctx, session, o)
	if ctx.Err() != nil {
		e.code = exitInterrupted
		return nil
	}
	if err != nil {
		return err
	}
	violations := 0
	for i := range tables {
		violations += tables[i].Violations()
	}
	if violations > 0 {
		e.code = exitFail
	}
	return writeProbe(maskedTo{e.out, reg}, name, tables)
}

// writeProbe prints the tables: promise, what the server did, verdict; below
// each, the requests that show what was violated.
func writeProbe(out io.Writer, name string, tables []probe.Table) error {
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

var marks = map[probe.Verdict]string{probe.Holds: "✔", probe.Violated: "✘", probe.NotPromised: "!", probe.Noted: "·", probe.NotExercised: "?"}

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
body    = "{value}"
version = "header:ETag"
[workload]
kind = "register"
[[strategy]]
name    = "if-match"
locking = "optimistic"
`, base.String(), "GET "+path, "GET "+path, "PUT "+path)
}
