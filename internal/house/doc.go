// Package house holds the rules of the house as tests: which package may
// import which, who may use which library, what every package must say of
// itself, which words a report never uses, and that every command in the
// documentation does what the text beside it says.
//
// It has no code of its own. A rule that a test can hold belongs here rather
// than in a diagram.
package house
