package fault

import (
	"context"
	"time"

	"tussle/history"
	"tussle/runner/transport"
)

// Place is where a fault acts.
type Place int

const (
	OnRequest   Place = iota // on single requests of a client
	OnHolder                 // on a client that was just granted a lock
	OnProcess                // on the target's process, from a window's start to its end
	OnStatement              // on single statements between the target and its store
	OnClients                // on all clients, from a window's start to its end
)

// Kind is one fault. Spoil is set for those on requests, Begin and End for
// those with windows; what a crash of a holder means is the client's business.
type Kind struct {
	Name string // in scenarios, reports and histories
	Acts Place

	// Fits says which requests it is for when the scenario names no step; nil
	// is all of them.
	Fits func(*Request) bool
	// Needs says which requests it can strike at all, also where the scenario
	// names a step; nil is every one.
	Needs func(*Request) bool
	// Spoil performs the exchange in place of the plain one.
	Spoil func(*Fault, *Exchange) Done

	// Strike is set for those on statements.
	Strike *Strike

	// Begin does it; the text is the proof. End undoes it, whatever happened
	// meanwhile, and says whether it had an effect.
	Begin func(context.Context, World) (proof string, err error)
	End   func(context.Context, World) (proof string, effective bool, err error)
}

// Request says which request is about to be sent, and what is known of it.
type Request struct {
	Strategy int   // index into the scenario's strategies
	Since    int64 // ns since the block's start
	Client   int   //
	Op       int   //
	Attempt  int   //
	Number   int   // of the operation's requests, from 0
	Step     history.Step
	Body     bool // it carries a body
	Held     bool // under a lock that the client was granted
	Replica  bool // there is a second URL that it could go to
}

// Done says what became of a fault that was drawn.
type Done struct {
	Injected  bool // it was done as described
	Effective bool // and it had its effect
}

// changes reports whether a request changes an item: what most faults are for.
func changes(r *Request) bool { return r.Step.Writes() }

// carries reports whether there is a body to spoil.
func carries(r *Request) bool { return r.Body }

// Exchange is a request that is spoilt, and what comes of it.
type Exchange struct {
	Ctx      context.Context
	Conn     *transport.Conn        // the client's own
	Other    func() *transport.Conn // a second one of the same client
	Replica  *transport.Conn        // to the second URL; nil when there is none
	Req      *transport.Request
	Resp     *transport.Response
	Client   int       // whose it is; with Op and Number the place of its draws
	Op       int       //
	Number   int       // of the operation's requests, from 0
	Deadline time.Time // of the request; a fault that waits first moves it
	Step     history.Step
	Now      func() int64                         // the run's clock
	Sleep    func(context.Context, time.Duration) // not past the end of the context
	Grants   func() int64                         // locks on this key that were granted so far, to anyone
	TTL      time.Duration                        // of the lock that is held; 0 when it does not expire
	LockedAt int64                                // when that lock had been granted

	Result transport.Result // what the client is told
	Truth  int              // the status that it is not told
	Copy   *Copy            // a second delivery, with an answer of its own
	Late   *Late            // a second delivery that is still to come
}

// Copy is the second delivery of a request.
type Copy struct {
	Result transport.Result
	Resp   transport.Response
}

// Late is a delivery that waits for its time.
type Late struct {
	Due   int64 // ns
	Bytes []byte
}

// plain performs the exchange as if there were no fault.
func (x *Exchange) plain() { x.Result = x.Conn.Do(x.Ctx, x.Req, x.Resp, x.Deadline) }

// broken ends the exchange without an answer.
func (x *Exchange) broken(err error) {
	x.Result.Err = err
	x.Result.Return = x.Now()
}

// good reports whether the exchange was answered with 2xx.
func (x *Exchange) good() bool { return x.Result.Err == nil && x.Resp.Status()/100 == 2 }

// World is what faults with windows act on.
type World interface {
	Kill() (proof string, err error) // SIGKILL; returns when the process has ended
	// Restart runs the same command on the same port and returns when it is
	// ready; anew is false when the process had not ended.
	Restart(context.Context) (proof string, anew bool, err error)
	Stop() (proof string, err error)                 // SIGSTOP; returns when the process is stopped
	Continue() (proof string, still bool, err error) // SIGCONT; still: it was stopped until then
	Ready(context.Context) error                     // returns when the target answers
	Hold()                                           // clients wait before their next request
	Release() (held int)                             // all at once
}
