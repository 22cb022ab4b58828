package measure

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tussle/history"
	"tussle/report/internal/virtual"
)

// measured runs a load on a virtual clock; change may alter each record.
func measured(load virtual.Load, change ...func(*history.Record)) []Figures {
	c := New()
	virtual.Run(load, func(r *history.Record) {
		for _, f := range change {
			f(r)
		}
		c.Add(r)
	})
	return c.Finish()
}

func check(t *testing.T, f Figures, name string) Check {
	t.Helper()
	for _, c := range f.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no self-check %q", name)
	return Check{}
}

func optimistic() []virtual.Strategy {
	return []virtual.Strategy{{Name: "optimistic", Locking: "optimistic"}}
}

// Constant think time, exponential delays, one key: little, middling and much
// contention.
func TestConflictProbabilityLiesInTheBand(t *testing.T) {
	for _, c := range []struct {
		clients int
		pause   time.Duration
		length  time.Duration
		lo, hi  float64 // what "little" and "much" mean
	}{{4, 80 * time.Millisecond, 100 * time.Second, 0.02, 0.15}, {8, 30 * time.Millisecond, 20 * time.Second, 0.2, 0.6}, {16, 10 * time.Millisecond, 5 * time.Second, 0.7, 0.99}} {
		load := virtual.Load{Clients: c.clients, Think: 2 * time.Millisecond, Pause: c.pause, Duration: c.length, Warmup: time.Second, Seed: 3, Strategies: optimistic()}
		ch := check(t, measured(load)[0], "conflict probability")
		t.Log(ch.Note)
		if ch.State != Good || *ch.Value < c.lo || *ch.Value > c.hi {
			t.Errorf("%d clients: %s, %v: %s", c.clients, ch.State, *ch.Value, ch.Note)
		}
	}
}

// A server that refuses every fourth write for no reason.
func TestConflictsWithoutACauseAreFound(t *testing.T) {
	load := virtual.Load{Keys: 64, Clients: 2, Think: time.Millisecond, Pause: 2 * time.Millisecond, Seed: 3, Strategies: optimistic()}
	if ch := check(t, measured(load)[0], "conflicts justified"); ch.State == Note || ch.State == Bad {
		t.Errorf("honest: %+v", ch)
	}
	n := 0
	f := measured(load, func(r *history.Record) {
		if r.Kind == history.KindRequest && r.Request.Step == history.StepWrite {
			if n++; n%4 == 0 {
				r.Request.Status, r.Request.Class, r.Request.Effect = 412, history.Stale, history.Refused
			}
		}
	})
	ch := check(t, f[0], "conflicts justified")
	if ch.State != Note || *ch.Value < 50 {
		t.Errorf("refused without need: %+v", ch)
	}
}

// Whoever wrote without an answer may be the cause, and so may the client itself.
func TestUnansweredWriteJustifiesAConflict(t *testing.T) {
	for _, c := range []struct {
		name        string
		other       history.Request
		unjustified float64
	}{
		//  client 0:      r----w412            read 20-21, write 30-31
		{"nobody", history.Request{Client: 1, Call: 50, Return: 51, Status: 200, Class: history.OK, Effect: history.Applied}, 1},
		{"before the read", history.Request{Client: 1, Call: 10, Return: 19, Status: 200, Class: history.OK, Effect: history.Applied}, 1},
		{"touching the read", history.Request{Client: 1, Call: 10, Return: 20, Status: 200, Class: history.OK, Effect: history.Applied}, 0},
		{"its own commit", history.Request{Client: 0, Op: 1, Call: 22, Return: 25, Status: 200, Class: history.OK, Effect: history.Applied}, 1},
		{"another client's commit", history.Request{Client: 1, Call: 22, Return: 25, Status: 200, Class: history.OK, Effect: history.Applied}, 0},
		{"unanswered long before", history.Request{Client: 1, Call: 1, Return: 2, Class: history.Timeout, Effect: history.Unknown}, 0},
		{"unanswered by itself", history.Request{Client: 0, Op: 1, Call: 1, Return: 2, Class: history.Timeout, Effect: history.Unknown}, 0},
		{"a commit on another key", history.Request{Client: 1, Key: "x", Call: 22, Return: 25, Status: 200, Class: history.OK, Effect: history.Applied}, 1},
	} {
		tp := newTape("optimistic", 2)
		tp.block(0)
		tp.request(history.Request{Step: history.StepRead, Call: 20, Return: 21, Status: 200, Class: history.OK})
		tp.request(history.Request{Step: history.StepWrite, Call: 30, Return: 31, Status: 412, Class: history.Stale, Effect: history.Refused})
		c.other.Step = history.StepWrite
		tp.request(c.other)
		tp.block(120)
		if ch := check(t, tp.c.Finish()[0], "conflicts justified"); ch.Value == nil || *ch.Value != c.unjustified {
			t.Errorf("%s: %+v, want %v without a cause", c.name, ch, c.unjustified)
		}
	}
}

