package fault

import (
	"tussle/runner/draw"
	"tussle/runner/workload"
)

// A statement reaches the store later by delay.
//
// Effective: it was answered all the same.
var storeDelay = Kind{Name: "store-delay", Acts: OnStatement, Strike: &Strike{
	Fits: works,
	Wait: func(f *Fault, n int, _ int64) int64 {
		return int64(workload.Draw(f.spec.Delay, f.seed, draw.Delay, -2-f.index, n, 0))
	},
}}
