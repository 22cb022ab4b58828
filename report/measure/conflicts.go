package measure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tussle/history"
)

// conflicts compares the conflicts that were seen with those that the commits
// of others must have caused.
type conflicts struct {
	attempts, stale int64   // conditional writes in the measured part
	lower, upper    float64 // expected among them
	window          float64 // ns, sum over these
	refusals        int64   // stale writes in whole blocks
	unjustified     int64
}

// try is a conditional write that was refused as stale, with the read that it
// was built on.
type try struct {
	client    int32
	from, ret int64 // read's call, write's return
}

// commit is a write that was, or may have been, applied.
type commit struct {
	call, ret int64
	client    int32
}

// contest is what one block tells, key by key.
type contest struct {
	b                  *block
	read, write, stale int // numbers of words
	keys               map[int32]*contested
	last               *contested // of lastKey
	lastKey            int32
}

// contested is what happened on one key.
type contested struct {
	stale   []try
	commits []commit
	doubt   int64           // earliest call of a write with unknown effect
	by      map[int32]int64 // commits in the measured part, by client
	total   int64

	tries  []tried // conditional writes in the measured part
	n      int64   // of them
	turned int64   // of them, refused as stale
	window float64 // ns: from the middle of the read to that of the write, sum over them
}

// tried is how many conditional writes of the measured part a client sent.
type tried struct {
	client int32
	n      int64
}

func newContest(c *Collector, b *block) *contest {
	return &contest{b: b, read: c.step(history.StepRead), write: c.step(history.StepWrite), stale: c.step(history.Step(history.Stale)), keys: map[int32]*contested{}}
}

func (k *contest) of(key int32) *contested {
	if k.last != nil && k.lastKey == key {
		return k.last
	}
	q := k.keys[key]
	if q == nil {
		q = &contested{doubt: math.MaxInt64, by: map[int32]int64{}}
		k.keys[key] = q
	}
	k.last, k.lastKey = q, key
	return q
}

// client takes the requests of one client, in order.
func (k *contest) client(requests []request) {
	stop := k.b.stop()
	for i := range requests {
		r := &requests[i]
		switch r.effect {
		case applied:
			q := k.of(r.key)
			q.commits = append(q.commits, commit{r.call, r.call + r.length, r.client})
			if at := r.call + r.length; at >= k.b.Measure && at < stop {
				q.by[r.client]++
				q.total++
			}
		case maybe:
			q := k.of(r.key)
			q.doubt = min(q.doubt, r.call)
		}
		if int(r.step) != k.write || r.client < 0 || r.status == 0 || r.disabled || r.effect == maybe {
			continue
		}
		for j := i - 1; j >= 0; j-- {
			p := &requests[j]
			if p.op != r.op || p.attempt != r.attempt {
				break
			}
			if int(p.step) == k.read && p.key == r.key {
				k.of(r.key).try(p, r, r.conflict && int(r.class) == k.stale, r.call >= k.b.Measure && r.call < stop)
				break
			}
		}
	}
}

// try adds a conditional write and the read that it was built on.
func (q *contested) try(read, write *request, stale, counts bool) {
	if stale {
		q.stale = append(q.stale, try{client: write.client, from: read.call, ret: write.call + write.length})
	}
	if !counts {
		return
	}
	q.n++
	q.window += float64(write.call + write.length/2 - read.call - read.length/2)
	if stale {
		q.turned++
	}
	if n := len(q.tries); n == 0 || q.tries[n-1].client != write.client {
		q.tries = append(q.tries, tried{client: write.client})
	}
	q.tries[len(q.tries)-1].n++
}

// add adds a block.
func (k *contest) add(to *conflicts) {
	order := make([]int32, 0, len(k.keys))
	for key := range k.keys {
		order = append(order, key)
	}
	slices.Sort(order) // sums of fractions depend on their order
	for _, key := range order {
		to.key(k.keys[key], k.b.seconds())
		delete(k.keys, key)
	}
}

// step returns the number of a step or class, -1 when none was seen.
func (c *Collector) step(s history.Step) int {
	if n, ok := c.words.numbers[string(s)]; ok && n < 255 {
		return int(n)
	}
	return -1
}

