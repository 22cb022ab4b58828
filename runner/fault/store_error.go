package fault

import "tussle/runner/store"

// The store raises an error in place of a statement, as it does itself: 40001
// (serialization failure), 40P01 (deadlock), 55P03 (lock not available), or ends
// the connection as its administrator would: 57P01.
//
// Effective: the target was told an error, or its connection ended.
var storeError = Kind{Name: "store-error", Acts: OnStatement, Strike: &Strike{
	Fits: works,
	Before: func(f *Fault) store.Action {
		if f.spec.Code == "57P01" {
			return store.Action{Do: store.Terminate}
		}
		return store.Action{Do: store.Fail, Code: f.spec.Code, Message: "tussle: injected " + f.spec.Code}
	},
	Worked: failed,
	Gone:   true,
}}
