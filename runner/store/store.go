// Package store stands between an application and its store: a relay speaks
// the store's protocol on both sides, knows where each statement begins and
// ends, and asks a gate before a statement goes on and before its answer goes
// back. Without a gate it changes nothing but time.
package store

import (
	"context"
	"strings"
	"sync/atomic"
)

// Relay is one store as applications reach it through us. Its connections go
// on when a gate comes or goes.
type Relay interface {
	// Speaks is the kind of store: "postgres", "mysql".
	Speaks() string
	// Addr is where the relay listens, "127.0.0.1:40123".
	Addr() string
	// URL is the store's address with the relay in its place, to be given to
	// the application.
	URL() string
	// Password is the store's password, to be kept out of what is written; ""
	// when there is none.
	Password() string
	// Hold lets the gate decide from now on; nil lets everything pass.
	Hold(Gate)
	// Waits reports whether the store says that the connection's statement
	// waits for a lock which another connection holds.
	Waits(ctx context.Context, conn uint64) (bool, error)
	// Opening is how many connections are being opened at present.
	Opening() int
	// Counts tells what passed so far.
	Counts() Counts
	// Close ends all connections.
	Close() error
}

// Counts is what passed through a relay.
type Counts struct {
	Connections int64 // that were accepted
	Statements  int64 // that went to the store
	Cancels     int64 // requests to cancel
}

// Gate decides about statements. Its methods are called by the goroutines of
// the connections and may wait; one that gives up waiting for good says
// [Cut].
type Gate interface {
	// Arrive is called when a statement has come in; what it returns is done.
	Arrive(*Statement) Action
	// Answered is called when the store's whole answer is there. The answer
	// goes to the application when it returns.
	Answered(*Statement) Action
	// Gone is called instead when the connection ended before the whole
	// answer was there. It must not wait.
	Gone(*Statement)
}

// Statement is one unit that the application waits for: one text, or a batch
// of them that is sent and answered as one.
type Statement struct {
	Conn   uint64   // the connection, from 1
	Name   string   // what the application calls itself: application_name; "" where the protocol has no such thing
	SQL    []string // what is executed, in order; empty when nothing is (a mere preparation)
	Kind   Kind     // what it can matter to others
	InTx   bool     // a transaction was open before it
	Tag    string   // the answer: what the store says it did, "UPDATE 1"
	Code   string   // the answer: SQLSTATE of its error, MySQL's number where that says nothing; "" without one
	Detail string   // the answer: message of its error
	Open   bool     // the answer: a transaction is open now
	Failed bool     // the answer: a transaction is open and has failed
}

// Text is the statement in one line.
func (s *Statement) Text() string {
	return strings.Join(strings.Fields(strings.Join(s.SQL, "; ")), " ")
}

// Action is what becomes of a statement or of its answer.
type Action struct {
	Do      Do
	Code    string // of Fail: the SQLSTATE
	Message string // of Fail
}

// Do is the kind of an action.
type Do int

// The actions. The zero value lets pass.
const (
	Pass      Do = iota
	Cut          // closes the connection on both sides
	Fail         // lets the store raise an error in place of the statement
	Terminate    // lets the store end the connection in place of the statement, as its administrator would
)

// Counter counts for [Relay.Counts]; its zero value is ready.
type Counter struct{ Connections, Statements, Cancels atomic.Int64 }

// Counts reads the counter.
func (c *Counter) Counts() Counts {
	return Counts{c.Connections.Load(), c.Statements.Load(), c.Cancels.Load()}
}
