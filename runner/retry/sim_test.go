package retry

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"
)

// The model of the AWS simulator on a virtual clock: clients start at once,
// each updates one row once: read, write with the version read, and after a
// refusal the policy's wait and a new read. Every message takes |Normal(10 ms,
// sd 2 ms)|, the server no time.

type phase uint8

const (
	readArrives phase = iota
	readReturns
	writeArrives
	writeReturns
	wakes
)

type event struct {
	at     time.Duration
	client int
	phase  phase
	ok     bool // writeReturns: accepted
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any          { l := len(*e) - 1; x := (*e)[l]; *e = (*e)[:l]; return x }

// burst is what one run of the model came to.
type burst struct {
	makespan  time.Duration // last event
	writes    int
	conflicts int
	gaveUp    int
	most      int // attempts of the client with the most
}

// simulate runs the model. delay gives one message's time; nil is the AWS
// simulator's.
func simulate(p Policy, clients int, rng *rand.Rand, delay func() time.Duration) burst {
	if delay == nil {
		delay = func() time.Duration {
			return time.Duration(math.Abs(10+2*rng.NormFloat64()) * float64(time.Millisecond))
		}
	}
	var (
		out     burst
		queue   events
		version = 0
		read    = make([]int, clients)
		states  = make([]State, clients)
		tries   = make([]int, clients)
	)
	for c := range clients {
		heap.Push(&queue, event{at: delay(), client: c, phase: readArrives})
	}
	for queue.Len() > 0 {
		e := heap.Pop(&queue).(event)
		out.makespan = max(out.makespan, e.at)
		next := event{client: e.client}
		wait := time.Duration(0)
		switch e.phase {
		case wakes:
			next.phase = readArrives
		case readArrives:
			read[e.client] = version
			next.phase = readReturns
		case readReturns:
			next.phase = writeArrives
		case writeArrives:
			out.writes++
			tries[e.client]++
			out.most = max(out.most, tries[e.client])
			next.phase = writeReturns
			if next.ok = read[e.client] == version; next.ok {
				version++
			} else {
				out.conflicts++
			}
		case writeReturns:
			if e.ok {
				states[e.client] = p.Succeeded(states[e.client])
				continue
			}
			var again bool
			if states[e.client], wait, again = p.Next(states[e.client], Hint{}, rng.Float64()); !again {
				out.gaveUp++
				continue
			}
			heap.Push(&queue, event{at: e.at + wait, client: e.client, phase: wakes})
			continue
		}
		next.at = e.at + delay()
		heap.Push(&queue, next)
	}
	return out
}

// sample is mean and standard error.
type sample struct{ n, sum, squares float64 }

func (s *sample) add(x float64) { s.n++; s.sum += x; s.squares += x * x }
func (s *sample) mean() float64 { return s.sum / s.n }
func (s *sample) sd() float64 {
	return math.Sqrt(max(s.squares-s.sum*s.sum/s.n, 0) / (s.n - 1))
}
func (s *sample) se() float64 { return s.sd() / math.Sqrt(s.n) }
