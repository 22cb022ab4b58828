package fault

import "tussle/runner/store"

// The connection between target and store is closed when a COMMIT, or a change
// outside of a transaction, comes to the store: it is not done, and the target
// cannot know that.
//
// Effective: the statement was not sent.
var cutBeforeCommit = Kind{Name: "cut-before-commit", Acts: OnStatement, Strike: &Strike{
	Fits:   commits,
	Before: func(*Fault) store.Action { return store.Action{Do: store.Cut} },
}}
