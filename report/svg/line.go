package svg

import (
	"math"
	"sort"
	"strings"
)

// Point is one value of a series; Y is NaN where there is none. Lo and Hi
// bound an interval when Lo < Hi.
type Point struct{ X, Y, Lo, Hi float64 }

// Series is one line of a panel.
type Series struct {
	Name   string
	Look   int  // index for [LookOf]; -1 is the neutral grey of a reference line
	Hollow bool // of a strategy that lost something: hollow markers, thin line
	Marks  bool // a marker at each point
	Points []Point
}

// Tick is a labelled place of an axis.
type Tick struct {
	At    float64
	Label string
}

// Window is a shaded stretch of the x axis, with a label.
type Window struct {
	From, To float64
	Label    string
}

// Panel is one plot of a [Lines] chart; panels share the x axis.
type Panel struct {
	Title    string // what is measured, with its unit
	Log      bool
	Percent  bool // y is a share from 0 to 1
	Max      float64
	Height   float64 // px of the plot; 0 is 150
	NoLabels bool    // no direct labels at the line ends
	Series   []Series
}

// Lines is a chart of stacked panels over one x axis.
type Lines struct {
	Frame
	XTitle  string
	XLog    bool
	XTicks  []Tick // empty: chosen
	Panels  []Panel
	Windows []Window
	Width   float64 // px; 0 is 560
	// RowsAt holds the x values of the rows of the table beside the chart; nil:
	// all points.
	RowsAt []float64
}

const (
	padLeft  = 52.0
	padRight = 128.0
	padTop   = 32.0
	padBelow = 40.0
)

// Render draws the chart.
func (c Lines) Render() string {
	width := c.Width
	if width == 0 {
		width = 560
	}
	x := c.xScale(padLeft, width-padRight)
	c.Rows = c.rows(x)
	height := c.top() + padBelow
	for _, p := range c.Panels {
		height += padTop + p.height()
	}
	strip := 0.0
	if len(c.Windows) > 0 {
		strip = 16
		height += strip
	}
	var w writer
	w.frame(c.Frame, width, height, "chart lines")
	top := c.top() + strip
	c.windows(&w, x, c.top(), height-padBelow)
	for i, p := range c.Panels {
		top += padTop
		p.draw(&w, x, c.ticks(x), top, top+p.height(), i == len(c.Panels)-1)
		top += p.height()
	}
	w.text("text", c.XTitle, "class", "d", "x", (padLeft+width-padRight)/2, "y", height-6, "text-anchor", "middle", "fill", dim)
	return w.close()
}

func (p Panel) height() float64 {
	if p.Height == 0 {
		return 150
	}
	return p.Height
}

func (c Lines) xScale(from, to float64) scale {
	s := scale{min: math.Inf(1), max: math.Inf(-1), from: from, to: to, log: c.XLog}
	for _, p := range c.Panels {
		for _, l := range p.Series {
			for _, pt := range l.Points {
				s.min, s.max = math.Min(s.min, pt.X), math.Max(s.max, pt.X)
			}
		}
	}
	if s.min > s.max {
		s.min, s.max = 0, 1
	}
	if s.log && s.min <= 0 {
		s.log = false
	}
	return s
}

func (c Lines) ticks(x scale) []Tick {
	if len(c.XTicks) > 0 {
		return c.XTicks
	}
	var out []Tick
	for _, v := range x.ticks(6) {
		out = append(out, Tick{v, Number(v)})
	}
	return out
}

// rows lists the x positions of all points, once each, in order.
func (c Lines) rows(x scale) string {
	seen := map[float64]bool{}
	at := c.RowsAt
	for _, p := range c.Panels {
		if c.RowsAt != nil {
			break
		}
		for _, l := range p.Series {
			for _, pt := range l.Points {
				if l.Look >= 0 && !seen[pt.X] {
					seen[pt.X] = true
					at = append(at, pt.X)
				}
			}
		}
	}
	sort.Float64s(at)
	var text []string
	for _, v := range at {
		text = append(text, px(x.at(v)))
	}
	return strings.Join(text, ",")
}

