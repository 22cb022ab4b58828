package fault

import "tussle/history"

// A read goes to target.read_url instead, where a replica lags behind.
//
// Effective: what was read had already been replaced when the read began; the
// client counts it, since it knows what was acknowledged.
var staleReplica = Kind{
	Name: "stale-replica", Acts: OnRequest,
	Fits:  func(r *Request) bool { return r.Step == history.StepRead && r.Replica },
	Needs: func(r *Request) bool { return r.Replica },
	Spoil: func(_ *Fault, x *Exchange) Done {
		x.Result = x.Replica.Do(x.Ctx, x.Req, x.Resp, x.Deadline)
		return Done{Injected: x.Result.Err == nil}
	},
}
