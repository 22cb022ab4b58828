// Package workload decides what a client wants next and what a right change
// is, given what was read. It knows no HTTP, no locking and no clock.
//
// A workload is one file with one type and one line in [Kinds].
package workload

import (
	"fmt"
	"sort"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/draw"
	"tussle/scenarios"
)

// Op is one intent of one client.
type Op struct {
	Intent history.Intent
	Key    int    // index of the key in the block
	Key2   int    // second key of a transfer or pair; -1 else
	Child  string // parent-child: name of the child that is created under Key
	Amount int64  // counter: to add; transfer: to move
	Action int    // workload's own choice, by draw

	Own    *Own    // an operation of the user's; nil else
	Values []Value // what was drawn for it
}

// Own is an operation of the user's, in steps.
type Own struct {
	Name     string
	Steps    []OwnStep
	Document bool // a step sends back a document that another one read
}

// OwnStep is one request of an operation, and how long to think before it.
type OwnStep struct {
	Name  history.Step
	Think scenarios.Spread
	Every time.Duration // of one that is sent again until its answer says so: the time in between
	Times int           // and how often at most; 0: it is sent once
}

// Value is a variable that was drawn for one operation.
type Value struct {
	Name string
	Text wire.Text
}

// Seen is what an attempt read of one key.
type Seen struct {
	Exists bool
	Value  string // text, or JSON text when Raw
	Raw    bool
}

// Change is what an attempt writes to one key.
type Change struct {
	Step   history.Step // write, create, delete
	Body   string       // the value as it is sent; JSON text when Raw
	Raw    bool
	Record string // the value as the history records it
}

// Workload says what clients want. Its methods are functions of their
// arguments, called by many clients at once.
type Workload interface {
	// Next returns client's op-th operation, at that share of the block's time.
	Next(client, op int, share float64) Op
	// Change returns what to write to key which (0: Key, 1: Key2), given what
	// was read of both. ok is false when the intent is pointless in that
	// state, with the reason.
	Change(op *Op, seen *[2]Seen, which int, tag string) (c Change, ok bool, reason string)
	// Initial returns the value that set-up gives key i; ok is false when keys
	// start absent.
	Initial(i int) (value string, raw bool, ok bool)
	// ServerSide returns the one step by which a server does it all, "" when
	// there is none.
	ServerSide() history.Step
}

// Kinds lists the workloads by their name in a scenario.
var Kinds = map[string]func(Common) Workload{
	"counter":      func(c Common) Workload { return counter{c} },
	"register":     func(c Common) Workload { return register{c} },
	"append":       func(c Common) Workload { return appending{c} },
	"create-once":  func(c Common) Workload { return createOnce{c} },
	"lifecycle":    func(c Common) Workload { return lifecycle{c} },
	"parent-child": func(c Common) Workload { return parentChild{c} },
	"transfer":     func(c Common) Workload { return transfer{c} },
	"pair":         func(c Common) Workload { return pair{c} },
	"lease":        func(c Common) Workload { return counter{c} },
	"operations":   func(c Common) Workload { return newOperations(c) },
}

// New returns the scenario's workload.
func New(w scenarios.Workload, seed draw.Seed) (Workload, error) {
	make, ok := Kinds[w.Kind]
	if !ok {
		names := []string{}
		for n := range Kinds {
			names = append(names, n)
		}
		sort.Strings(names)
		return nil, fmt.Errorf("workload %q is not known; there are %v", w.Kind, names)
	}
	return make(Common{w: w, seed: seed, pick: newPicker(w.Skew, w.Keys)}), nil
}

// Common is what every workload needs.
type Common struct {
	w    scenarios.Workload
	seed draw.Seed
	pick picker
}

// key draws the key of an operation.
func (c *Common) key(client, op int) int {
	return c.pick.at(c.seed.Unit(draw.Key, client, op, 0))
}

// isRead draws whether the operation is a plain read.
func (c *Common) isRead(client, op int) bool {
	return c.w.ReadShare > 0 && c.seed.Unit(draw.Read, client, op, 0) < c.w.ReadShare
}

// read is a plain read of a drawn key.
func (c *Common) read(client, op int) Op {
	return Op{Intent: history.IntentRead, Key: c.key(client, op), Key2: -1}
}

// window draws a key from the few that are contended at this share of the
// block, for workloads that use each key up.
func (c *Common) window(client, op int, share float64) int {
	const width = 8
	at := int(share*float64(c.w.Keys)) + int(c.seed.Unit(draw.Key, client, op, 0)*width)
	return min(max(at, 0), c.w.Keys-1)
}

// other draws a second key that differs from the first.
func (c *Common) other(first, client, op int) int {
	if c.w.Keys < 2 {
		return first
	}
	k := c.pick.at(c.seed.Unit(draw.Key2, client, op, 0))
	if k == first {
		k = (k + 1) % c.w.Keys
	}
	return k
}

// Draw returns one duration of a spread for one place of the run.
func Draw(s scenarios.Spread, seed draw.Seed, what draw.For, client, op, attempt int) time.Duration {
	switch s.Kind {
	case "uniform":
		return s.A + time.Duration(seed.Unit(what, client, op, attempt)*float64(s.B-s.A))
	case "exp":
		return time.Duration(draw.Exp(seed.Unit(what, client, op, attempt)) * float64(s.A))
	}
	return s.A
}
