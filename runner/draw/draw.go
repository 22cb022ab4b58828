// Package draw makes every random choice of a run a function of (seed,
// client, operation, attempt) and of what the choice is for, never of a
// shared stream. So all strategies see the same keys, amounts and think times,
// and a retry sees the same intent again.
package draw

import "math"

// For names what a draw is for, so that two choices at one place differ.
type For uint64

const (
	Key For = iota + 1
	Key2
	Think
	Pause
	Retry
	Read // whether the operation is a plain read
	Amount
	Fault
	Hold
	Action
	Value // of an operation of the user's
	Delay // of a fault
)

// Seed is the scenario's seed, the root of every draw.
type Seed uint64

// Bits returns 64 random bits.
func (s Seed) Bits(what For, client, op, attempt int) uint64 {
	h := mix(uint64(s) ^ 0x9E3779B97F4A7C15)
	h = mix(h ^ uint64(what)*0xD6E8FEB86659FD93)
	h = mix(h ^ uint64(uint32(client))<<32 ^ uint64(uint32(attempt)))
	return mix(h ^ uint64(op))
}

// Unit returns a number in [0, 1).
func (s Seed) Unit(what For, client, op, attempt int) float64 {
	return float64(s.Bits(what, client, op, attempt)>>11) / (1 << 53)
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Exp turns a uniform number into an exponential one of mean 1, cut at 20
// means so that one draw cannot outlast a block.
func Exp(u float64) float64 { return min(-math.Log1p(-u), 20) }
