// Package fault makes things go wrong on purpose, and proves that they did.
//
// A fault is one file: its name, where it acts, and what it does there. Most
// act at the client, on single requests, since tussle is the client: no
// privilege is needed, nothing but that request is hurt, and what really
// happened is known. Three act on the target's process or on all clients, for
// a stretch of time. [All] lists them.
//
// Which requests are struck is drawn from the scenario's seed. Each fault
// counts what was planned (drawn), injected (done) and effective (it had the
// effect that its file describes). What begins is also undone: see [Kind.End].
package fault
