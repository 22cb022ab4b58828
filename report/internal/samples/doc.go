// Package samples makes reports and histories for the tests of every package
// below report.
package samples
