package measure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// Sweeps draws, from the blocks of each strategy, the curves of the swept
// parameter and finds where one strategy overtakes another. There is none
// without a sweep in the plan.
func Sweeps(plan *history.Plan, sides []Side) []Sweep {
	if plan.Sweep == nil || len(plan.Sweep.Values) == 0 {
		return []Sweep{}
	}
	s := Sweep{Parameter: plan.Sweep.Parameter, Points: []SweepPoint{}, Crossovers: []Crossover{}}
	curves := make([][]SweepPoint, len(sides))
	for i, side := range sides {
		for v, at := range plan.Sweep.Values {
			p := point(side, at)
			p.Label = strconv.FormatFloat(at, 'g', -1, 64)
			if v < len(plan.Sweep.Labels) {
				p.Label = plan.Sweep.Labels[v]
			}
			curves[i] = append(curves[i], p)
		}
		s.Points = append(s.Points, curves[i]...)
	}
	thin := false
	for _, p := range s.Points {
		thin = thin || p.N < MinBlocks
	}
	for i := range sides {
		for j := i + 1; j < len(sides); j++ {
			if sides[i].Lost == "" && sides[j].Lost == "" {
				s.Crossovers = append(s.Crossovers, crossovers(curves[i], curves[j])...)
			}
		}
	}
	s.Sentence = sentence(&s, plan.Sweep, sides, curves, thin)
	return []Sweep{s}
}

func point(side Side, at float64) SweepPoint {
	var blocks []BlockFigures
	for _, b := range side.Blocks {
		if b.At == at {
			blocks = append(blocks, b)
		}
	}
	mid := func(of func(*BlockFigures) *float64) (*float64, *[2]float64) {
		v := values(blocks, of)
		return figure(median(v)), medianCI(v)
	}
	p := SweepPoint{Strategy: side.Name, At: at, N: len(blocks)}
	p.Goodput, p.GoodputCI = mid(func(b *BlockFigures) *float64 { return b.Goodput })
	p.ConflictRate, p.ConflictCI = mid(func(b *BlockFigures) *float64 { return b.ConflictRate })
	p.P50, _ = mid(func(b *BlockFigures) *float64 { return b.P50 })
	p.P99, _ = mid(func(b *BlockFigures) *float64 { return b.P99 })
	return p
}

// ahead says which of two points has surely more goodput: 1 the first, -1 the
// second, 0 when their intervals overlap or one is not known.
func ahead(a, b SweepPoint) int {
	switch {
	case a.GoodputCI == nil || b.GoodputCI == nil:
		return 0
	case a.GoodputCI[0] > b.GoodputCI[1]:
		return 1
	case a.GoodputCI[1] < b.GoodputCI[0]:
		return -1
	}
	return 0
}

// crossovers finds the places where the lead changes hands for sure.
func crossovers(a, b []SweepPoint) []Crossover {
	var out []Crossover
	order := make([]int, len(a))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch {
		case a[x].At < a[y].At:
			return -1
		case a[x].At > a[y].At:
			return 1
		}
		return 0
	})
	lead, at := 0, 0.0
	for _, i := range order {
		now := ahead(a[i], b[i])
		if now == 0 {
			continue
		}
		if lead != 0 && now != lead {
			c := Crossover{Metric: "goodput_per_s", Low: a[i].Strategy, High: b[i].Strategy, From: at, To: a[i].At}
			if lead < 0 {
				c.Low, c.High = c.High, c.Low
			}
			out = append(out, c)
		}
		lead, at = now, a[i].At
	}
	return out
}

func sentence(s *Sweep, plan *history.PlanSweep, sides []Side, curves [][]SweepPoint, thin bool) string {
	label := func(at float64) string {
		for i, v := range plan.Values {
			if v == at && i < len(plan.Labels) {
				return plan.Labels[i]
			}
		}
		return strconv.FormatFloat(at, 'g', -1, 64)
	}
	lo, hi := label(slices.Min(plan.Values)), label(slices.Max(plan.Values))
	var parts []string
	for _, c := range s.Crossovers {
		parts = append(parts, fmt.Sprintf("%s is ahead up to %s %s, %s from %s on", c.Low, s.Parameter, label(c.From), c.High, label(c.To)))
	}
	if len(parts) > 0 {
		return "Crossover of goodput: " + strings.Join(parts, "; ") + "; in between the intervals overlap."
	}
	text := fmt.Sprintf("Crossover of goodput: none in the range tested (%s %s-%s)", s.Parameter, lo, hi)
	if thin {
		return text + fmt.Sprintf("; a point has fewer than %d whole blocks, so it has no interval: raise load.repeat.", MinBlocks)
	}
	for i := range sides {
		for j := i + 1; j < len(sides); j++ {
			if sides[i].Lost != "" || sides[j].Lost != "" {
				continue
			}
			parts = append(parts, lead(curves[i], curves[j], label))
		}
	}
	if len(parts) == 0 {
		return text + "."
	}
	return text + ": " + strings.Join(parts, "; ") + "."
}

// lead says who is ahead where, when the lead never changes hands.
func lead(a, b []SweepPoint, label func(float64) string) string {
	var at []string
	first, second := a[0].Strategy, b[0].Strategy
	for i := range a {
		if now := ahead(a[i], b[i]); now != 0 {
			if now < 0 {
				first, second = b[0].Strategy, a[0].Strategy
			}
			at = append(at, label(a[i].At))
		}
	}
	switch len(at) {
	case 0:
		return fmt.Sprintf("%s and %s are nowhere surely apart", first, second)
	case len(a):
		return fmt.Sprintf("%s is ahead of %s everywhere", first, second)
	}
	return fmt.Sprintf("%s is ahead of %s at %s, elsewhere no difference was detected", first, second, strings.Join(at, ", "))
}
