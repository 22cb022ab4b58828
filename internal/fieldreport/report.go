package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// load is one row of the report: a server under one load.
type load struct {
	server, scenario string
	protocol         string
	property         string               // that the protocol is there to keep
	set              []string             // overrides
	known            func(*result) string // says what is missing of what is known of the server; nil: nothing is known
}

// crowd is four files that sixteen clients each change: of Apache's default
// tags one is strong only once a second, and only then can two writers meet.
var crowd = []string{"load.duration=15s", "workload.keys=4", "load.clients=64"}

// loads lists the rows in order.
var loads = []load{
	{"apache-digest", "dav-if-match", "GET, PUT If-Match", "no-lost-update", nil, losesSome},
	{"apache-default", "dav-if-match", "GET, PUT If-Match", "no-lost-update", crowd, livelocksAndLoses},
	{"apache-digest", "dav-lock", "LOCK, GET, PUT If, UNLOCK", "no-lost-update", nil, losesNone},
	{"apache-digest", "dav-create", "PUT If-None-Match: *", "create-once", nil, losesSome},
	{"nginx", "dav-if-match", "GET, PUT If-Match", "no-lost-update", nil, losesSome},
	{"nginx", "dav-lock", "LOCK, GET, PUT If, UNLOCK", "no-lost-update", nil, losesNone},
	{"nginx", "dav-create", "PUT If-None-Match: *", "create-once", nil, losesSome},
	{"webdav-memory", "dav-if-match", "GET, PUT If-Match", "no-lost-update", nil, losesSome},
	{"webdav-memory", "dav-lock", "LOCK, GET, PUT If, UNLOCK", "no-lost-update", nil, losesNone},
	{"webdav-directory", "dav-if-match", "GET, PUT If-Match", "no-lost-update", nil, losesSome},
	{"webdav-directory", "dav-lock", "LOCK, GET, PUT If, UNLOCK", "no-lost-update", nil, losesNone},
	{"etcd", "etcd-txn", "txn compare mod_revision", "no-lost-update", nil, countsConflictsOf200},
	{"etcd", "etcd-lock", "lock, txn compare the lock's key, unlock", "no-lost-update", nil, losesNone},
	{"etcd", "etcd-create", "txn compare create_revision = 0", "create-once", nil, countsConflictsOf200},
}

// command is what a reader types.
func (l load) command() string {
	s := "go run ./internal/fieldreport -with " + l.server + " tussle run docs/field-report/" + l.scenario + ".toml"
	for _, set := range l.set {
		s += " --set " + set
	}
	return s
}

// report is what is read of a report.json.
type report struct {
	Strategies []struct {
		Attempts   int64
		Operations struct {
			Committed int64
		}
		ByStatus  map[string]int64 `json:"by_status"`
		Conflicts struct {
			Attempts int64
		}
		Properties []property
	}
	Reasons []string
}

type property struct {
	Name, Verdict, Evidence string
	Violations              int64
	Findings                []finding
}

type finding struct {
	Sentence string
	Requests []struct {
		Lane, Role string
		Call       float64 `json:"call_ms"`
		Return     float64 `json:"return_ms"`
		Status     int
		Offends    bool
	}
}

// result is one row.
type result struct {
	load
	server   *running
	exit     int
	report   report
	property property
	probed   int // promises broken without load
	livelock string
	took     time.Duration // of the whole command
}

// row is a load with its runs, in order.
type row struct {
	load
	runs []*result
}

// measure runs one load against a server that is up.
func measure(ctx context.Context, tussle string, l load, s *running) (*result, error) {
	dir, err := os.MkdirTemp("", "tussle-field-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := []string{"run", filepath.Join("docs", "field-report", l.scenario+".toml"), "-q", "-o", filepath.Join(dir, "run")}
	for _, set := range l.set {
		args = append(args, "--set", set)
	}
	r := &result{load: l, server: s}
	began := time.Now()
	if r.exit, err = tussleCommand(ctx, tussle, s.url, io.Discard, args...); err != nil {
		return nil, err
	}
	r.took = time.Since(began)
	text, err := os.ReadFile(filepath.Join(dir, "run", "report.json"))
	if err != nil {
		return nil, fmt.Errorf("%s: exit code %d without a report: %w", l.command(), r.exit, err)
	}
	if err := json.Unmarshal(text, &r.report); err != nil {
		return nil, err
	}
	for _, p := range r.report.Strategies[0].Properties {
		if p.Name == l.property {
			r.property = p
		}
	}
	if r.property.Name == "" {
		return nil, fmt.Errorf("%s: the report does not judge %s", l.command(), l.property)
	}
	for _, reason := range r.report.Reasons {
		if strings.Contains(reason, "livelock: ") {
			r.livelock = reason
		}
	}
	return r, nil
}

// tussleCommand runs tussle against a server and returns its exit code.
func tussleCommand(ctx context.Context, tussle, url string, out io.Writer, args ...string) (int, error) {
	cmd := exec.CommandContext(ctx, tussle, args...)
	cmd.Env = append(os.Environ(), "TUSSLE_TARGET_URL="+url)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && (exit.ExitCode() == 2 || exit.ExitCode() == 3):
		return exit.ExitCode(), fmt.Errorf("tussle %s: %s", strings.Join(args, " "), said.String())
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	}
	return 0, err
}

// everything runs all loads that are wanted, so often, each time on a server
// that was started for it. Every run is probed too, before its load.
func everything(ctx context.Context, tussle string, runs int, only string, progress io.Writer) ([]row, error) {
	var out []row
	for _, l := range loads {
		if !strings.Contains(l.server+" "+l.scenario, only) {
			continue
		}
		w := row{load: l}
		for range runs {
			r, err := once(ctx, tussle, l)
			if err != nil {
				return nil, err
			}
			s := r.report.Strategies[0]
			fmt.Fprintf(progress, "%s %s: exit %d, %s, %d writes, %d conflicts, %d violations, %.1f s\n", l.server, l.scenario,
				r.exit, r.property.Verdict, s.Operations.Committed, s.Conflicts.Attempts, r.property.Violations, r.took.Seconds())
			w.runs = append(w.runs, r)
		}
		out = append(out, w)
	}
	return out, nil
}

// once starts a server, probes it and runs a load.
func once(ctx context.Context, tussle string, l load) (_ *result, err error) {
	s, err := start(ctx, l.server)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	var table strings.Builder
	if _, err := tussleCommand(ctx, tussle, s.url, &table, "probe", filepath.Join("docs", "field-report", l.scenario+".toml")); err != nil {
		return nil, err
	}
	r, err := measure(ctx, tussle, l, s)
	if err != nil {
		return nil, err
	}
	r.probed = strings.Count(table.String(), "  violated\n")
	return r, nil
}
