package fault

import (
	"bytes"
)

// The request arrives twice, as a proxy's retry or a double click makes it:
// the same bytes at once on a second connection, or delay apart. The client
// hears the answer to the first; both answers are in the history.
//
// Effective: both deliveries were answered.
var duplicate = Kind{
	Name: "duplicate", Acts: OnRequest, Fits: changes,
	Spoil: func(f *Fault, x *Exchange) Done {
		b := bytes.Clone(x.Conn.Encode(x.Req))
		other := x.Other()
		c := &Copy{}
		c.Result = other.Begin(x.Ctx, x.Deadline) // both are open before either is sent
		x.Result = x.Conn.Begin(x.Ctx, x.Deadline)
		if x.Result.Err == nil {
			x.Conn.Write(b, &x.Result)
		}
		if c.Result.Err == nil {
			x.Sleep(x.Ctx, f.delay(x))
			c.Result.Call = x.Now()
			other.Write(b, &c.Result)
		}
		if x.Result.Err == nil {
			x.Conn.ReadAnswer(x.Req, x.Resp, &x.Result)
		}
		if c.Result.Err == nil {
			other.ReadAnswer(x.Req, &c.Resp, &c.Result)
		}
		if c.Result.Started {
			x.Copy = c
		}
		return Done{Injected: x.Result.Started && c.Result.Started, Effective: x.Result.Err == nil && c.Result.Err == nil}
	},
}
