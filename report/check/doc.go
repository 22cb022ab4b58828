// Package check judges what a history proves: for each strategy, property by
// property, whether it was violated, with the few requests that cannot all be
// true, or whether it held, was never put to the test, or cannot be decided.
//
// Nothing here searches. Every write has a name, the tag, version or value
// that it left behind, so that a read tells which write it saw; with that,
// each property is decided by sorting and sweeping, in O(n log n), for any
// number of clients, unanswered writes included. Each property's file says
// what it proves, what it cannot, its cost, and what becomes of a write that
// was never answered. docs/checks.md is the summary.
//
// Intervals are closed: two requests that share a stamp overlap. Keys are
// judged by themselves, on all processors; results are merged in the order of
// the history, so the same records always give the same words.
//
// A [Judge] takes the records; [Properties] is the list of checkers.
package check
