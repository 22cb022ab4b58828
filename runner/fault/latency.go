package fault

// The request is on its way for delay longer: it is sent that long after the
// client asked. The time counts as the request's.
//
// Effective: it took that long and was answered.
var latency = Kind{
	Name: "latency", Acts: OnRequest,
	Spoil: func(f *Fault, x *Exchange) Done {
		delay := f.delay(x)
		called := x.Now()
		x.Sleep(x.Ctx, delay)
		x.Deadline = x.Deadline.Add(delay)
		x.plain()
		x.Result.Call = called
		return Done{Injected: x.Result.Started, Effective: x.Result.Err == nil && x.Result.Return-called >= int64(delay)}
	},
}
