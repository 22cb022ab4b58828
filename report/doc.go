// Package report says what a run showed. [Build] reads a history once, lets
// report/check judge it and report/measure count it, and returns one
// [model.Report]; [Compare] sets two of them side by side. The packages below
// put a report into words (say), tables and pictures (page) and files (format).
//
// All of it is pure: the same history, judged by the same version, gives the
// same bytes.
package report
