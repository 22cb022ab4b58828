// Package report says what a run showed. [Build] reads a history once, lets
// report/check judge it and report/measure count it, and returns one [Report];
// every format is a rendering of that ([Write]), and [Compare] sets two of
// them side by side.
//
// All of it is pure: the same history, judged by the same version, gives the
// same bytes.
package report
