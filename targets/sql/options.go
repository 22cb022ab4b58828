package sql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/targets/postgres"
)

// Options of the target. Those of the second group may differ from scheme to
// scheme: see [Target.Variant].
type Options struct {
	Engine   string        // sqlite (default) or postgres
	DSN      string        // of a PostgreSQL that runs already; env:NAME takes it from the environment
	File     string        // of SQLite; a temporary one by default
	Schema   string        // of PostgreSQL; tussle by default
	Sync     postgres.Sync // what a commit waits for; full by default
	Deadlock time.Duration // deadlock_timeout of a throw-away server; PostgreSQL's own (1 s) when 0
	TTL      time.Duration // of a lease when the request names none; 10 s by default
	MaxTTL   time.Duration // longer leases are cut to it; 1 h by default
	Delay    time.Duration // before every answer, outside the transaction; 0 by default

	Pool        int           // connections; 10 by default
	PoolTimeout time.Duration // of waiting for one; 5 s by default, 0 waits for ever
	LockTimeout time.Duration // of waiting for a row, or for SQLite's file; PostgreSQL: 0, which waits for ever; SQLite: 5 s
	Statement   time.Duration // statement_timeout; 0 is none
	Think       time.Duration // server's own work between read and write, inside the transaction; 0 by default
	Before      time.Duration // think_outside: the same before the transaction begins, while it holds nothing
	Given       bool          // lock_order = "given": two rows in the order of the request, not sorted
	Second      bool          // every change takes a second connection while it has the first
	Instances   int           // servers with a pool and a mutex each, connection by connection; 1 by default
}

// option is one name that [Parse] knows.
type option struct {
	name, form string
	engine     string // "" is both
	variant    bool   // may differ from scheme to scheme
	set        func(o *Options, v string) error
}

// known are all options. The server offers all schemes at once; which of them
// a strategy uses is in its paths, so scheme is only checked.
var known = []option{
	{"engine", "sqlite or postgres", "", false, choice(func(o *Options, v string) { o.Engine = v }, "sqlite", "postgres")},
	{"scheme", strings.Join(Schemes(), ", "), "", false, choice(func(*Options, string) {}, Schemes()...)},
	{"dsn", `an address such as "postgres://user@127.0.0.1:5432/db" or "env:DATABASE_URL"`, "postgres", false, func(o *Options, v string) error { o.DSN = v; return nil }},
	{"schema", "a name of small letters, digits and _", "postgres", false, schemaName},
	{"deadlock_timeout", `a duration such as "100ms"`, "postgres", false, span(func(o *Options) *time.Duration { return &o.Deadlock })},
	{"file", "the path of a database", "sqlite", false, func(o *Options, v string) error { o.File = v; return nil }},
	{"sync", "full, normal or off", "", false, choice(func(o *Options, v string) { o.Sync = postgres.Sync(v) }, "full", "normal", "off")},
	{"ttl", `a duration such as "10s"`, "", false, span(func(o *Options) *time.Duration { return &o.TTL })},
	{"max_ttl", `a duration such as "1h"`, "", false, span(func(o *Options) *time.Duration { return &o.MaxTTL })},
	{"delay", `a duration such as "2ms"`, "", false, span(func(o *Options) *time.Duration { return &o.Delay })},

	{"pool", "a number from 1 to 200", "", true, number(func(o *Options) *int { return &o.Pool }, 200)},
	{"pool_timeout", `a duration such as "5s"`, "", true, span(func(o *Options) *time.Duration { return &o.PoolTimeout })},
	{"lock_timeout", `a duration such as "50ms"`, "", true, span(func(o *Options) *time.Duration { return &o.LockTimeout })},
	{"statement_timeout", `a duration such as "1s"`, "postgres", true, span(func(o *Options) *time.Duration { return &o.Statement })},
	{"think", `a duration such as "2ms"`, "", true, span(func(o *Options) *time.Duration { return &o.Think })},
	{"think_outside", `a duration such as "2ms"`, "", true, span(func(o *Options) *time.Duration { return &o.Before })},
	{"lock_order", "sorted or given", "", true, choice(func(o *Options, v string) { o.Given = v == "given" }, "sorted", "given")},
	{"second_connection", "true or false", "", true, choice(func(o *Options, v string) { o.Second = v == "true" }, "true", "false")},
	{"instances", "a number from 1 to 8", "", true, number(func(o *Options) *int { return &o.Instances }, 8)},
}

// Parse reads options by name. An unknown one is an error that lists the known.
func Parse(options map[string]string) (Options, error) {
	o := Options{Engine: "sqlite", Schema: "tussle", Sync: postgres.Full, TTL: 10 * time.Second, MaxTTL: time.Hour,
		Pool: 10, PoolTimeout: 5 * time.Second, Instances: 1}
	if options["engine"] != "postgres" {
		o.LockTimeout = 5 * time.Second
	}
	names := []string{"engine"} // first: others depend on it
	for n := range options {
		if n != "engine" {
			names = append(names, n)
		}
	}
	slices.Sort(names[1:])
	for _, n := range names {
		v, there := options[n]
		if !there {
			continue
		}
		if err := o.set(n, v, func(option) bool { return true }); err != nil {
			return o, fmt.Errorf("sql target: %w", err)
		}
	}
	return o, nil
}

// set sets one option out of those that may be set.
func (o *Options) set(name, value string, may func(option) bool) error {
	i := slices.IndexFunc(known, func(k option) bool { return k.name == name && may(k) })
	switch {
	case i < 0:
		var names []string
		for _, k := range known {
			if may(k) {
				names = append(names, k.name)
			}
		}
		return fmt.Errorf("unknown option %q: expected one of %s", name, strings.Join(names, ", "))
	case known[i].engine != "" && known[i].engine != o.Engine:
		return fmt.Errorf("option %s is for engine %s, and this is engine %s", name, known[i].engine, o.Engine)
	}
	if err := known[i].set(o, value); err != nil {
		return fmt.Errorf("option %s = %q: expected %s", name, value, known[i].form)
	}
	return nil
}

// Known returns the names of all options.
func Known() []string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.name
	}
	return names
}

var errForm = errors.New("wrong form")

func span(of func(o *Options) *time.Duration) func(*Options, string) error {
	return func(o *Options, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < 0 {
			return errForm
		}
		*of(o) = d
		return nil
	}
}

func number(of func(o *Options) *int, most int) func(*Options, string) error {
	return func(o *Options, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			return errForm
		}
		*of(o) = n
		return nil
	}
}

func choice(set func(o *Options, v string), of ...string) func(*Options, string) error {
	return func(o *Options, v string) error {
		if !slices.Contains(of, v) {
			return errForm
		}
		set(o, v)
		return nil
	}
}

var schemaForm = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,40}$`)

func schemaName(o *Options, v string) error {
	if !schemaForm.MatchString(v) {
		return errForm
	}
	o.Schema = v
	return nil
}
