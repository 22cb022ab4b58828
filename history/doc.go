// Package history is the record of a run: what each client asked, when, and
// what it was told, in the order in which it was written down and without
// opinion. It is the only thing that passes from the runner to the report;
// everything after it is pure, so an old run can be judged again.
//
// A history is a file of JSON lines, compressed with zstd in frames of 400 ms,
// so that a file that was cut off is readable up to its last whole frame; a
// mark at the end of each frame tells whether all is there as it was written.
// docs/history-format.md describes every field.
//
// The nouns:
//
//   - [Header]: once, first. What was to be run, by which version, where.
//   - [Block]: twice for each block (when it starts, when it has ended): which
//     strategy ran from when to when.
//   - [Request]: one HTTP request and its answer, or its silence.
//   - [Operation]: one intent of one client, with its outcome.
//   - [Sample]: the generator's own state, about ten times a second.
//   - [Event]: a fault, an interrupt, a count told by the target.
//
// All times are nanoseconds since Header.Start on one monotonic clock.
// Intervals are closed: a return and a call with the same stamp overlap.
package history
