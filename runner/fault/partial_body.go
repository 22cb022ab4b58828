package fault

import "errors"

// The request announces a body and the connection is closed (FIN) when bytes of
// it, or half, have been sent. A server must not act on a part.
//
// Effective: the head and a proper part of the body were sent.
var partialBody = Kind{
	Name: "partial-body", Acts: OnRequest, Fits: carries, Needs: carries,
	Spoil: func(f *Fault, x *Exchange) Done {
		b := x.Conn.Encode(x.Req)
		body := len(x.Req.Body())
		through := body / 2
		if f.spec.Bytes > 0 {
			through = min(f.spec.Bytes, body-1)
		}
		x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
		part := len(b) - body + through
		if x.Result.Err == nil {
			x.Conn.Write(b[:part], &x.Result)
		}
		if x.Result.Err != nil {
			return Done{}
		}
		x.Conn.Close()
		x.broken(errPartial)
		return Done{Injected: true, Effective: x.Result.Sent == part}
	},
}

var errPartial = errors.New("connection closed within the body (fault partial-body)")
