package main

import (
	"bufio"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"tussle/history"
)

// shape is the size of a made-up history.
type shape struct {
	requests, blocks, keys, clients int
	seed                            uint64
}

// writeHistory makes up the history of a run of sound optimistic counters, as
// a run would have written it: reads and conditional writes, refused where
// another client was faster, a few never answered. The same shape gives the
// same records.
func writeHistory(path string, s shape) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	w, err := history.NewWriter(out, 0)
	if err != nil {
		return err
	}
	buf := w.Buffer()
	perBlock := s.requests / s.blocks
	plan := history.Plan{Scenario: "synthetic", Text: "# made up", Seed: s.seed,
		Workload: history.PlanWorkload{Kind: "counter", Keys: s.keys, Skew: "uniform", Think: "0s", Pause: "0s"},
		Load:     history.PlanLoad{Clients: s.clients, Duration: int64(perBlock) * step, Repeat: (s.blocks + 1) / 2}}
	for _, name := range []string{"a", "b"} {
		plan.Strategies = append(plan.Strategies, history.PlanStrategy{Name: name, Locking: "optimistic", Dialect: "etag", Retry: "none", Identify: "tag",
			Promises: []string{"no-lost-update", "counter-bounds", "register"}})
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := buf.Header(&history.Header{Schema: history.Schema, RecordedBy: "bench", Run: "rbench", Start: start, Plan: plan,
		Machine: history.Environment{CPUs: 2}}); err != nil {
		return err
	}
	m := maker{shape: s, buf: buf, rng: rand.New(rand.NewPCG(s.seed, 1)), now: int64(time.Second)}
	for n := range s.blocks {
		if err := m.block(n, perBlock); err != nil {
			return err
		}
	}
	if err := buf.Event(&history.Event{At: m.now, Name: history.EventEnd}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Flush()
}

// step is the mean time between two requests, ns.
const step = 10_000

type maker struct {
	shape
	buf *history.Buffer
	rng *rand.Rand
	now int64
}

// counter is the state of one key, worker what a client is at.
type counter struct {
	name       string
	version    int
	value, tag string
}

type worker struct {
	op, attempt, key, requests int
	read                       bool
	version                    int
	value, tag                 string
	begun, ret                 int64
}

func (m *maker) block(n, requests int) error {
	b := history.Block{Block: n, Strategy: n % 2, Repeat: n / 2, Clients: m.clients}
	keys := make([]counter, m.keys)
	for i := range keys {
		k := counter{name: "b" + strconv.Itoa(n) + "-k" + strconv.Itoa(i), version: 1, value: "0", tag: "init"}
		keys[i] = k
		m.buf.Request(&history.Request{Block: n, Client: history.Observer, Step: history.StepSetup, Key: k.name, Call: m.now, Return: m.now + 1000, Status: 201,
			Class: history.OK, Effect: history.Applied, Version: `"1"`, Tag: k.tag, Value: k.value, Sent: 150, Received: 90})
	}
	m.now += 1_000_000
	b.Start, b.Measure = m.now, m.now
	b.Stop = m.now + int64(requests)*step
	if err := m.buf.Block(&b); err != nil {
		return err
	}
	workers := make([]worker, m.clients)
	for i := range workers {
		workers[i] = worker{attempt: 1, key: m.rng.IntN(m.keys), begun: m.now + int64(i), ret: m.now}
	}
	for sent := 0; sent < requests; {
		m.now += m.rng.Int64N(2 * step)
		i := m.rng.IntN(m.clients)
		if m.request(n, i, &workers[i], keys) {
			sent++
		}
	}
	m.now += 1_000_000
	for i := range keys {
		k := &keys[i]
		m.buf.Request(&history.Request{Block: n, Client: history.Observer, Op: i, Attempt: 1, Step: history.StepRead, Key: k.name, Call: m.now, Return: m.now + 1000,
			Status: 200, Class: history.OK, Version: quoted(k.version), Saw: k.tag, Value: k.value, Sent: 80, Received: 120})
	}
	m.now += 1_000_000
	b.Stop, b.End, b.Wire, b.TargetSaw = min(b.Stop, m.now), m.now, int64(requests+2*m.keys), -1
	return m.buf.Block(&b)
}

func quoted(version int) string { return `"` + strconv.Itoa(version) + `"` }

// request makes client i's next one, which takes effect now; false when its
// last is not over.
func (m *maker) request(n, i int, w *worker, keys []counter) bool {
	if w.ret >= m.now {
		return false
	}
	k := &keys[w.key]
	call, ret := max(w.ret+1, m.now-m.rng.Int64N(40_000)), m.now+m.rng.Int64N(40_000)
	if w.requests == 0 {
		w.begun = call
	}
	w.ret = ret
	w.requests++
	r := history.Request{Block: n, Client: i, Op: w.op, Attempt: w.attempt, Key: k.name, Call: call, Return: ret, Status: 200, Class: history.OK}
	if !w.read {
		w.read, w.version, w.value, w.tag = true, k.version, k.value, k.tag
		r.Step, r.Version, r.Saw, r.Value, r.Sent, r.Received = history.StepRead, quoted(k.version), k.tag, k.value, 80, 120
		m.buf.Request(&r)
		return true
	}
	w.read = false
	value, _ := strconv.Atoi(w.value)
	r.Step, r.Expect, r.Base, r.Tag, r.Value = history.StepWrite, quoted(w.version), w.tag,
		strconv.Itoa(i)+"."+strconv.Itoa(w.op)+"."+strconv.Itoa(w.attempt), strconv.Itoa(value+1)
	r.Sent, r.Received, r.Effect = 160, 90, history.Applied
	outcome := history.Committed
	switch {
	case w.version != k.version:
		r.Status, r.Class, r.Effect = 412, history.Stale, history.Refused
		outcome = ""
	case m.rng.IntN(200) == 0:
		r.Status, r.Class, r.Effect, r.Received = 0, history.Timeout, history.Unknown, 0
		outcome = history.OutcomeUnknown
	}
	if w.version == k.version && (outcome == history.Committed || m.rng.IntN(2) == 0) {
		k.version++
		k.value, k.tag = r.Value, r.Tag
	}
	if outcome == history.Committed {
		r.Version = quoted(k.version)
	}
	m.buf.Request(&r)
	if outcome == "" {
		w.attempt++
		return true
	}
	o := history.Operation{Block: n, Client: i, Op: w.op, Intent: history.IntentUpdate, Key: k.name, Planned: w.begun, Call: w.begun, Return: ret,
		Outcome: outcome, Attempts: w.attempt, Conflicts: w.attempt - 1, Requests: w.requests, Amount: 1}
	if outcome == history.Committed {
		o.Commit = ret
	}
	m.buf.Operation(&o)
	*w = worker{op: w.op + 1, attempt: 1, key: m.rng.IntN(m.keys), ret: ret}
	return true
}
