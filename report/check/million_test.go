//go:build unix

package check

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// A million requests of 64 clients on one key, as the issue demands them: read
// and conditional write, many refused, two in a hundred never answered; and
// the same with every third write blind.

// hotPlan is the head of such a history.
var hotPlan = []history.Record{
	{Kind: history.KindHeader, Header: history.Header{Plan: history.Plan{Workload: history.PlanWorkload{Kind: kindRegister, Keys: 1},
		Strategies: []history.PlanStrategy{{Name: "s", Locking: "optimistic", Identify: "tag", Promises: []string{noLostUpdate, register, honestRefusals}}}}}},
	{Kind: history.KindBlock, Block: history.Block{End: 1}},
}

// hotKey makes n requests by a server that keeps its word. Writes whose answer
// is lost were done or not, by the toss of a coin.
func hotKey(n, clients int, blind float64) []history.Request {
	rng := rand.New(rand.NewPCG(oracleSeed, 1))
	requests := make([]history.Request, 0, n+2)
	requests = append(requests, history.Request{Client: -1, Step: history.StepSetup, Key: "b1-k0", Tag: "init", Call: -2, Return: -1, Status: 201,
		Class: history.OK, Effect: history.Applied})
	current := "init"
	type client struct {
		op  int
		saw string
		ret int64
	}
	c := make([]client, clients)
	now := int64(0)
	for len(requests) < n+1 {
		now += 1 + rng.Int64N(3000)
		i := rng.IntN(clients)
		cl := &c[i]
		// The request takes effect now; its interval reaches around it but not
		// into the client's last one.
		call := max(cl.ret+1, now-rng.Int64N(40_000))
		ret := now + rng.Int64N(40_000)
		cl.ret = ret
		r := history.Request{Client: i, Op: cl.op, Attempt: 1, Key: "b1-k0", Call: call, Return: ret, Status: 200, Class: history.OK}
		if call > now {
			cl.ret = call
			continue
		}
		if cl.saw == "" && rng.Float64() >= blind {
			r.Step, r.Saw = history.StepRead, current
			cl.saw = current
		} else {
			r.Step, r.Base = history.StepWrite, cl.saw
			r.Tag = strconv.Itoa(i) + "." + strconv.Itoa(cl.op) + ".1"
			if cl.saw != "" {
				r.Expect = `"` + cl.saw + `"`
			}
			done := r.Expect == "" || cl.saw == current
			r.Effect = history.Applied
			if !done {
				r.Effect, r.Class, r.Status = history.Refused, history.Stale, 412
			}
			if rng.IntN(50) == 0 {
				r.Effect, r.Class, r.Status = history.Unknown, history.Timeout, 0
				done = done && rng.IntN(2) == 0
			}
			if done {
				current = r.Tag
			}
			cl.saw = ""
			cl.op++
		}
		requests = append(requests, r)
	}
	last := history.Request{Client: -1, Step: history.StepRead, Key: "b1-k0", Saw: current, Call: now + 100_000, Return: now + 110_000, Status: 200, Class: history.OK}
	return append(requests, last)
}

// packed holds requests without pointers, so that the input of a benchmark
// costs the collector nothing.
type packed struct {
	text string
	all  []packedRequest
}

type packedRequest struct {
	call, ret           int64
	client, op          int32
	status              int16
	step, class, effect uint8
	texts               [4][2]uint32 // expect, base, tag, saw: from, to
}

func pack(requests []history.Request) packed {
	var p packed
	var b strings.Builder
	for i := range requests {
		r := &requests[i]
		q := packedRequest{call: r.Call, ret: r.Return, client: int32(r.Client), op: int32(r.Op), status: int16(r.Status),
			step: uint8(stepOf(r.Step)), class: uint8(classOf(r.Class)), effect: uint8(effectOf(r.Effect))}
		for j, s := range [...]string{r.Expect, r.Base, r.Tag, r.Saw} {
			from := uint32(b.Len())
			b.WriteString(s)
			q.texts[j] = [2]uint32{from, uint32(b.Len())}
		}
		p.all = append(p.all, q)
	}
	p.text = b.String()
	return p
}

// request fills in request i; every request has the same key and attempt.
func (p *packed) request(i int, r *history.Request) {
	q := &p.all[i]
	text := func(j int) string { return p.text[q.texts[j][0]:q.texts[j][1]] }
	r.Client, r.Op, r.Attempt, r.Key = int(q.client), int(q.op), 1, "b1-k0"
	r.Call, r.Return, r.Status = q.call, q.ret, int(q.status)
	r.Step, r.Class, r.Effect = steps[q.step], classes[q.class], effects[q.effect]
	r.Expect, r.Base, r.Tag, r.Saw = text(0), text(1), text(2), text(3)
}

func benchmarkMillion(b *testing.B, blind float64) {
	requests := pack(hotKey(1_000_000, 64, blind))
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ReportAllocs()
	var peak uint64
	var cpu time.Duration
	for b.Loop() {
		runtime.GC()
		stop, done := make(chan struct{}), make(chan struct{})
		go func() { // heap in use while judging
			defer close(done)
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					runtime.ReadMemStats(&now)
					peak = max(peak, now.HeapInuse)
				}
			}
		}()
		start := processTime()
		properties := judgeRequests(requests)
		cpu += processTime() - start
		close(stop)
		<-done
		for _, p := range properties {
			if p.Promised && p.Verdict != Holds {
				b.Fatal(p.text())
			}
		}
	}
	b.ReportMetric(float64(peak-min(peak, before.HeapInuse))/(1<<20), "MiB-peak")
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
}

// processTime is the user time of the process: a busy machine changes the wall
// clock, hardly this.
func processTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano())
}

func judgeRequests(requests packed) []Property {
	j := New()
	for i := range hotPlan {
		_ = j.Add(&hotPlan[i])
	}
	rec := history.Record{Kind: history.KindRequest}
	for i := range requests.all {
		requests.request(i, &rec.Request)
		rec.Line = int64(i + 1)
		if err := j.Add(&rec); err != nil {
			panic(err)
		}
	}
	return j.Finish()[0]
}

func BenchmarkMillionConditional(b *testing.B) { benchmarkMillion(b, 0) }
func BenchmarkMillionMixed(b *testing.B)       { benchmarkMillion(b, 1.0/3) }

// Porcupine beside ours, at the sizes of the issue, with 5 s for each answer.
func benchmarkThousand(b *testing.B, clients int, search bool) {
	requests := hotKey(1000, clients, 0)
	if !search {
		input := pack(requests)
		for b.Loop() {
			judgeRequests(input)
		}
		return
	}
	operations := registerOperations(false, true)(requests)
	nondeterministic := registerModel("init")
	model := nondeterministic.ToModel()
	answered := 0.0
	n := 0
	for b.Loop() {
		if porcupine.CheckOperationsTimeout(model, operations, 5*time.Second) != porcupine.Unknown {
			answered++
		}
		n++
	}
	b.ReportMetric(answered/float64(n), "answered")
}

func BenchmarkThousand16Ours(b *testing.B)      { benchmarkThousand(b, 16, false) }
func BenchmarkThousand16Porcupine(b *testing.B) { benchmarkThousand(b, 16, true) }
func BenchmarkThousand24Ours(b *testing.B)      { benchmarkThousand(b, 24, false) }
func BenchmarkThousand24Porcupine(b *testing.B) { benchmarkThousand(b, 24, true) }
