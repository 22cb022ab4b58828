package fault

import "time"

// The head is sent at once and the body drips, over delay. Inside a lock that
// is a slow holder; a server that reads bodies inside its own locks holds
// everybody up.
//
// Effective: it took that long and was answered.
var slowBody = Kind{
	Name: "slow-body", Acts: OnRequest, Fits: carries, Needs: carries,
	Spoil: func(f *Fault, x *Exchange) Done {
		b := x.Conn.Encode(x.Req)
		body := len(x.Req.Body())
		delay := f.delay(x)
		pieces := min(drips, body)
		x.Result = x.Conn.Begin(x.Ctx, x.Deadline.Add(delay))
		if x.Result.Err == nil {
			x.Conn.Write(b[:len(b)-body], &x.Result)
		}
		rest := b[len(b)-body:]
		for i := range pieces {
			if x.Result.Err != nil {
				return Done{}
			}
			x.Sleep(x.Ctx, delay/time.Duration(pieces))
			x.Conn.Write(rest[i*body/pieces:(i+1)*body/pieces], &x.Result)
		}
		if x.Result.Err == nil {
			x.Conn.ReadAnswer(x.Req, x.Resp, &x.Result)
		}
		return Done{Injected: x.Result.Sent == len(b), Effective: x.Result.Err == nil && x.Result.Return-x.Result.Call >= int64(delay)}
	},
}

const drips = 8 // pieces of a slow body
