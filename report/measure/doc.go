// Package measure turns a history into figures: what conflicts cost, and how
// sure that is. It says nothing about right and wrong; that is report/check.
//
// A [Collector] is fed record by record and keeps some tens of bytes for each
// request. What it counts as measured are operations whose intended start
// lies in [Measure, Stop) of their block, with all their attempts and
// requests, however late these ended. Warm-up, set-up and final reads are
// left out.
//
// The block is the unit of statistics: requests of one block share its luck,
// so intervals and tests are taken over blocks, never over requests.
// Percentiles are nearest rank, so that a p99 is a value that happened.
// Medians' intervals and U tests are those of golang.org/x/perf/benchmath.
package measure
