package fault

import (
	"errors"
	"time"
)

// The connection breaks with a reset (RST) when the last byte of the request
// has been sent, or delay later. The server may act, or find the connection
// broken first; a spread of delays meets it before, in the middle and after.
//
// Effective: the whole request was sent and no answer was awaited.
var resetAfter = Kind{
	Name: "reset-after", Acts: OnRequest, Fits: changes,
	Spoil: func(f *Fault, x *Exchange) Done {
		return x.sendAndLeave(f.delay(x), x.Conn.Abort, errResetAfter)
	},
}

// sendAndLeave sends the whole request, waits and breaks the connection off.
func (x *Exchange) sendAndLeave(delay time.Duration, leave func(), err error) Done {
	b := x.Conn.Encode(x.Req)
	x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
	if x.Result.Err == nil {
		x.Conn.Write(b, &x.Result)
	}
	if x.Result.Err != nil {
		return Done{}
	}
	if delay > 0 {
		x.Sleep(x.Ctx, delay)
	}
	leave()
	x.broken(err)
	return Done{Injected: true, Effective: x.Result.Sent == len(b)}
}

var errResetAfter = errors.New("connection reset after the request (fault reset-after)")
