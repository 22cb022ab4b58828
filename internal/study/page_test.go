package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page says what the reports say, and no more.
func TestPageIsGeneratedFromTheReports(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "study")
	cells, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != page(cells) {
		t.Error("docs/study/README.md is not what its reports give: run go run ./internal/study docs/study")
	}
	if len(cells) != 8 {
		t.Errorf("%d cells, expected 8", len(cells))
	}
	for _, c := range cells {
		if info, err := os.Stat(filepath.Join(dir, c.name, "report.html")); err != nil || info.Size() > 300<<10 {
			t.Errorf("%s: report.html: %v, expected at most 300 KB", c.name, err)
		}
	}
}

// at makes the points of both at 1, 2, 3 ... clients; each figure is the
// middle of an interval of 10 on either side.
func at(o, p []float64) (points []point) {
	for name, list := range map[string][]float64{"o": o, "p": p} {
		for i, v := range list {
			points = append(points, point{Strategy: name, At: float64(i + 1), Goodput: &v, CI: &[2]float64{v - 10, v + 10}})
		}
	}
	return points
}

func TestAdviceIsReadOffTheLeads(t *testing.T) {
	p := pair{"o", "p", "both"}
	for _, c := range []struct {
		name     string
		o, p     []float64
		want     outcome
		from, to float64
	}{
		{"ahead with few, behind with many", []float64{100, 100, 100}, []float64{50, 90, 150}, holds, 1, 3},
		{"behind with few, ahead with many", []float64{50, 60, 150}, []float64{100, 100, 100}, reversed, 2, 3},
		{"ahead at one point, never behind", []float64{100, 100}, []float64{50, 100}, optimist, 0, 0},
		{"behind at one point, never ahead", []float64{100, 100}, []float64{100, 150}, pessimist, 0, 0},
		{"intervals that touch", []float64{100, 100}, []float64{120, 80}, apart, 0, 0},
		{"to and fro", []float64{100, 50, 100}, []float64{50, 100, 50}, mixed, 1, 3},
	} {
		got, from, to := judge(leads(at(c.o, c.p), p), p)
		if got != c.want || got != apart && (from != c.from || to != c.to) && (c.from != 0 || from != 0) {
			t.Errorf("%s: %v from %v to %v", c.name, got, from, to)
		}
	}
	none := at([]float64{100}, []float64{50})
	none[0].CI = nil
	if ls := leads(none, p); len(ls) != 1 || ls[0].ahead != "" || ls[0].judgable {
		t.Errorf("without an interval nobody is ahead: %+v", ls)
	}
}

func TestPageSaysWhereItHolds(t *testing.T) {
	c := cell{name: "1000-rows-think-inside-pool-10"}
	c.report.Sweeps = append(c.report.Sweeps, struct{ Points []point }{})
	for _, q := range at([]float64{100, 100}, []float64{50, 150}) {
		q.Strategy = map[string]string{"o": "version", "p": "lease"}[q.Strategy]
		c.report.Sweeps[0].Points = append(c.report.Sweeps[0].Points, q)
	}
	text := page([]cell{c})
	for _, want := range []string{"The advice holds in 1 of 1 cells: 1,000 rows, think time inside, 10 connections (between 1 and 2 clients)",
		"| 1 | 100 (90-110) | - | 50 (40-60) | - | `version`, 2.00 times |", "`lease`, 1.50 times", "They are nowhere surely apart in 1 of 1 cells", "No scheme was seen to break a promise"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