func (c Lines) windows(w *writer, x scale, top, bottom float64) {
	type label struct {
		at   float64
		text string
	}
	var labels []label // names that would stand on one another are written as one
	for _, win := range c.Windows {
		a, b := x.at(math.Max(win.From, x.min)), x.at(math.Min(win.To, x.max))
		if b <= a {
			continue
		}
		w.leaf("rect", "class", "w", "x", a, "y", top+18, "width", b-a, "height", bottom-top-18, "fill", shade, "fill-opacity", "0.16")
		w.leaf("path", "class", "we", "d", "M"+px(a)+" "+px(top+18)+"V"+px(bottom)+"M"+px(b)+" "+px(top+18)+"V"+px(bottom),
			"stroke", shade, "stroke-dasharray", "3 3", "fill", "none")
		if n := len(labels); n > 0 && a <= labels[n-1].at+textWidth(cut(labels[n-1].text, 34), 11)+8 {
			if !strings.Contains(", "+labels[n-1].text+", ", ", "+win.Label+", ") {
				labels[n-1].text += ", " + win.Label
			}
			continue
		}
		labels = append(labels, label{a, win.Label})
	}
	for _, l := range labels {
		w.text("text", cut(l.text, 34), "class", "d", "x", l.at, "y", top+13, "font-size", 11, "fill", dim)
	}
}

func (p Panel) yScale(top, bottom float64) scale {
	s := scale{min: math.Inf(1), max: p.Max, from: bottom, to: top, log: p.Log}
	for _, l := range p.Series {
		for _, pt := range l.Points {
			for _, v := range []float64{pt.Y, pt.Lo, pt.Hi} {
				if !math.IsNaN(v) && (!p.Log || v > 0) && (v == pt.Y || pt.Lo < pt.Hi) {
					s.min, s.max = math.Min(s.min, v), math.Max(s.max, v)
				}
			}
		}
	}
	switch {
	case s.min > s.max:
		s.min, s.max, s.log = 0, 1, false
	case p.Log:
		s.min, s.max = s.min*0.9, s.max*1.1
	default:
		s.min = math.Min(0, s.min)
		if p.Max == 0 {
			s.max *= 1.06
		}
		if s.max == s.min {
			s.max = s.min + 1
			if p.Percent {
				s.max = 0.1
			}
		}
	}
	return s
}

func (p Panel) draw(w *writer, x scale, xticks []Tick, top, bottom float64, last bool) {
	y := p.yScale(top, bottom)
	w.text("text", p.Title, "class", "t", "x", 4, "y", top-9, "font-weight", "600", "fill", ink)
	for _, v := range y.ticks(4) {
		at := y.at(v)
		label := Number(v)
		if p.Percent {
			label = Number(v*100) + " %"
		}
		w.leaf("line", "class", "g", "x1", x.from, "y1", at, "x2", x.to, "y2", at, "stroke", rule)
		w.text("text", label, "class", "d", "x", x.from-6, "y", at+4, "text-anchor", "end", "font-size", 11, "fill", dim)
	}
	w.leaf("line", "class", "a", "x1", x.from, "y1", bottom, "x2", x.to, "y2", bottom, "stroke", dim)
	for _, t := range xticks {
		at := x.at(t.At)
		if at < x.from-1 || at > x.to+1 {
			continue
		}
		w.leaf("line", "class", "a", "x1", at, "y1", bottom, "x2", at, "y2", bottom+4, "stroke", dim)
		if last {
			w.text("text", t.Label, "class", "d", "x", at, "y", bottom+17, "text-anchor", "middle", "font-size", 11, "fill", dim)
		}
	}
	for _, l := range p.Series {
		l.draw(w, x, y)
	}
	if !p.NoLabels {
		p.labels(w, x, y, top, bottom)
	}
}

