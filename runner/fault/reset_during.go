package fault

import "errors"

// The connection breaks with a reset (RST) when a part of the request has been
// sent: bytes of it, or half. A server must not act on a part of a request, but
// the client cannot know that it did not.
//
// Effective: a proper part was sent.
var resetDuring = Kind{
	Name: "reset-during", Acts: OnRequest,
	Spoil: func(f *Fault, x *Exchange) Done {
		b := x.Conn.Encode(x.Req)
		part := len(b) / 2
		if f.spec.Bytes > 0 {
			part = min(f.spec.Bytes, len(b)-1)
		}
		x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
		if x.Result.Err == nil {
			x.Conn.Write(b[:part], &x.Result)
		}
		if x.Result.Err != nil {
			return Done{}
		}
		x.Conn.Abort()
		x.broken(errResetDuring)
		return Done{Injected: true, Effective: x.Result.Sent == part}
	},
}

var errResetDuring = errors.New("connection reset within the request (fault reset-during)")