// Closed loops at full speed, fair and starved, few clients and many, never
// speak against the instrument.
func TestNoFalseAlarmInAClosedLoop(t *testing.T) {
	seed := uint64(0)
	for _, clients := range []int{1, 8, 64} {
		for _, keys := range []int{1, 8} {
			for _, pause := range []time.Duration{0, 300 * time.Millisecond} {
				seed++
				load := virtual.Load{Keys: keys, Clients: clients, Repeat: 2, Think: time.Millisecond, Pause: pause, Duration: 500 * time.Millisecond, Warmup: 100 * time.Millisecond, ReadShare: 0.2, Seed: seed,
					Strategies: []virtual.Strategy{{Name: "o", Locking: "optimistic"}, {Name: "p", Locking: "pessimistic"}, {Name: "n", Locking: "none"}}}
				for i, f := range measured(load) {
					for _, ch := range f.Checks {
						if ch.State == Bad {
							t.Errorf("%d clients, %d keys, pause %v, %s: %s: %s", clients, keys, pause, load.Strategies[i].Name, ch.Name, ch.Note)
						}
					}
				}
			}
		}
	}
}

// From the middle on, half of the clients are not heard of any more.
func TestLittlesLawMissesTheClientsThatHang(t *testing.T) {
	load := virtual.Load{Keys: 8, Clients: 8, Think: time.Millisecond, Pause: time.Millisecond, Seed: 1, Strategies: optimistic()}
	for _, c := range []struct {
		from time.Duration
		want State
	}{{2 * time.Second, Good}, {850 * time.Millisecond, Note}, {300 * time.Millisecond, Bad}} {
		hung := func(client int, at int64) bool { return client >= 4 && at > int64(c.from) }
		f := measured(load, func(r *history.Record) {
			if r.Kind == history.KindOperation && hung(r.Operation.Client, r.Operation.Return) {
				*r = history.Record{Kind: history.KindSample}
			}
		})
		if ch := check(t, f[0], "Little's law"); ch.State != c.want {
			t.Errorf("hung from %v on: %s: %s, want %s", c.from, ch.State, ch.Note, c.want)
		}
	}
}

// Open model: lag of the generator is its own fault, waiting for a client is
// the target's doing.
func TestScheduleLagTellsTheGeneratorFromTheTarget(t *testing.T) {
	load := virtual.Load{Keys: 8, Clients: 4, Think: time.Millisecond, Rate: 3000, Duration: time.Second, Seed: 1, Strategies: []virtual.Strategy{{Name: "n", Locking: "none"}}}
	f := measured(load)[0]
	if f.NotStarted == 0 || *f.ScheduleLag.P50 < 50 {
		t.Fatalf("four clients keep up with 3000 operations/s: lag %v, %d not started", *f.ScheduleLag.P50, f.NotStarted)
	}
	if ch := check(t, f, "schedule lag"); ch.State != Good || *ch.Value != 0 {
		t.Errorf("an overloaded target: %+v", ch)
	}
	load.Rate = 300
	for _, c := range []struct {
		name  string
		every int
		want  State
	}{{"every start 5 ms late", 1, Bad}, {"one of 50 starts late", 50, Note}, {"none", 1 << 30, Good}} {
		n := 0
		f := measured(load, func(r *history.Record) {
			if r.Kind == history.KindOperation && r.Operation.Client >= 0 {
				if n++; n%c.every == 0 {
					r.Operation.Call += 5 * ms
				}
			}
		})
		if ch := check(t, f[0], "schedule lag"); ch.State != c.want {
			t.Errorf("%s: %+v, want %s", c.name, ch, c.want)
		}
	}
}

