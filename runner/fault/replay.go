package fault

import (
	"bytes"
	"time"
)

// The request arrives again, late: the same bytes on a second connection,
// delay after the answer to the first, before the client's next request. By
// then others have changed what it changed. Both answers are in the history.
//
// Effective: the late delivery was answered; the client counts it.
var replay = Kind{
	Name: "replay", Acts: OnRequest, Fits: changes,
	Spoil: func(f *Fault, x *Exchange) Done {
		b := bytes.Clone(x.Conn.Encode(x.Req))
		x.plain()
		if !x.good() {
			return Done{} // only what was accepted is worth a replay
		}
		delay := f.delay(x)
		if delay == 0 {
			delay = defaultReplay
		}
		x.Late = &Late{Due: x.Result.Return + int64(delay), Bytes: b}
		return Done{}
	},
}

const defaultReplay = 50 * time.Millisecond

// Deliver sends what waited, on a second connection.
func (l *Late) Deliver(x *Exchange) *Copy {
	c := &Copy{}
	other := x.Other()
	c.Result = other.Begin(x.Ctx, x.Deadline)
	if c.Result.Err == nil {
		other.Write(l.Bytes, &c.Result)
	}
	if c.Result.Err == nil {
		other.ReadAnswer(x.Req, &c.Resp, &c.Result)
	}
	return c
}
