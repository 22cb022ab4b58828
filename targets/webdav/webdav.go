// Package webdav serves files with golang.org/x/net/webdav, a real WebDAV
// server that is used in products. It honours LOCK and never looks at If-Match
// in a PUT: one server that is known good under locks and known bad under
// preconditions.
package webdav

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/net/webdav"
)

// Options are what the target can be told.
type Options struct {
	Store string // memory, or directory: a temporary one, removed afterwards
}

// Known lists the names of the options.
func Known() []string { return []string{"store"} }

// Parse reads options by name.
func Parse(options map[string]string) (Options, error) {
	o := Options{Store: "memory"}
	for name, v := range options {
		switch name {
		case "store":
			if v != "memory" && v != "directory" {
				return o, fmt.Errorf("option store is %q: expected memory or directory", v)
			}
			o.Store = v
		default:
			return o, fmt.Errorf("unknown option %q: expected one of %s", name, strings.Join(Known(), ", "))
		}
	}
	return o, nil
}

// Target is the server.
type Target struct {
	dav      webdav.Handler
	dir      string // "" in memory
	requests atomic.Int64
}

// Open makes the server and, if need be, its directory.
func Open(o Options) (*Target, error) {
	t := &Target{dav: webdav.Handler{FileSystem: webdav.NewMemFS(), LockSystem: webdav.NewMemLS()}}
	if o.Store == "directory" {
		var err error
		if t.dir, err = os.MkdirTemp("", "tussle-webdav-"); err != nil {
			return nil, err
		}
		t.dav.FileSystem = webdav.Dir(t.dir)
	}
	return t, nil
}

// ServeHTTP answers one request; paths below /-/ are the control paths that
// all built-in targets have.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/-/healthz":
		_, _ = w.Write([]byte("ok")) // who does not read it has gone
	case "/-/stats":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]int64{"requests": t.requests.Load()})
	default:
		t.requests.Add(1)
		t.dav.ServeHTTP(w, r)
	}
}

// Close removes what the server wrote.
func (t *Target) Close() error {
	if t.dir == "" {
		return nil
	}
	if err := os.RemoveAll(t.dir); err != nil {
		return errors.Join(errors.New("the directory of the WebDAV target is left"), err)
	}
	return nil
}
