package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tussle/targets/defects"
)

var (
	update = flag.Bool("update", false, "add what findings look like to the golden files")
	first  = flag.Int("first", 1, "first seed to try")
)

// seeds is how many seeds a defect gets to show in a short load on a machine
// that has other work. The track record counts each seed by itself.
const seeds = 3

// build makes the program, without the race detector: it is run as users run it.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "tussle")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join("..", "..")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return binary
}

// short makes a run short: one block, and of half a second where neither a
// fault's window nor the wait for what does not come needs more.
func short(d defects.Defect, seed int, kind string, sets ...string) trial {
	sets = append(sets, "load.repeat=1")
	if d.Needs == "" && d.Property != "progress" {
		sets = append(sets, "load.duration=600ms")
	}
	return trial{kind: kind, name: d.Name, scenario: "zoo/" + d.Name, property: d.Property, sets: sets, seed: seed}
}

// Every defect is found by the property that it names, through the program and
// its shipped scenario, with at most 6 requests whose roles show the mechanism;
// without the defect nothing is.
func TestEveryDefectIsFoundAndNoTwin(t *testing.T) {
	binary := build(t)
	slots := make(chan struct{}, 2)
	for _, d := range defects.All {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			var r result
			for seed := *first; seed < *first+seeds && !r.good(); seed++ {
				r = run(t, short(d, seed, defect), binary)
				if r.Requests > 6 {
					t.Errorf("a finding has %d requests, expected 6 at most", r.Requests)
				}
			}
			if !r.good() {
				t.Fatalf("%s was not reported violated with %d seeds; the last one: %s", d.Property, seeds, r.brief())
			}
			compare(t, d, r)
			r = result{}
			for seed := *first; seed < *first+seeds && !r.good(); seed++ {
				r = run(t, short(d, seed, twin, `target.options.defect=""`), binary)
				if r.Violations > 0 {
					t.Fatalf("the sound twin: %s", r.brief())
				}
			}
			if !r.good() {
				t.Errorf("the sound twin was not put to the test: %s", r.brief())
			}
		})
	}
}

func run(t *testing.T, tr trial, binary string) result {
	t.Helper()
	r, err := tr.run(binary, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// compare holds the findings against the golden file of the defect. One of them
// must be as it says; a rare interleaving may make another look otherwise.
func compare(t *testing.T, d defects.Defect, r result) {
	t.Helper()
	file := filepath.Join("testdata", d.Name+".txt")
	text, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var golden shape
	if err == nil {
		golden = parseShape(string(text))
	}
	known := false
	for _, f := range r.findings {
		s := shapeOf(f)
		known = known || golden.holds(s)
		if *update {
			golden = golden.with(s)
		}
		if !strings.Contains(s.String(), "\n! ") {
			t.Errorf("no request offends:\n%s", s)
		}
	}
	if !known && !*update {
		t.Errorf("%s does not know what was found, such as\n%s", file, shapeOf(r.findings[0]))
	}
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGoodResults(t *testing.T) {
	found := result{Kind: defect, Exit: 1, Violations: 3, First: 120, Requests: 4}
	quiet := result{Kind: sound, Exercised: 900}
	for _, c := range []struct {
		name string
		r    result
		want bool
	}{
		{"found in time", found, true},
		{"found by another property", result{Kind: defect, Exit: 1, First: 120}, false},
		{"found too late", result{Kind: defect, Exit: 1, Violations: 1, First: 10_001}, false},
		{"too many requests to take in", result{Kind: defect, Exit: 1, Violations: 1, First: 1, Requests: 7}, false},
		{"found, but the program said nothing", result{Kind: defect, Violations: 3, First: 120}, false},
		{"nothing to find, and put to the test", quiet, true},
		{"a false alarm", result{Kind: sound, Exercised: 900, Violations: 1}, false},
		{"not exercised", result{Kind: twin}, false},
		{"one promise undecided", result{Kind: sound, Exercised: 900, Undecided: []string{"etag: register"}}, false},
		{"inconclusive", result{Kind: sound, Exercised: 900, Exit: 4}, false},
	} {
		if c.r.good() != c.want {
			t.Errorf("%s: good is %v", c.name, c.r.good())
		}
	}
}
