package fault

// A client that was just granted a lock is gone: its connection closes, and it
// neither writes nor gives the lock back. Its successor is a new session. A
// lock without an expiry is then held for ever.
//
// Effective: the lock was granted and no release of it was ever sent, which the
// client sees to.
var holderCrash = Kind{Name: "holder-crash", Acts: OnHolder}