func TestCountsOnTheWireAndAtTheTarget(t *testing.T) {
	for _, c := range []struct {
		name            string
		wire, saw       int64 // beside what is recorded
		silent          bool
		onWire, arrived State
	}{
		{"all equal", 0, 0, false, Good, Good},
		{"a request is not recorded", 1, 1, false, Bad, Note},
		{"the target saw more", 0, 2, false, Good, Note},
		{"the target saw fewer, all were answered", 0, -2, false, Good, Bad},
		{"the target saw fewer, one was not answered", 0, -1, true, Good, Note},
	} {
		tp := newTape("none", 1)
		tp.block(0)
		for op := range 10 {
			r := history.Request{Op: op, Step: history.StepWrite, Status: 200, Class: history.OK, Effect: history.Applied, Call: int64(20 + op), Return: int64(21 + op)}
			if c.silent && op == 5 {
				r.Status, r.Class, r.Effect = 0, history.Timeout, history.Unknown
			}
			tp.request(r)
		}
		// Refused before its first byte left: it is in the record, and on no wire.
		tp.request(history.Request{Op: 10, Step: history.StepWrite, Class: history.Transport, Effect: history.Refused, Call: 40, Return: 41})
		b := history.Block{Clients: 1, Measure: 10 * ms, Stop: 110 * ms, End: 120 * ms, Wire: 10 + c.wire, TargetSaw: 10 + c.saw}
		tp.c.Add(&history.Record{Kind: history.KindBlock, Block: b})
		f := tp.c.Finish()[0]
		if got := check(t, f, "requests on the wire"); got.State != c.onWire {
			t.Errorf("%s: on the wire %s (%s), want %s", c.name, got.State, got.Note, c.onWire)
		}
		if got := check(t, f, "requests at the target"); got.State != c.arrived {
			t.Errorf("%s: at the target %s (%s), want %s", c.name, got.State, got.Note, c.arrived)
		}
	}
}

func TestGeneratorCPUShareIsOfTheStrategysBlocks(t *testing.T) {
	load := virtual.Load{Clients: 2, Pause: time.Millisecond, Seed: 1, Strategies: []virtual.Strategy{{Name: "a", Locking: "none"}, {Name: "b", Locking: "none"}}}
	c := New()
	virtual.Run(load, func(r *history.Record) {
		c.Add(r)
		if r.Kind == history.KindBlock && r.Block.End == 0 { // block 0 takes 0.2 CPUs, block 1 takes 1.9
			busy := []int64{200, 1900}[r.Block.Block]
			for i := range int64(5) {
				c.Add(&history.Record{Kind: history.KindSample, Sample: history.Sample{Block: r.Block.Block, At: r.Block.Start + i*100*ms, CPU: 7777 + i*busy*ms/10, TargetCPU: i * 50 * ms}})
			}
		}
	})
	f := c.Finish()
	for i, want := range []string{"0.1 good", "0.95 note"} {
		ch := check(t, f[i], "generator CPU share")
		if got := fmt.Sprintf("%v %s", *ch.Value, ch.State); got != want || !strings.Contains(ch.Note, "the target took 25 %") {
			t.Errorf("strategy %d: %s (%s), want %s", i, got, ch.Note, want)
		}
	}
}

func TestStarvedClientsAreNoted(t *testing.T) {
	tp := newTape("none", 2)
	tp.block(0)
	for op := range 50 {
		at := int64(11 + op)
		tp.request(history.Request{Op: op, Step: history.StepWrite, Status: 200, Class: history.OK, Effect: history.Applied, Call: at, Return: at + 1})
		tp.operation(history.Operation{Op: op, Planned: at, Call: at, Return: at + 1, Commit: at + 1, Outcome: history.Committed, Attempts: 1})
	}
	tp.block(120)
	ch := check(t, tp.c.Finish()[0], "fairness (Jain)")
	if ch.State != Note || *ch.Value != 0.5 || !strings.HasPrefix(ch.Note, "1 of 2 clients committed nothing") {
		t.Errorf("%+v", ch)
	}
}

// A target that refuses half of what it need not, or nothing at all, is seen.
func TestConflictProbabilityOutsideTheBandIsNoted(t *testing.T) {
	load := virtual.Load{Clients: 8, Think: 2 * time.Millisecond, Pause: 30 * time.Millisecond, Duration: 20 * time.Second, Seed: 3, Strategies: optimistic()}
	load.Strategies[0].Broken = true
	if ch := check(t, measured(load)[0], "conflict probability"); ch.State != Note || *ch.Value != 0 {
		t.Errorf("a server without versions: %+v", ch)
	}
}
