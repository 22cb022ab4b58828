package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is packed is unpacked as it was, whatever the numbers, and in order.
func TestLanesHoldWhatWasPutIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func() int64 {
		return []int64{0, 1, -1, rng.Int64N(1 << 20), math.MaxInt32, -rng.Int64N(1 << 40), 1 << 60}[rng.IntN(7)]
	}
	small := func() int32 { return []int32{0, 1, 7, math.MaxInt32}[rng.IntN(4)] }
	for n := range 200 {
		l := &lane{client: int32(n)}
		var requests []request
		var ops []operation
		for range rng.IntN(20) {
			r := request{call: number(), length: rng.Int64N(1 << 40), client: l.client, op: small(), attempt: small(), key: small(), status: small(),
				step: uint8(rng.IntN(256)), class: uint8(rng.IntN(256)), effect: uint8(rng.IntN(4)), conflict: rng.IntN(2) == 0, disabled: rng.IntN(2) == 0}
			requests = append(requests, r)
			l.request(&r)
			o := operation{planned: number(), call: number(), ret: number(), commit: number(), client: l.client, op: int32(len(ops)), key: small(), key2: small() - 1,
				attempts: small(), outcome: uint8(rng.IntN(4)), plain: rng.IntN(2) == 0, known: rng.IntN(2) == 0}
			ops = append(ops, o)
			l.operation(&o)
		}
		slices.SortStableFunc(requests, inOrder)
		got := l.unpack(nil)
		if !slices.IsSortedFunc(got, inOrder) {
			t.Fatalf("requests out of order: %+v", got)
		}
		for _, list := range [][]request{requests, got} { // of equal ones, any may come first
			slices.SortFunc(list, func(x, y request) int {
				if c := inOrder(x, y); c != 0 {
					return c
				}
				return slices.Compare(fields(x), fields(y))
			})
		}
		if !slices.Equal(got, requests) {
			t.Fatalf("got %+v\nput in %+v", got, requests)
		}
		if got := l.unpackOps(nil); !slices.Equal(got, ops) {
			t.Fatalf("got %+v\nput in %+v", got, ops)
		}
	}
}

func fields(r request) []int32 {
	return []int32{r.attempt, r.key, r.status, int32(r.class), int32(r.effect), bit(r.conflict), bit(r.disabled)}
}

func bit(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
