package runner

import (
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tussle/history"
)

// gate releases the contended requests of all clients at the same instant.
// Clients begin their operations together, and every attempt's write waits for
// the writes of all who have not committed yet; so N clients make exactly
// N(N+1)/2 conditional writes until each has committed.
type gate struct {
	lastByte bool   // all but the last byte is on the wire before the release
	guard    func() // deferred in every goroutine

	mu      sync.Mutex
	cond    *sync.Cond
	clients int // in the block
	round   int // operations of the current round that have not ended
	line    queue
	writes  queue
	closed  bool
	stamps  map[int][]int64 // release -> arrivals told by the target, unix ns
}

// queue is a place where clients wait to be released together.
type queue struct {
	waiting int
	turn    int      // counts releases
	last    []func() // what the one who releases does first, for all
}

func newGate(kind string, clients int, guard func()) *gate {
	if kind == "" {
		return nil
	}
	g := &gate{lastByte: kind == "last-byte", guard: guard, clients: clients, stamps: map[int][]int64{}}
	g.cond = sync.NewCond(&g.mu)
	return g
}

// start waits until every client is about to begin an operation; false when
// the block is over. Who was released begins, whatever happened since: it is
// one of the round.
func (g *gate) start() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.line.waiting++
	if g.line.waiting == g.clients {
		g.round = g.clients
		g.release(&g.line)
		return true
	}
	turn := g.line.turn
	for g.line.turn == turn && !g.closed {
		g.cond.Wait()
	}
	return g.line.turn != turn
}

// barrier waits until every operation of the round that has not ended is
// there too; last, when not nil, is then called by the one who releases, right
// after one another for all: no goroutine has to wake up first. It returns the
// number of the release.
func (g *gate) barrier(last func()) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes.waiting++
	if last != nil {
		g.writes.last = append(g.writes.last, last)
	}
	if g.writes.waiting == g.round {
		g.release(&g.writes)
	} else {
		for turn := g.writes.turn; g.writes.turn == turn; {
			g.cond.Wait()
		}
	}
	return g.writes.turn
}

func (g *gate) release(q *queue) {
	g.together(q.last)
	q.last = q.last[:0]
	q.waiting = 0
	q.turn++
	g.cond.Broadcast()
}

// together calls all functions as close to one another as the machine allows.
// A goroutine on each processor first waits, awake, until all are there; then
// each takes the next function that nobody has taken. So nobody is waked in the
// middle, and a target on the same machine does not get between.
func (g *gate) together(all []func()) {
	workers := int32(min(runtime.GOMAXPROCS(0), len(all)))
	if workers == 0 {
		return
	}
	var here, next atomic.Int32
	take := func() {
		here.Add(1)
		for begun := time.Now(); here.Load() < workers && time.Since(begun) < time.Millisecond; {
		}
		for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
			all[i]()
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(func() { defer g.guard(); take() })
	}
	take()
	others.Wait()
}

// ended takes an operation out of the round, which may release the others.
func (g *gate) ended() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.round--
	if g.round > 0 && g.writes.waiting == g.round {
		g.release(&g.writes)
	}
}

// close ends the rounds: no further operation begins; the current ones still
// meet at the barrier.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.cond.Broadcast()
}

// arrived notes when the target had read a request of a release.
func (g *gate) arrived(turn int, stamp []byte) {
	at, err := strconv.ParseInt(string(stamp), 10, 64)
	if err != nil {
		return
	}
	g.mu.Lock()
	g.stamps[turn] = append(g.stamps[turn], at)
	g.mu.Unlock()
}

// spread returns the median time between the first and the last arrival, in
// ns, of the largest releases (those of all clients, when none was lost), and
// how many they are.
func (g *gate) spread() (median int64, releases int) {
	largest := 2
	for _, s := range g.stamps {
		largest = max(largest, len(s))
	}
	var all []int64
	for _, s := range g.stamps {
		if len(s) == largest {
			all = append(all, slices.Max(s)-slices.Min(s))
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], len(all)
}

// event tells the spread of the block's arrivals.
func (g *gate) event(at int64, block int) *history.Event {
	median, n := g.spread()
	kind := "barrier"
	if g.lastByte {
		kind = "last-byte"
	}
	return history.NewBurst(at, block, kind, g.clients, median, n)
}
