package retry

import (
	"cmp"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"tussle/scenarios"
)

// named gives the policies by their names in the reference data, with the AWS
// simulator's base 5 ms and cap 2 s.
func named(t *testing.T, name string, attempts int) Policy {
	t.Helper()
	kind := map[string]string{"None": "none", "Exponential": "exponential", "EqualJitter": "equal-jitter", "FullJitter": "full-jitter",
		"Decorr": "decorrelated", "k8sDefaultRetry": "client-go-retry", "k8sDefaultBackoff": "client-go-backoff"}[name]
	r := scenarios.Retry{Policy: kind, Attempts: attempts}
	if kind != "client-go-retry" && kind != "client-go-backoff" {
		r.Base, r.Cap = scenarios.Duration(5*time.Millisecond), scenarios.Duration(2*time.Second)
	}
	return mustNew(t, r)
}

func rows(t *testing.T, file string) (header map[string]int, out [][]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	all, err := r.ReadAll()
	if err != nil || len(all) < 2 {
		t.Fatalf("%s: %d rows, %v", file, len(all), err)
	}
	header = map[string]int{}
	for i, name := range all[0] {
		header[name] = i
	}
	return header, all[1:]
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestBurstAgreesWithReference: makespan, write calls and the most attempts of
// a client within three standard errors (of both sides together) of the
// reference, in every row.
func TestBurstAgreesWithReference(t *testing.T) {
	t.Parallel()
	const runs = 150
	h, all := rows(t, "testdata/aws_occ_burst.csv")
	seen := 0
	for _, row := range all {
		name, clients := row[h["algorithm"]], int(number(t, row[h["clients"]]))
		p := named(t, name, math.MaxInt)
		var makespan, writes sample
		rng := rand.New(rand.NewPCG(1, uint64(clients)))
		for range runs {
			b := simulate(p, clients, rng, nil)
			makespan.add(float64(b.makespan) / 1e6)
			writes.add(float64(b.writes))
		}
		for _, c := range []struct {
			column string
			got    sample
		}{{"makespan_ms", makespan}, {"write_calls", writes}} {
			want, se := number(t, row[h[c.column+"_mean"]]), number(t, row[h[c.column+"_se"]])
			// The file rounds: 0.005 is half its last digit.
			limit := 3*math.Hypot(se, c.got.se()) + 0.005
			if d := math.Abs(c.got.mean() - want); d > limit {
				t.Errorf("%s, %d clients: %s %.2f, reference %.2f, off by %.2f > %.2f", name, clients, c.column, c.got.mean(), want, d, limit)
			}
		}
		seen++
	}
	if seen != 7*5 {
		t.Errorf("%d rows compared, want 7 policies x 5 client counts", seen)
	}
}

// TestGivingUpAgreesWithReference: the fraction that gives up when attempts
// are limited. The table does not state the spread of its message delays, and
// the result hangs on it: with |Normal(10 ms, 2 ms)| up to 0.06 more give up
// than in the table, with 10 ms +- 4 ms all of its rows agree within three
// standard errors and the 0.01 that is allowed here for the difference in shape.
func TestGivingUpAgreesWithReference(t *testing.T) {
	t.Parallel()
	const runs, referenceRuns, allowance = 200, 200, 0.01
	h, all := rows(t, "testdata/retry_budget_exhaustion.csv")
	for _, row := range all {
		name, clients, tries := row[h["policy"]], int(number(t, row[h["clients"]])), int(number(t, row[h["max_tries"]]))
		p := named(t, name, tries)
		var gaveUp sample
		rng := rand.New(rand.NewPCG(2, uint64(clients)))
		delay := func() time.Duration { return time.Duration((6 + 8*rng.Float64()) * float64(time.Millisecond)) }
		for range runs {
			gaveUp.add(float64(simulate(p, clients, rng, delay).gaveUp) / float64(clients))
		}
		want := number(t, row[h["gave_up_fraction"]])
		limit := 3*math.Hypot(gaveUp.se(), gaveUp.sd()/math.Sqrt(referenceRuns)) + allowance
		if d := math.Abs(gaveUp.mean() - want); d > limit {
			t.Errorf("%s, %d tries, %d clients: %.4f gave up, reference %.4f, off by more than %.4f", name, tries, clients, gaveUp.mean(), want, limit)
		}
		if tries >= clients && gaveUp.sum != 0 {
			t.Errorf("%s: %d tries are enough for %d clients, yet %v gave up", name, tries, clients, gaveUp.sum)
		}
	}
}

// TestBurstInvariants: a failed attempt is caused by another's commit within
// its own window, and everyone commits once, so no client needs more than N
// attempts and all together no more than N(N+1)/2 writes; in lock-step
// exactly that many.
func TestBurstInvariants(t *testing.T) {
	for _, e := range Policies {
		if e.Name == "budget" {
			continue // gives up
		}
		for _, clients := range []int{1, 2, 3, 8, 20} {
			p := mustNew(t, scenarios.Retry{Policy: e.Name, Attempts: clients})
			for seed := range uint64(30) {
				b := simulate(p, clients, rand.New(rand.NewPCG(3, seed)), nil)
				if b.gaveUp != 0 || b.most > clients || b.writes > clients*(clients+1)/2 || b.conflicts != b.writes-clients {
					t.Errorf("%s, %d clients, seed %d: %+v breaks an invariant", e.Name, clients, seed, b)
				}
			}
			lockStep := simulate(mustNew(t, scenarios.Retry{Policy: "none", Attempts: clients}), clients, rand.New(rand.NewPCG(4, 4)),
				func() time.Duration { return 10 * time.Millisecond })
			if lockStep.writes != clients*(clients+1)/2 {
				t.Errorf("%d clients in lock-step made %d writes, want %d", clients, lockStep.writes, clients*(clients+1)/2)
			}
		}
	}
}

// mustNew makes a policy; fields that are zero take the loader's defaults.
func mustNew(t interface{ Fatal(...any) }, r scenarios.Retry) Policy {
	d := scenarios.DefaultRetry(cmp.Or(r.Policy, "full-jitter"))
	r.Policy, r.Base, r.Factor = d.Policy, cmp.Or(r.Base, d.Base), cmp.Or(r.Factor, d.Factor)
	r.Cap = cmp.Or(r.Cap, max(d.Cap, r.Base))
	r.Attempts, r.Ratio = cmp.Or(r.Attempts, d.Attempts), cmp.Or(r.Ratio, d.Ratio)
	p, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