func (l Series) draw(w *writer, x, y scale) {
	look := Look{Class: "sg", Colour: shade, Dash: "4 4"}
	if l.Look >= 0 {
		look = LookOf(l.Look)
	}
	w.begin("g", "data-s", l.Look)
	if band := l.band(x, y); band != "" {
		w.leaf("path", "class", "b "+look.Class, "d", band, "fill", look.Colour, "fill-opacity", "0.15")
	}
	var d strings.Builder
	pen := false
	drawn := func(i int) bool {
		return i >= 0 && i < len(l.Points) && !math.IsNaN(l.Points[i].Y) && (!y.log || l.Points[i].Y > 0)
	}
	for i, pt := range l.Points {
		if !drawn(i) {
			pen = false
			continue
		}
		if !drawn(i-1) && !drawn(i+1) && !l.Marks { // a point without neighbours has no line
			w.leaf("circle", "class", "f "+look.Class, "cx", x.at(pt.X), "cy", y.at(pt.Y), "r", 2, "fill", look.Colour)
		}
		if pen {
			d.WriteByte('L')
		} else {
			d.WriteByte('M')
		}
		d.WriteString(px(x.at(pt.X)) + " " + px(y.at(pt.Y)))
		pen = true
	}
	if d.Len() > 0 {
		attrs := []any{"class", "l " + look.Class, "d", d.String(), "fill", "none", "stroke", look.Colour, "stroke-width", 2, "stroke-linejoin", "round"}
		if look.Dash != "" {
			attrs = append(attrs, "stroke-dasharray", look.Dash)
		}
		if l.Hollow {
			attrs = append(attrs, "stroke-opacity", "0.6")
		}
		w.leaf("path", attrs...)
	}
	if l.Marks {
		for _, pt := range l.Points {
			if !math.IsNaN(pt.Y) && (!y.log || pt.Y > 0) {
				w.mark(look, x.at(pt.X), y.at(pt.Y), l.Hollow)
			}
		}
	}
	w.end()
}

// band outlines the intervals of the points that have one.
func (l Series) band(x, y scale) string {
	var up, down []string
	for _, pt := range l.Points {
		if pt.Lo < pt.Hi {
			up = append(up, px(x.at(pt.X))+" "+px(y.at(pt.Hi)))
			down = append(down, px(x.at(pt.X))+" "+px(y.at(pt.Lo)))
		}
	}
	if len(up) < 2 {
		return ""
	}
	for i, j := 0, len(down)-1; i < j; i, j = i+1, j-1 {
		down[i], down[j] = down[j], down[i]
	}
	return "M" + strings.Join(append(up, down...), "L") + "Z"
}

// labels names each line at its right end, pushed apart where they would
// overlap.
func (p Panel) labels(w *writer, x, y scale, top, bottom float64) {
	type label struct {
		at float64
		l  Series
	}
	var all []label
	for _, l := range p.Series {
		for i := len(l.Points) - 1; i >= 0; i-- {
			if pt := l.Points[i]; !math.IsNaN(pt.Y) && (!y.log || pt.Y > 0) {
				all = append(all, label{y.at(pt.Y), l})
				break
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
	for i := range all {
		if i > 0 && all[i].at < all[i-1].at+14 {
			all[i].at = all[i-1].at + 14
		}
	}
	if n := len(all); n > 0 && all[n-1].at > bottom {
		all[n-1].at = bottom
		for i := n - 2; i >= 0 && all[i].at > all[i+1].at-14; i-- {
			all[i].at = all[i+1].at - 14
		}
	}
	for _, l := range all {
		w.begin("g", "data-s", l.l.Look)
		if l.l.Look < 0 {
			w.text("text", cut(l.l.Name, 18), "class", "d", "x", x.to+10, "y", l.at+4, "font-size", 11, "fill", dim)
		} else {
			look := LookOf(l.l.Look)
			w.mark(look, x.to+11, l.at, l.l.Hollow)
			w.text("text", cut(l.l.Name, 17), "class", "t", "x", x.to+19, "y", l.at+4, "fill", ink)
		}
		w.end()
	}
}
