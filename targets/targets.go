// Package targets lists the servers that tussle brings along, to run against:
// sound ones and, behind the option defect, deliberately broken ones.
package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"tussle/targets/api"
	"tussle/targets/defects"
	"tussle/targets/memory"
	"tussle/targets/operations"
	"tussle/targets/sql"
	"tussle/targets/webdav"
)

// Target is one built-in server.
type Target struct {
	Name    string
	Summary string   // one line, for lists
	Schemes []string // first segments of its paths
	Options []string // names of its options

	// Open makes the server's handler, and what closes it afterwards. When ctx
	// ends first, nothing of what it began is left.
	Open func(ctx context.Context, options map[string]string) (http.Handler, func() error, error)
}

// All are the built-in targets.
var All = []Target{
	{
		Name:    "memory",
		Summary: "items in maps, six schemes of locking at once",
		Schemes: memory.Schemes(),
		Options: append(memory.Known(), "defect"),
		Open:    openMemory,
	},
	{
		Name:    "sql",
		Summary: "items in SQLite or PostgreSQL: version columns, row locks, isolation levels, leases",
		Schemes: sql.Schemes(),
		Options: sql.Known(),
		Open:    openSQL,
	},
	{
		Name:    "operations",
		Summary: "small APIs of the races that people report: coupon, booking, quota ...; fixed=true is the sound twin",
		Options: operations.Known(),
		Open:    openOperations,
	},
	{
		Name:    "webdav",
		Summary: "files behind golang.org/x/net/webdav, in memory or in a directory",
		Options: webdav.Known(),
		Open:    openWebDAV,
	},
}

// Names returns the names of all built-in targets.
func Names() []string {
	names := make([]string, len(All))
	for i, t := range All {
		names[i] = t.Name
	}
	return names
}

// Find returns the target of that name.
func Find(name string) (Target, error) {
	for _, t := range All {
		if t.Name == name {
			return t, nil
		}
	}
	return Target{}, fmt.Errorf("unknown target %q: expected one of %s", name, strings.Join(Names(), ", "))
}

// Serve serves a built-in target on addr until ctx ends or, when parent is
// not nil, until reading from parent ends: then whoever started this has gone.
// Once it accepts connections it writes the line "listening URL".
func Serve(ctx context.Context, name string, options map[string]string, addr string, stdout io.Writer, parent io.Reader) (err error) {
	t, err := Find(name)
	if err != nil {
		return err
	}
	if parent != nil {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx)
		defer stop()
		go func() {
			_, _ = io.Copy(io.Discard, parent) // an error is an end as well
			stop()
		}()
	}
	h, closeTarget, err := t.Open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTarget()) }()
	return api.Serve(ctx, h, addr, stdout)
}

func openMemory(_ context.Context, options map[string]string) (http.Handler, func() error, error) {
	options = maps.Clone(options)
	defect := options["defect"]
	delete(options, "defect")
	o, err := memory.Parse(options)
	if err != nil {
		return nil, nil, err
	}
	var d defects.Defect
	if defect != "" {
		if d, err = defects.Find(defect); err != nil {
			return nil, nil, err
		}
	}
	t, err := memory.New(o)
	if err != nil {
		return nil, nil, err
	}
	if d.Apply != nil {
		if err := d.Apply(t); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("defect %s: %w", d.Name, err), t.Close())
		}
	}
	return t.Handler(), t.Close, nil
}

func openSQL(ctx context.Context, options map[string]string) (http.Handler, func() error, error) {
	o, err := sql.Parse(options)
	if err != nil {
		return nil, nil, err
	}
	t, err := sql.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return t.Handler(), t.Close, nil
}

func openOperations(_ context.Context, options map[string]string) (http.Handler, func() error, error) {
	o, err := operations.Parse(options)
	if err != nil {
		return nil, nil, err
	}
	return operations.Open(o), func() error { return nil }, nil
}

func openWebDAV(_ context.Context, options map[string]string) (http.Handler, func() error, error) {
	o, err := webdav.Parse(options)
	if err != nil {
		return nil, nil, err
	}
	t, err := webdav.Open(o)
	if err != nil {
		return nil, nil, err
	}
	return t, t.Close, nil
}
