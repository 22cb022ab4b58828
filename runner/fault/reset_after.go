package fault

import "errors"

// The connection breaks with a reset (RST) when the last byte of the request
// has been sent. The server may act, or find the connection broken first.
//
// Effective: the whole request was sent and no answer was awaited.
var resetAfter = Kind{
	Name: "reset-after", Acts: OnRequest, Fits: changes,
	Spoil: func(_ *Fault, x *Exchange) Done {
		return x.sendAndLeave(x.Conn.Abort, errResetAfter)
	},
}

// sendAndLeave sends the whole request and breaks the connection off.
func (x *Exchange) sendAndLeave(leave func(), err error) Done {
	b := x.Conn.Encode(x.Req)
	x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
	if x.Result.Err == nil {
		x.Conn.Write(b, &x.Result)
	}
	if x.Result.Err != nil {
		return Done{}
	}
	leave()
	x.broken(err)
	return Done{Injected: true, Effective: x.Result.Sent == len(b)}
}

var errResetAfter = errors.New("connection reset after the request (fault reset-after)")
