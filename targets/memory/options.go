package memory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tussle/targets/api"
)

// Options of the memory target.
type Options struct {
	Think  time.Duration // what a change takes while the item is locked; 0 by default
	Delay  time.Duration // before every answer, outside the locks; 0 by default
	Stall  api.Stall     // of the whole server; none by default
	TTL    time.Duration // of a lock when the request names none; 10 s by default
	MaxTTL time.Duration // longer leases are cut to it; 1 h by default
	State  string        // file that keeps every change before it is answered, or [Temporary]; none by default
}

// Temporary as the state file is one that belongs to the parent process: a
// target that the same parent starts again finds it, unless the last one was
// stopped cleanly.
const Temporary = "temporary"

// option is one name that [Parse] knows.
type option struct {
	name, form string
	set        func(o *Options, v string) error
}

// known are all options. The server offers all schemes at once; which of them
// a strategy uses is in its paths, so scheme is only checked.
var known = []option{
	{"think", `a duration such as "2ms"`, func(o *Options, v string) error { return span(v, &o.Think) }},
	{"delay", `a duration such as "2ms"`, func(o *Options, v string) error { return span(v, &o.Delay) }},
	{"stall", `length and period such as "500ms/5s"`, func(o *Options, v string) error { return stall(v, &o.Stall) }},
	{"ttl", `a duration such as "10s"`, func(o *Options, v string) error { return span(v, &o.TTL) }},
	{"max_ttl", `a duration such as "1h"`, func(o *Options, v string) error { return span(v, &o.MaxTTL) }},
	{"scheme", strings.Join(Schemes(), ", "), scheme},
	{"state", "the path of a file, or " + Temporary, func(o *Options, v string) error { o.State = v; return nil }},
}

// Parse reads options by name. An unknown one is an error that lists the known.
func Parse(options map[string]string) (Options, error) {
	o := Options{TTL: 10 * time.Second, MaxTTL: time.Hour}
	names := make([]string, 0, len(options))
	for n := range options {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		i := slices.IndexFunc(known, func(k option) bool { return k.name == n })
		if i < 0 {
			return o, fmt.Errorf("memory target: unknown option %q: expected one of %s, defect", n, strings.Join(Known(), ", "))
		}
		if err := known[i].set(&o, options[n]); err != nil {
			return o, fmt.Errorf("memory target: option %s = %q: expected %s", n, options[n], known[i].form)
		}
	}
	return o, nil
}

// Known returns the names of all options.
func Known() []string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.name
	}
	return names
}

func span(v string, to *time.Duration) error {
	d, err := time.ParseDuration(v)
	if err == nil && d < 0 {
		err = fmt.Errorf("negative")
	}
	*to = d
	return err
}

func stall(v string, to *api.Stall) error {
	length, period, ok := strings.Cut(v, "/")
	if !ok {
		return fmt.Errorf("no period")
	}
	if err := span(strings.TrimSpace(length), &to.Length); err != nil {
		return err
	}
	if err := span(strings.TrimSpace(period), &to.Period); err != nil {
		return err
	}
	if to.Length >= to.Period {
		return fmt.Errorf("no time between stalls")
	}
	return nil
}

func scheme(_ *Options, v string) error {
	if !slices.Contains(Schemes(), v) {
		return fmt.Errorf("no such scheme")
	}
	return nil
}

// Schemes returns the names of all schemes.
func Schemes() []string {
	return []string{"etag", "version-field", "lease", "lease-unfenced", "server-side", "unprotected"}
}