func (k *conflicts) key(q *contested, seconds float64) {
	k.refusals += int64(len(q.stale))
	if len(q.stale) > 0 {
		slices.SortFunc(q.commits, func(x, y commit) int {
			return cmp.Or(cmp.Compare(x.call, y.call), cmp.Compare(x.ret, y.ret), cmp.Compare(x.client, y.client))
		})
		latest := newest(q.commits)
		for _, t := range q.stale {
			if t.ret < q.doubt && !latest.meets(q.commits, t) {
				k.unjustified++
			}
		}
	}
	if q.n == 0 {
		return
	}
	k.window += q.window
	mean := q.window / float64(q.n) / 1e9
	k.attempts += q.n
	k.stale += q.turned
	for _, t := range q.tries {
		xw := float64(q.total-q.by[t.client]) / seconds * mean
		k.lower += float64(t.n) * (xw / (1 + xw))
		k.upper += float64(t.n) * min(xw, 1)
	}
}

// returns holds, for each prefix of commits in the order of their calls, the
// latest return and the latest return of any other client.
type returns []struct {
	first, second int64
	client        int32
}

func newest(commits []commit) returns {
	out := make(returns, len(commits)+1)
	out[0].first, out[0].second, out[0].client = math.MinInt64, math.MinInt64, -2
	for i, c := range commits {
		e := out[i]
		switch {
		case c.client == e.client:
			e.first = max(e.first, c.ret)
		case c.ret > e.first:
			e.first, e.second, e.client = c.ret, e.first, c.client
		default:
			e.second = max(e.second, c.ret)
		}
		out[i+1] = e
	}
	return out
}

// meets reports whether another client's commit overlaps the try, from its
// read's call to its write's return.
func (r returns) meets(commits []commit, t try) bool {
	n, _ := slices.BinarySearchFunc(commits, t.ret, func(c commit, ret int64) int {
		if c.call <= ret {
			return -1
		}
		return 1
	})
	e := r[n]
	if e.client == t.client {
		return e.second >= t.from
	}
	return e.first >= t.from
}

// bandSlack widens the band: windows are measured at the client. So do three
// standard errors of the share that was seen.
const bandSlack = 0.15

// band compares the conflict probability of conditional writes with the
// bounds X W/(1+X W) .. min(1, X W), where X is the rate of commits by other
// clients on the key and W the key's mean window from read to write. The
// lower bound belongs to exponentially distributed windows, the upper one to
// constant ones. W is taken between the midpoints of the two requests, since
// the moment at which the server acts lies somewhere inside each.
func (k *conflicts) band() Check {
	ch := Check{Name: "conflict probability", Unit: "of conditional writes", Limit: "X W/(1+X W) .. X W, +-15 %"}
	if k.attempts < 200 || k.upper < 20 {
		ch.State, ch.Note = Thin, "it needs 200 conditional writes and 20 expected conflicts"
		return ch
	}
	n := float64(k.attempts)
	p, lo, hi := float64(k.stale)/n, k.lower/n, k.upper/n
	ch.Value, ch.State = figure(p), Good
	ch.Note = fmt.Sprintf("%.3g of the writes conflicted; the commits of others over a window of %.3g ms lead to expect %.3g to %.3g", p, k.window/n/1e6, lo, hi)
	chance := 3 * math.Sqrt(p*(1-p)/n)
	if p < lo*(1-bandSlack)-chance || p > hi*(1+bandSlack)+chance {
		ch.State = Note
		ch.Note += ": the target refuses more or less than versions alone explain, or the load came in bursts"
	}
	return ch
}

func (k *conflicts) justified() Check {
	ch := Check{Name: "conflicts justified", Unit: "conflicts without a cause", Limit: "= 0"}
	if k.refusals == 0 {
		ch.State, ch.Note = Thin, "no write was refused as stale"
		return ch
	}
	ch.Value, ch.State = figure(float64(k.unjustified)), Good
	ch.Note = fmt.Sprintf("%s writes refused as stale, each beside another client's commit on the key", grouped(k.refusals))
	if k.unjustified > 0 {
		ch.State = Note
		ch.Note = fmt.Sprintf("%s of %s writes refused as stale had no other client's commit on the key beside them: the target refuses without need (versions that change by themselves, coarse locks, a cache)", grouped(k.unjustified), grouped(k.refusals))
	}
	return ch
}
