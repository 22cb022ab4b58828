package fault

// Every statement waits until the window is over, so that all connections of
// the target's pool wait, and whoever wants another one waits with them.
//
// Effective: a statement waited to the end, and was answered.
var poolExhausted = Kind{Name: "pool-exhausted", Acts: OnStatement, Strike: &Strike{
	Fits: works,
	Wait: func(f *Fault, _ int, since int64) int64 {
		into := since - int64(f.spec.From)
		if f.spec.Every > 0 {
			into %= int64(f.spec.Every)
		}
		return int64(f.spec.For) - into
	},
}}
