package check

import "slices"

// overlaps counts the pairs of operations by different clients that
// overlapped, each from its first request to the end of its last; operations
// that only read do not count. This is what "exercised" means for most
// properties: each pair is one chance to lose something. O(n log n).
func overlaps(requests []request) int64 {
	type span struct {
		call, ret  int64
		client, op int32
		changes    bool
	}
	var open []span // the operation at hand of each client
	var current perClient
	var calls, rets []int64
	var own int64 // a client's own neighbours that share a stamp
	lastRet := map[int32]int64{}
	end := func(s *span) {
		if !s.changes {
			return
		}
		if ret, known := lastRet[s.client]; known && s.call <= ret {
			own++
		}
		lastRet[s.client] = s.ret
		calls, rets = append(calls, s.call), append(rets, s.ret)
	}
	for i := range requests {
		r := &requests[i]
		if r.client < 0 {
			continue
		}
		at, known := current.get(r.client)
		if !known {
			at = int32(len(open))
			current.set(r.client, at)
			open = append(open, span{call: r.call, ret: r.ret, client: r.client, op: r.op})
		}
		s := &open[at]
		if s.op != r.op {
			end(s)
			*s = span{call: r.call, ret: r.ret, client: r.client, op: r.op}
		}
		s.call, s.ret = min(s.call, r.call), max(s.ret, r.ret)
		s.changes = s.changes || r.writes() || r.step == lock
	}
	for i := range open {
		end(&open[i])
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
