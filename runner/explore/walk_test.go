package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// toy is a database of a few rows with requests of a few statements: a change
// locks its row until the request's last statement, a read never waits. It is
// enough to know what each order must end with.
type toy struct {
	requests [][]act
}

type act struct {
	row    int
	change bool // row = what the request last read, plus its own number; else read the row
	locks  bool // the change keeps the row until the end
}

// run carries out the order that decide chooses, and returns its choices and
// what came of it: what everybody read, and the rows.
func (y toy) run(decide func(*step) int) (steps []step, moves []move, outcome string) {
	rows := make([]int, 3)
	holder := []int{-1, -1, -1}
	at, know := make([]int, len(y.requests)), make([]int, len(y.requests))
	var waiting [][2]int // request, row
	read := make([]string, len(y.requests))
	change := func(who, row int) {
		rows[row] = know[who]*10 + who + 1
	}
	free := func(who int) bool { return !slices.ContainsFunc(waiting, func(w [2]int) bool { return w[0] == who }) }
	for {
		s := step{}
		for who, list := range y.requests {
			if at[who] < len(list) && free(who) {
				s.enabled = append(s.enabled, who)
				s.reads = append(s.reads, !list[at[who]].change)
			}
		}
		if len(s.enabled) == 0 {
			break
		}
		who := decide(&s)
		s.chosen = who
		steps = append(steps, s)
		moves = append(moves, move{who, s.read(who)})
		a := y.requests[who][at[who]]
		at[who]++
		switch {
		case !a.change:
			know[who] = rows[a.row]
			read[who] += fmt.Sprint(rows[a.row], ",")
		case holder[a.row] >= 0 && holder[a.row] != who:
			waiting = append(waiting, [2]int{who, a.row})
		default:
			change(who, a.row)
			if a.locks {
				holder[a.row] = who
			}
		}
		for again := true; again; { // whoever has ended lets its rows go
			again = false
			for row, h := range holder {
				if h < 0 || at[h] < len(y.requests[h]) || !free(h) {
					continue
				}
				holder[row] = -1
				if i := slices.IndexFunc(waiting, func(w [2]int) bool { return w[1] == row }); i >= 0 {
					w := waiting[i]
					waiting = slices.Delete(waiting, i, i+1)
					change(w[0], row)
					holder[row] = w[0]
					again = true
				}
			}
		}
	}
	return steps, moves, fmt.Sprint(rows, read, len(waiting))
}

// all walks every order and counts how many end in which way, each order as
// often as it stands for others.
func all(t *testing.T, y toy, every bool) (outcomes map[string]int64, walked int) {
	t.Helper()
	w := newWalk(every)
	outcomes = map[string]int64{}
	for {
		b, _, more := w.next()
		if !more {
			return outcomes, walked
		}
		o := &order{last: -1}
		asleep := b.asleep
		o.steps, o.moves, _ = nil, nil, ""
		var steps []step
		var done []step
		_, moves, outcome := y.run(func(s *step) int {
			pick := 0
			if len(done) < len(b.choices) {
				pick = b.choices[len(done)]
			} else {
				var useless bool
				last := -1
				if len(done) > 0 {
					last = done[len(done)-1].chosen
				}
				pick, useless = w.choose(s, last, asleep)
				o.useless = o.useless || useless
				s.chosen = pick
				asleep = w.sleep(s, asleep)
			}
			s.chosen = pick
			done = append(done, *s)
			return pick
		})
		steps = done
		o.steps = steps
		if o.useless {
			steps = steps[:o.awake(b, w)]
		}
		if !w.grow(b, steps) {
			t.Fatalf("the order %v is walked twice", chosen(steps))
		}
		if o.useless {
			continue
		}
		walked++
		n := int64(1)
		if !every {
			n = weight(moves, len(y.requests))
		}
		outcomes[outcome] += n
		if walked > 20000 {
			t.Fatal("it does not end")
		}
	}
}

func TestEveryOrderIsWalkedOnce(t *testing.T) {
	list := func(n int) []act {
		out := make([]act, n)
		for i := range out {
			out[i] = act{row: 0, change: true}
		}
		return out
	}
	for _, c := range []struct {
		counts []int
		want   int64
	}{{[]int{2, 2}, 6}, {[]int{3, 3}, 20}, {[]int{5, 5}, 252}, {[]int{4, 1}, 5}, {[]int{2, 2, 2}, 90}, {[]int{0, 3}, 1}} {
		y := toy{}
		for _, n := range c.counts {
			y.requests = append(y.requests, list(n))
		}
		if _, walked := all(t, y, true); int64(walked) != c.want || merges(c.counts) != c.want {
			t.Errorf("%v: walked %d, merges %d, want %d", c.counts, walked, merges(c.counts), c.want)
		}
	}
}

