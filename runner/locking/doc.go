// Package locking holds the steps of each locking kind and the machine that
// walks them. A kind is a function from an intent to a list of moves; the
// machine sends the moves' requests, keeps what was read, gives locks back,
// and asks the retry policy what to do after a refusal.
//
// The machine is event in (start, answer, timer), action out (send, wait,
// done). It has no clock and no connection, so strategies and retry are
// tested, and simulated at scale, without a network.
package locking

import (
	"time"

	"tussle/history"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// Move is one step of an attempt.
type Move struct {
	Step   history.Step     // request to send; "" for a move without a request
	Key    int              // 0: the operation's Key, 1: its Key2
	Think  bool             // wait for the think time
	For    scenarios.Spread // of an operation of the user's: that long
	Change bool             // send what the workload makes of what was read
	Leg    bool             // a refusal from here on repeats only from here
	Every  time.Duration    // of a step that is sent again until its answer says so: the time in between
	Times  int              // and how often at most; 0: it is sent once
}

// Kinds lists the locking kinds by their name in a scenario.
var Kinds = map[string]func(op *workload.Op, w workload.Workload, ordered bool) []Move{
	"optimistic":  optimistic,
	"pessimistic": pessimistic,
	"server-side": serverSide,
	"none":        none,
}

var (
	readOnly = []Move{{Step: history.StepRead}}
	listAll  = []Move{{Step: history.StepList}}
)
