// Package defects holds bugs that real servers had, one a file, each as small
// as the original allows. They speak the API of the memory target and replace
// one of its schemes, which is their sound twin: same requests, same cost, but
// for the one thing that is wrong. Where the window of a race would be too
// narrow for a small machine, it is held open for a moment ([window]).
package defects

import (
	"time"

	"tussle/targets/memory"
)

// window is how long the gap between two steps that should be one stays open.
const window = 3 * time.Millisecond

// pause holds the window open.
func pause() { time.Sleep(window) }

// Defect is one bug.
type Defect struct {
	Name     string // as in serve memory --defect NAME
	ID       string // in the catalogue of bug classes
	Title    string // what is wrong, in one line
	Origin   string // where it was seen
	Property string // that catches it
	Needs    string // "fault": it shows only under an injected fault; "" else
	Twin     string // the sound scheme that it replaces

	// Apply puts the defect into a target.
	Apply func(t *memory.Target) error
}

// The schemes of the memory target, as the sound twins.
func etag(t *memory.Target) *memory.ETag   { return memory.NewETag(t.Stores["etag"]) }
func lease(t *memory.Target) *memory.Lease { return memory.NewLease(t.Stores["lease"], t.Options) }
func serverSide(t *memory.Target) *memory.ServerSide {
	return memory.NewServerSide(t.Stores["server-side"])
}