// What only differs in the order of reads is walked once, and counted as often
// as it stands for.
func TestReadsStandForEachOther(t *testing.T) {
	y := toy{[][]act{{{row: 0}, {row: 0, change: true}}, {{row: 0}, {row: 0, change: true}}}}
	full, walked := all(t, y, true)
	pruned, fewer := all(t, y, false)
	if walked != 6 || fewer != 4 || fmt.Sprint(full) != fmt.Sprint(pruned) {
		t.Errorf("walked %d and %d, %v and %v", walked, fewer, full, pruned)
	}
}

// Pruned and unpruned exploration agree on generated transactions: every
// outcome comes up, as often.
func TestPrunedAndUnprunedAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 1))
	saved := 0
	for n := range 1000 {
		y := toy{}
		requests := 2
		if n%20 == 0 {
			requests = 3
		}
		for range requests {
			var list []act
			for range 1 + rng.IntN(6-2*requests+1) {
				list = append(list, act{row: rng.IntN(2), change: rng.IntN(2) == 0, locks: rng.IntN(2) == 0})
			}
			list = append(list, act{row: 2, change: true}) // a commit: no read lets rows go
			y.requests = append(y.requests, list)
		}
		full, walked := all(t, y, true)
		pruned, fewer := all(t, y, false)
		saved += walked - fewer
		if len(full) != len(pruned) {
			t.Fatalf("%v: %d outcomes, pruned %d", y, len(full), len(pruned))
		}
		for o, k := range full {
			if pruned[o] != k {
				t.Fatalf("%v: %s comes up %d times, pruned %d", y, o, k, pruned[o])
			}
		}
	}
	if saved == 0 {
		t.Error("nothing was pruned")
	}
}

// At any moment, all orders with fewer preemptions than the next one has were
// walked.
func TestFewPreemptionsComeFirst(t *testing.T) {
	y := toy{[][]act{make([]act, 4), make([]act, 4)}}
	w := newWalk(true)
	counts, last := map[int]int{}, 0
	for {
		b, n, more := w.next()
		if !more {
			break
		}
		if n < last {
			t.Fatalf("%d preemptions after %d", n, last)
		}
		last = n
		steps, _, _ := func() ([]step, []move, string) {
			at, prev := 0, -1
			return y.run(func(s *step) int {
				pick := 0
				if at < len(b.choices) {
					pick = b.choices[at]
				} else {
					pick, _ = w.choose(s, prev, nil)
				}
				at, prev = at+1, pick
				return pick
			})
		}()
		if got := preemptions(steps, nil, 0); got != n {
			t.Fatalf("an order has %d preemptions, expected %d", got, n)
		}
		counts[n]++
		w.grow(b, steps)
	}
	// Of two lists of four: k switches that leave the other unfinished.
	if counts[0] != 2 || counts[1] != 6 || len(counts) != 7 {
		t.Errorf("orders by preemptions: %v", counts)
	}
}

func TestFacts(t *testing.T) {
	same := func(s string) string { return strings.ReplaceAll(s, "secret", "<S>") }
	got := facts([]byte(`{"id":"run-x1k0","n":7,"a/b":[true,null,{}],"t":"see run-x1k0 and secret","e":[]}`), []string{"run-x1k0"}, same)
	want := map[string]string{"/id": "{key}", "/n": "7", "/a~1b/0": "true", "/a~1b/1": "null", "/a~1b/2": "{}", "/t": "see {key} and <S>", "/e": "[]"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := facts([]byte("<p>run-x1k0"), []string{"run-x1k0"}, same); got["body"] != "<p>{key}" {
		t.Errorf("got %v", got)
	}
	if got := facts([]byte(`{"n":7,"m":17}`), []string{"7"}, same); got["/n"] != "{key}" || got["/m"] != "17" {
		t.Errorf("a short key: got %v", got)
	}
	a, b := short(strings.Repeat("x", 5000)), short(strings.Repeat("x", 4999)+"y")
	if len(a) > maxText+80 || a == b {
		t.Errorf("long texts: %d bytes, different %v", len(a), a != b)
	}
	if got := facts([]byte("["+strings.Repeat("1,", 5000)+"1]"), nil, same); len(got) > maxFacts+1 {
		t.Errorf("%d facts", len(got))
	}
}
