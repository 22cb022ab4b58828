package fault

// A client that holds a lock stops for delay before its write, as a garbage
// collection or a suspended machine makes it, and then writes as if nothing had
// happened. When the lock has expired meanwhile, only a fencing token lets the
// resource refuse that write.
//
// Effective: the lock had expired and was granted to somebody else before the
// write was sent.
var holderPause = Kind{
	Name: "holder-pause", Acts: OnRequest,
	Fits: func(r *Request) bool { return r.Step.Writes() && r.Held },
	Spoil: func(f *Fault, x *Exchange) Done {
		delay := f.delay(x)
		grants, from := x.Grants(), x.Now()
		x.Sleep(x.Ctx, delay)
		paused := x.Now() - from
		expired := x.TTL > 0 && x.Now()-x.LockedAt > int64(x.TTL)
		passed := x.Grants() > grants
		x.Deadline = x.Deadline.Add(delay)
		x.plain()
		return Done{Injected: paused >= int64(delay), Effective: expired && passed && x.Result.Started}
	},
}
