package check

import "slices"

// overlaps counts the pairs of operations by different clients that
// overlapped, each from its first request to the end of its last; operations
// that only read do not count. This is what "exercised" means for most
// properties: each pair is one chance to lose something. O(n log n).
func overlaps(requests []request) int64 {
	type span struct {
		call, ret int64
		client    int32
		op        int32
		changes   bool
	}
	var spans []span
	current := map[int32]int{}
	for i := range requests {
		r := &requests[i]
		if r.client < 0 {
			continue
		}
		at, known := current[r.client]
		if !known || spans[at].op != r.op {
			at = len(spans)
			current[r.client] = at
			spans = append(spans, span{call: r.call, ret: r.ret, client: r.client, op: r.op})
		}
		s := &spans[at]
		s.call, s.ret = min(s.call, r.call), max(s.ret, r.ret)
		s.changes = s.changes || r.writes() || r.step == lock
	}
	calls := make([]int64, 0, len(spans))
	rets := make([]int64, 0, len(spans))
	last := map[int32]int64{}
	var own int64 // a client's own neighbours that share a stamp
	for i := range spans {
		s := &spans[i]
		if !s.changes {
			continue
		}
		if ret, known := last[s.client]; known && s.call <= ret {
			own++
		}
		last[s.client] = s.ret
		calls, rets = append(calls, s.call), append(rets, s.ret)
	}
	slices.Sort(calls)
	slices.Sort(rets)
	var pairs int64
	ended := 0
	for started, call := range calls {
		for ended < len(rets) && rets[ended] < call {
			ended++
		}
		pairs += int64(started - ended)
	}
	return max(0, pairs-own)
}
