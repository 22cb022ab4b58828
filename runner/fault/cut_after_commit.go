package fault

import "tussle/runner/store"

// The connection between target and store is closed when the store has done a
// COMMIT, or a change outside of a transaction: the answer is lost, the work is
// done.
//
// Effective: the store had done it.
var cutAfterCommit = Kind{Name: "cut-after-commit", Acts: OnStatement, Strike: &Strike{
	Fits:   commits,
	After:  func(*Fault) store.Action { return store.Action{Do: store.Cut} },
	Worked: succeeded,
}}
