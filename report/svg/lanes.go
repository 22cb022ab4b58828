package svg

import (
	"math"
	"sort"
	"strconv"
	"unicode/utf8"
)

// Event is one request in a space-time diagram.
type Event struct {
	Lane       string
	From, To   float64 // ms
	Label      string
	Answer     string // ends the label; never cut
	Offends    bool
	Unanswered bool // its effect is not known: drawn open-ended
}

// Lanes is a space-time diagram: one lane a client, one bar a request, time
// from left to right.
type Lanes struct {
	Frame
	Events []Event
	Width  float64 // px; 0 is 1080
}

const (
	laneRow  = 30.0
	laneLeft = 104.0
)

// Render draws the diagram.
func (c Lanes) Render() string {
	width := c.Width
	if width == 0 {
		width = 1080
	}
	x, linear := c.axis(laneLeft, width-16)
	lanes := c.lanes()
	top := c.top() + 26
	height := top + laneRow*float64(len(c.Events)) + 10*float64(len(lanes)) + 22
	var w writer
	w.frame(c.Frame, width, height, "chart lanes")
	note := "time in ms"
	if !linear {
		note = "time in ms: the order is exact, distances are stretched so that each step can be seen"
	}
	last := -1e9
	for _, t := range c.times() {
		at := x(t)
		w.leaf("line", "class", "g", "x1", at, "y1", top-6, "x2", at, "y2", height-22, "stroke", rule, "stroke-dasharray", "2 3")
		label := ms(t)
		if at-last > textWidth(label, 11)+6 {
			w.text("text", label, "class", "d", "x", at, "y", top-10, "text-anchor", "middle", "font-size", 11, "fill", dim)
			last = at
		}
	}
	y := top
	for i, lane := range lanes {
		n := 0
		for _, e := range c.Events {
			if e.Lane == lane {
				n++
			}
		}
		h := laneRow*float64(n) + 4
		if i%2 == 0 {
			w.leaf("rect", "class", "z", "x", 0, "y", y, "width", width, "height", h, "fill", shade, "fill-opacity", "0.10")
		}
		w.text("text", cut(lane, 14), "class", "t", "x", 8, "y", y+h/2+4, "font-weight", "600", "fill", ink)
		row := y + 2
		for k, e := range c.Events {
			if e.Lane == lane {
				e.draw(&w, k+1, x, row, width-16)
				row += laneRow
			}
		}
		y += h + 10
	}
	w.text("text", note, "class", "d", "x", laneLeft, "y", height-6, "font-size", 11, "fill", dim)
	return w.close()
}

func (e Event) draw(w *writer, n int, x func(float64) float64, y, right float64) {
	a, b := x(e.From), math.Max(x(e.To), x(e.From)+8)
	look, class := LookOf(0), "f s0"
	if e.Offends {
		look.Colour, class = alarm, "f bad"
	}
	attrs := []any{"class", class, "x", a, "y", y + 5, "width", b - a, "height", 18, "rx", 3, "fill", look.Colour}
	if e.Unanswered {
		attrs = []any{"class", "o", "x", a, "y", y + 5, "width", b - a, "height", 18, "rx", 3, "fill", paper, "stroke", look.Colour, "stroke-width", 2, "stroke-dasharray", "4 3"}
	}
	w.leaf("rect", attrs...)
	label, size, weight := strconv.Itoa(n)+"  "+e.Label, 6.4, "400"
	if e.Offends {
		label, size, weight = strconv.Itoa(n)+" ✘ "+e.Label, 7, "700"
	}
	end := ""
	if e.Answer != "" {
		end = " " + e.Answer
	}
	tx, anchor := b+7, "start"
	if float64(utf8.RuneCountInString(label+end))*size > right-tx && a-laneLeft > right-b {
		tx, anchor = a-7, "end"
	}
	room := right - tx
	if anchor == "end" {
		room = a - 7 - laneLeft
	}
	n = max(12, int(room/size)-utf8.RuneCountInString(end))
	w.text("text", cut(label, n)+end, "class", "t", "x", tx, "y", y+18, "text-anchor", anchor, "font-weight", weight, "fill", ink)
}

func (c Lanes) lanes() []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range c.Events {
		if !seen[e.Lane] {
			seen[e.Lane] = true
			out = append(out, e.Lane)
		}
	}
	return out
}

func (c Lanes) times() []float64 {
	seen := map[float64]bool{}
	var out []float64
	for _, e := range c.Events {
		for _, t := range []float64{e.From, e.To} {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	sort.Float64s(out)
	return out
}

// axis maps ms to px. Where a true scale would make steps vanish, gaps are
// compressed by logarithm; the order never changes.
func (c Lanes) axis(from, to float64) (x func(float64) float64, linear bool) {
	times := c.times()
	to -= (to - from) * 0.34 // room for the label of the last bar
	if len(times) < 2 {
		return func(float64) float64 { return from + 4 }, true
	}
	gaps := make([]float64, len(times)-1)
	least, total := math.Inf(1), 0.0
	for i := range gaps {
		gaps[i] = times[i+1] - times[i]
		least = math.Min(least, gaps[i])
		total += gaps[i]
	}
	linear = least/total*(to-from) >= 12
	if !linear {
		total = 0
		for i, g := range gaps {
			gaps[i] = 1 + math.Log2(1+g/least)/3
			total += gaps[i]
		}
	}
	at := make([]float64, len(times))
	at[0] = from + 4
	for i, g := range gaps {
		at[i+1] = at[i] + g/total*(to-from-4)
	}
	return func(t float64) float64 { return at[sort.SearchFloat64s(times, t)] }, linear
}

func ms(v float64) string {
	if v != 0 && math.Abs(v) < 10 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return Number(v)
}
