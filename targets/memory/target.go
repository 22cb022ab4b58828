package memory

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tussle/targets/api"
)

// Target is all schemes, each over a store of its own.
type Target struct {
	Options Options
	Schemes []api.Mount // in the order in which they are listed
	Stores  map[string]*Store
	Keys    api.Keyring // nil is the sound one
	Close   func() error

	journal *journal // nil without a state file
}

// New makes the target. It reads the state file, if there is one.
func New(o Options) (*Target, error) {
	t := &Target{Options: o, Stores: map[string]*Store{}, Close: func() error { return nil }}
	store := func(scheme string) *Store {
		s := NewStore()
		s.Think = o.Think
		t.Stores[scheme] = s
		return s
	}
	t.Schemes = []api.Mount{
		{Name: "etag", Scheme: NewETag(store("etag"))},
		{Name: "version-field", Scheme: NewVersionField(store("version-field"))},
		{Name: "lease", Scheme: NewLease(store("lease"), o)},
		{Name: "lease-unfenced", Scheme: NewLeaseUnfenced(store("lease-unfenced"), o)},
		{Name: "server-side", Scheme: NewServerSide(store("server-side"))},
		{Name: "unprotected", Scheme: NewUnprotected(store("unprotected"))},
	}
	if o.State != "" {
		path := o.State
		if path == Temporary {
			path = filepath.Join(os.TempDir(), fmt.Sprintf("tussle-state-%d", os.Getppid()))
		}
		// Locks are not kept, but a fencing number must never be granted twice:
		// those of a later start begin at its time in microseconds, above what an
		// earlier one can have granted one by one.
		for _, s := range t.Stores {
			s.epoch = time.Now().UnixMicro()
		}
		j, err := openJournal(path, t.Stores)
		if err != nil {
			return nil, fmt.Errorf("memory target: state: %w", err)
		}
		for name, s := range t.Stores {
			s.journal = j.keep(name)
		}
		t.journal, t.Close = j, j.Close
		if o.State == Temporary {
			t.Close = func() error { return errors.Join(j.Close(), os.Remove(path)) }
		}
	}
	return t, nil
}

// Scheme returns the scheme of that name, nil when there is none.
func (t *Target) Scheme(name string) api.Scheme {
	for _, m := range t.Schemes {
		if m.Name == name {
			return m.Scheme
		}
	}
	return nil
}

// Replace puts another scheme under a name that there is.
func (t *Target) Replace(name string, s api.Scheme) {
	for i := range t.Schemes {
		if t.Schemes[i].Name == name {
			t.Schemes[i].Scheme = s
		}
	}
}

// Buffer puts a writer between the changes and the state file: what it keeps
// back is lost when the process is killed. It is closed with the target if it
// is an io.Closer.
func (t *Target) Buffer(wrap func(io.Writer) io.Writer) error {
	if t.journal == nil {
		return errors.New("no state file: give the option state = PATH")
	}
	t.journal.out = wrap(t.journal.file)
	return nil
}

// Handler serves the target over HTTP.
func (t *Target) Handler() *api.Server {
	return api.New(t.Schemes, api.Options{Delay: t.Options.Delay, Stall: t.Options.Stall, Keys: t.Keys})
}
