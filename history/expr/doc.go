// Package expr is the language of invariants: what must be true of a resource
// once its operations have ended, such as
//
//	accepted('redeem') <= 1
//	coupon.left + accepted('redeem') == 1
//	unique(accepted('invoice').number)
//
// It is CEL (https://cel.dev) with the names of a scenario: operations by
// their names in accepted, refused and attempted, observations as variables,
// their captures as fields. A loader compiles an expression to tell mistakes
// with their places; a checker compiles it again to evaluate it. The package
// is pure: no clock, no network, the same answer for the same values.
//
// # Numbers and lists
//
// accepted('redeem') is a list of the accepted operations, and where a number
// is wanted, how many there are. accepted('invoice').number is the list of one
// capture; so is rows.qty of an observation with items, or of any observation
// over all keys.
//
// # What is not known
//
// An operation without an answer may have been carried out, and what its
// answer would have said is not known. Such values are [Wild]: an expression
// that depends on one has no truth value, which [Program.Eval] reports as
// [Maybe].
package expr
