package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tussle/targets/defects"
)

// The page says what the results say, and no more.
func TestPageIsGeneratedFromTheResults(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	known, err := load(filepath.Join(docs, "track-record.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	all := []result{}
	for _, r := range known {
		all = append(all, r)
	}
	want, _ := render(all)
	got, err := os.ReadFile(filepath.Join(docs, "track-record.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/track-record.md is not what its results give: run go run ./internal/trackrecord -seeds ''")
	}
	for _, d := range defects.All {
		if !strings.Contains(want, "`tussle run zoo/"+d.Name+"`") {
			t.Errorf("%s is missing", d.Name)
		}
	}
}

func TestPageCountsMisses(t *testing.T) {
	name := defects.All[0].Name
	hit := result{Kind: defect, Name: name, Seed: 1, Exit: 1, Violations: 1, First: 10, At: "2026-01-02T03:04:05Z"}
	miss := result{Kind: defect, Name: name, Seed: 2, At: "2026-01-03T03:04:05Z"}
	alarm := result{Kind: sound, Name: "memory", Seed: 1, Exit: 1, Violations: 2, Violated: []string{"etag: register"}, Exercised: 5, At: "2026-01-02T03:04:05Z"}
	page, ok := render([]result{hit})
	if !ok || !strings.Contains(page, "**1 of 1 runs found their defect.**") || strings.Contains(page, "Missed") {
		t.Errorf("one hit:\n%s", page)
	}
	page, ok = render([]result{miss, alarm, hit})
	for _, want := range []string{"| 1 / 2 | 10 ms |", "**1 of 2 runs", name + ", seed 2: MISSED", "sound: memory | 1 | 2 |", "etag: register", "from 2026-01-02 to 2026-01-03"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in\n%s", want, page)
		}
	}
	if ok {
		t.Error("a miss and a false alarm are fine")
	}
	if _, ok := render(nil); ok {
		t.Error("no runs at all are fine")
	}
}

// What has been run is not run again, and a bad line is not passed over.
func TestResultsAreResumed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results")
	if known, err := load(file); err != nil || len(known) != 0 {
		t.Errorf("no file yet: %v, %v", known, err)
	}
	text := `{"kind":"defect","name":"a","seed":1,"exit":4}` + "\n" + `{"kind":"defect","name":"a","seed":1,"exit":1}` + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	known, err := load(file)
	if r := known[(trial{kind: defect, name: "a", seed: 1}).id()]; err != nil || len(known) != 1 || r.Exit != 1 {
		t.Errorf("got %v, %v: the later line counts", known, err)
	}
	if err := os.WriteFile(file, []byte(text+"{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := load(file); err == nil || !strings.Contains(err.Error(), ":3:") {
		t.Errorf("a broken line: got %v, expected its number", err)
	}
}

func TestSeedRange(t *testing.T) {
	for _, c := range []struct {
		text     string
		from, to int
		bad      bool
	}{{"1-20", 1, 20, false}, {"7", 7, 7, false}, {"", 0, 0, false}, {"5-2", 0, 0, true}, {"0-3", 0, 0, true}, {"x", 0, 0, true}} {
		from, to, err := seedRange(c.text)
		if (err != nil) != c.bad || !c.bad && (from != c.from || to != c.to) {
			t.Errorf("%q: %d, %d, %v", c.text, from, to, err)
		}
	}
}

func TestShapesKeepTheMechanismOnly(t *testing.T) {
	f := finding{Sentence: `client 3 was told b1-k12 holds 1,204 (tagged 3.10.1), 4.2 ms after b1-k12 held ["3.1.1","2.4..., not ["1"]`}
	want := "client N was told KEY holds N (tagged TAG), N after KEY held LIST, not LIST"
	if got := shapeOf(f).sentences[0]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a, b := shape{[]string{"x"}, []string{"! r", "  s"}}, shape{[]string{"y"}, []string{"! r"}}
	both := a.with(b)
	if !both.holds(a) || !both.holds(b) || a.holds(b) || b.holds(a) {
		t.Errorf("%v holds %v and %v, which differ", both, a, b)
	}
	if again := parseShape(both.String()); !again.holds(both) || !both.holds(again) {
		t.Errorf("%q read back is %q", both, again)
	}
}
