package fault

import "errors"

// The connection breaks with a reset (RST) before the first byte is sent. The
// server cannot have acted, and the client knows it.
//
// Effective: not one byte was sent.
var resetBefore = Kind{
	Name: "reset-before", Acts: OnRequest,
	Spoil: func(_ *Fault, x *Exchange) Done {
		x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
		if x.Result.Err != nil {
			return Done{}
		}
		x.Conn.Abort()
		x.broken(errResetBefore)
		return Done{Injected: true, Effective: x.Result.Sent == 0}
	},
}

var errResetBefore = errors.New("connection reset before the request (fault reset-before)")
