package measure

import (
	"strings"
	"testing"

	"tussle/history"
)

// curves makes blocks around the given goodput at each point, spread by 1 %.
func curves(name string, points []float64, goodput []float64, blocks int) Side {
	s := Side{Name: name}
	for i, at := range points {
		for b := range blocks {
			s.Blocks = append(s.Blocks, BlockFigures{At: at, Goodput: figure(goodput[i] * (1 + 0.01*float64(b)/float64(blocks)))})
		}
	}
	return s
}

func TestCrossovers(t *testing.T) {
	points := []float64{1, 4, 16, 64}
	plan := &history.Plan{Sweep: &history.PlanSweep{Parameter: "clients", Values: points, Labels: []string{"1", "4", "16", "64"}}}
	for _, c := range []struct {
		name     string
		opt, pes []float64
		blocks   int
		lost     string
		want     []Crossover
		sentence string
	}{
		{"apart on both sides", []float64{100, 200, 150, 50}, []float64{50, 100, 200, 200}, 6, "",
			[]Crossover{{"goodput_per_s", "opt", "pes", 4, 16}}, "opt is ahead up to clients 4, pes from 16 on"},
		{"overlapping in between", []float64{100, 200, 150, 50}, []float64{50, 200.5, 150.2, 200}, 6, "",
			[]Crossover{{"goodput_per_s", "opt", "pes", 1, 64}}, "opt is ahead up to clients 1, pes from 64 on"},
		{"the other way round", []float64{10, 20, 300, 400}, []float64{50, 100, 200, 200}, 6, "",
			[]Crossover{{"goodput_per_s", "pes", "opt", 4, 16}}, "pes is ahead up to clients 4"},
		{"there and back", []float64{100, 50, 100, 100}, []float64{50, 100, 50, 50}, 6, "",
			[]Crossover{{"goodput_per_s", "opt", "pes", 1, 4}, {"goodput_per_s", "pes", "opt", 4, 16}}, "opt is ahead up to clients 1"},
		{"surely apart on one side only", []float64{100, 200, 150, 100}, []float64{50, 100, 150.5, 100.2}, 6, "",
			nil, "none in the range tested (clients 1-64): opt is ahead of pes at 1, 4, elsewhere no difference was detected"},
		{"one is ahead everywhere", []float64{1, 2, 3, 4}, []float64{10, 20, 30, 40}, 6, "", nil, "none in the range tested (clients 1-64): pes is ahead of opt everywhere"},
		{"no interval", []float64{100, 200, 150, 50}, []float64{50, 100, 200, 200}, 5, "", nil, "fewer than 6 whole blocks"},
		{"one lost updates", []float64{100, 200, 150, 50}, []float64{50, 100, 200, 200}, 6, "lost 3 updates", nil, "none in the range tested"},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt, pes := curves("opt", points, c.opt, c.blocks), curves("pes", points, c.pes, c.blocks)
			pes.Lost = c.lost
			s := Sweeps(plan, []Side{opt, pes})[0]
			if len(s.Points) != 8 || s.Points[5].Label != "4" || s.Points[5].Strategy != "pes" || s.Points[0].N != c.blocks || (s.Points[0].GoodputCI != nil) != (c.blocks >= MinBlocks) {
				t.Errorf("points %+v", s.Points)
			}
			if len(s.Crossovers) != len(c.want) {
				t.Fatalf("%+v, want %+v", s.Crossovers, c.want)
			}
			for i := range c.want {
				if s.Crossovers[i] != c.want[i] {
					t.Errorf("%+v, want %+v", s.Crossovers[i], c.want[i])
				}
			}
			if !strings.Contains(s.Sentence, c.sentence) {
				t.Errorf("%q, want %q in it", s.Sentence, c.sentence)
			}
		})
	}
	if got := Sweeps(&history.Plan{}, nil); got == nil || len(got) != 0 {
		t.Errorf("without a sweep: %v", got)
	}
}
