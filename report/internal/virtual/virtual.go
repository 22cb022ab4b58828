// Package virtual makes histories for tests: clients in a closed loop, a
// server and a network on a virtual clock. Same settings, same history.
package virtual

import (
	"container/heap"
	"fmt"
	"math"
	"strconv"
	"time"

	"tussle/history"
)

// Load says what is to be run. The zero value of a field is the default
// named beside it.
type Load struct {
	Strategies []Strategy
	Keys       int           // 1
	Clients    int           // 4
	Repeat     int           // blocks a strategy, 1
	Duration   time.Duration // measured part of a block, 1s
	Warmup     time.Duration // 0
	Delay      time.Duration // mean of one way, 200us; exponential
	Think      time.Duration // between read and write, constant
	Pause      time.Duration // mean between operations, exponential
	ReadShare  float64       // of plain reads
	Rate       float64       // open: arrivals a second over all clients; 0 is closed
	Sweep      []float64     // numbers of clients, instead of Clients
	Seed       uint64
	Thresholds []history.PlanThreshold
	Details    bool // refusals have a body
}

// Strategy is one way to lock.
type Strategy struct {
	Name     string
	Locking  string // optimistic, pessimistic, none
	Promises []string
	Attempts int     // tries of an optimistic client, 0 is without end
	Slower   float64 // factor on delays, 1
	Broken   bool    // optimistic: the server ignores the precondition
}

type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) float() float64 { return float64(r.next()>>11) / (1 << 53) }

func (r *rng) exp(mean float64) int64 { return int64(-mean * math.Log(1-r.float())) }

type event struct {
	at   int64
	seq  int
	then func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

type item struct {
	value, version int64
	tag            string
	held           bool
	waiting        []func()
}

// world is the state of a run.
type world struct {
	*Load
	plan  history.Plan
	emit  func(*history.Record)
	rec   history.Record
	now   int64
	seq   int
	queue events
	rng   rng

	block    history.Block
	strategy Strategy
	items    []item
	sent     int64
}

// Run emits the records of a whole run in the order in which a recorder
// writes them. The record is used again after emit returns.
func Run(load Load, emit func(*history.Record)) {
	w := &world{Load: &load, emit: emit, rng: rng(load.Seed)}
	w.defaults()
	w.header()
	points := load.Sweep
	if len(points) == 0 {
		points = []float64{0}
	}
	n := 0
	for p, at := range points {
		for r := range w.Repeat {
			for i := range w.Strategies {
				if r%2 == 1 {
					i = len(w.Strategies) - 1 - i // A B B A
				}
				w.run(n, i, r, p, at)
				n++
			}
		}
	}
	w.rec = history.Record{Kind: history.KindEvent, Event: history.Event{At: w.now, Block: -1, Name: history.EventEnd}}
	emit(&w.rec)
}

func (w *world) defaults() {
	w.Keys, w.Clients, w.Repeat = max(w.Keys, 1), max(w.Clients, 0), max(w.Repeat, 1)
	if w.Clients == 0 {
		w.Clients = 4
	}
	if w.Duration == 0 {
		w.Duration = time.Second
	}
	if w.Delay == 0 {
		w.Delay = 200 * time.Microsecond
	}
}

func (w *world) header() {
	p := history.Plan{Scenario: "virtual", SHA256: "0123456789abcdef", Seed: w.Seed, Thresholds: w.Thresholds,
		Workload: history.PlanWorkload{Kind: "counter", Keys: w.Keys, Skew: "uniform", Think: w.Think.String(), Pause: w.Pause.String(), ReadShare: w.ReadShare},
		Load:     history.PlanLoad{Clients: w.Clients, Duration: int64(w.Duration), Warmup: int64(w.Warmup), Repeat: w.Repeat}}
	if w.Rate > 0 {
		p.Load.Rate = fmt.Sprintf("%g/s", w.Rate)
	}
	for _, s := range w.Strategies {
		p.Strategies = append(p.Strategies, history.PlanStrategy{Name: s.Name, Locking: s.Locking, Dialect: "etag", Retry: "at once", Promises: s.Promises, Identify: "tag"})
	}
	if len(w.Sweep) > 0 {
		p.Sweep = &history.PlanSweep{Parameter: "clients", Values: w.Sweep}
		for _, v := range w.Sweep {
			p.Sweep.Labels = append(p.Sweep.Labels, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	w.plan = p
	w.rec = history.Record{Kind: history.KindHeader, Header: history.Header{Schema: history.Schema, RecordedBy: "test", Run: "r",
		Start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Command: []string{"tussle", "run", "virtual"}, Plan: p, Machine: history.Environment{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"}}}
	w.emit(&w.rec)
}

func (w *world) run(number, strategy, repeat, point int, at float64) {
	clients := w.Clients
	if at > 0 {
		clients = int(at)
	}
	start := w.now + int64(time.Millisecond)
	w.strategy, w.sent = w.Strategies[strategy], 0
	w.block = history.Block{Block: number, Strategy: strategy, Repeat: repeat, Point: point, At: at, Clients: clients,
		Start: start, Measure: start + int64(w.Warmup), Stop: start + int64(w.Warmup+w.Duration)}
	w.rec.Kind, w.rec.Block = history.KindBlock, w.block
	w.emit(&w.rec)
	w.items = make([]item, w.Keys)
	for k := range w.items {
		w.items[k] = item{version: 1, tag: "init"}
		w.observe(k, history.StepSetup, history.IntentSetup)
	}
	for c := range clients {
		cl := &client{w: w, number: c}
		if w.Rate > 0 {
			w.after(start+w.rng.exp(1e9*float64(clients)/w.Rate)-w.now, cl.arrive)
		} else {
			w.after(start+w.rng.exp(float64(w.Pause))-w.now, cl.begin)
		}
	}
	for len(w.queue) > 0 {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.then()
	}
	for k := range w.items {
		w.observe(k, history.StepRead, history.IntentFinal)
	}
	w.block.End, w.block.Wire, w.block.TargetSaw = w.now, w.sent, w.sent
	w.rec.Kind, w.rec.Block = history.KindBlock, w.block
	w.emit(&w.rec)
}

func (w *world) after(d int64, then func()) {
	w.seq++
	heap.Push(&w.queue, event{w.now + max(d, 0), w.seq, then})
}

func (w *world) key(k int) string { return "b" + strconv.Itoa(w.block.Block) + "-k" + strconv.Itoa(k) }

// observe does one of the observer's requests in no time.
func (w *world) observe(k int, step history.Step, intent history.Intent) {
	it := &w.items[k]
	w.sent++
	w.rec.Kind = history.KindRequest
	w.rec.Request = history.Request{Block: w.block.Block, Client: history.Observer, Op: int(w.sent), Attempt: 1, Step: step, Key: w.key(k),
		Call: w.now, Return: w.now + 1000, Status: 200, Class: history.OK, Version: strconv.FormatInt(it.version, 10), Value: strconv.FormatInt(it.value, 10)}
	if step == history.StepSetup {
		w.rec.Request.Effect, w.rec.Request.Tag = history.Applied, it.tag
	} else {
		w.rec.Request.Saw = it.tag
	}
	w.emit(&w.rec)
	w.now += 1000
	w.rec.Kind = history.KindOperation
	w.rec.Operation = history.Operation{Block: w.block.Block, Client: history.Observer, Op: int(w.sent), Intent: intent, Key: w.key(k), Planned: w.now - 1000, Call: w.now - 1000,
		Return: w.now, Commit: w.now, Outcome: history.Committed, Attempts: 1, Requests: 1}
	w.emit(&w.rec)
}
