package runner

import (
	"io"

	"tussle/runner/live"
	"tussle/runner/secrets"
	"tussle/runner/store"
)

// Options is what a run needs besides its scenario.
type Options struct {
	Self       []string // command that serves built-in targets, such as tussle serve
	Dir        string   // where the target's output goes
	Version    string   // of tussle
	Command    []string // as typed, for the report
	AllowHosts []string // hosts outside loopback that may be loaded
	Progress   func(live.Snapshot)
	Secrets    *secrets.Registry // filled by the run; masks every output
	Interrupt  <-chan struct{}   // closed by the first Ctrl-C
	Store      store.Relay       // between target and store; nil: nothing stands there
	History    io.Writer         // of a session: where its record goes
}
