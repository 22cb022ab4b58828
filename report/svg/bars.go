package svg

import (
	"math"
	"strconv"
)

// Row is one line of a chart of horizontal marks or bars.
type Row struct {
	Name   string
	Look   int
	Hollow bool
	Value  float64 // NaN: no figure
	Lo, Hi float64 // interval when Lo < Hi
	Text   string  // written at the right
}

// Dots compares one figure of several strategies: a marker and its interval
// on a common axis that begins at 0.
type Dots struct {
	Frame
	XTitle string
	Rows   []Row
	Width  float64
}

// Render draws the chart.
func (c Dots) Render() string {
	width := c.Width
	if width == 0 {
		width = 560
	}
	const left, right, step = 132.0, 104.0, 34.0
	x := scale{min: 0, from: left, to: width - right}
	for _, r := range c.Rows {
		for _, v := range []float64{r.Value, r.Hi} {
			if !math.IsNaN(v) {
				x.max = math.Max(x.max, v)
			}
		}
	}
	if x.max == 0 {
		x.max = 1
	}
	x.max *= 1.05
	top := c.top() + 10
	bottom := top + step*float64(len(c.Rows))
	var w writer
	w.frame(c.Frame, width, bottom+padBelow, "chart dots")
	for _, v := range x.ticks(5) {
		w.leaf("line", "class", "g", "x1", x.at(v), "y1", top, "x2", x.at(v), "y2", bottom, "stroke", rule)
		w.text("text", Number(v), "class", "d", "x", x.at(v), "y", bottom+16, "text-anchor", "middle", "font-size", 11, "fill", dim)
	}
	w.leaf("line", "class", "a", "x1", x.from, "y1", bottom, "x2", x.to, "y2", bottom, "stroke", dim)
	for i, r := range c.Rows {
		y := top + step*(float64(i)+0.5)
		look := LookOf(r.Look)
		w.begin("g", "data-s", r.Look)
		w.text("text", cut(r.Name, 19), "class", "t", "x", left-10, "y", y+4, "text-anchor", "end", "fill", ink)
		w.text("text", r.Text, "class", "t", "x", width-right+8, "y", y+4, "fill", ink)
		if r.Lo < r.Hi {
			w.leaf("path", "class", "l "+look.Class, "d", "M"+px(x.at(r.Lo))+" "+px(y)+"H"+px(x.at(r.Hi))+
				"M"+px(x.at(r.Lo))+" "+px(y-6)+"v12M"+px(x.at(r.Hi))+" "+px(y-6)+"v12", "stroke", look.Colour, "stroke-width", 2, "fill", "none")
		}
		if !math.IsNaN(r.Value) {
			w.mark(look, x.at(r.Value), y, r.Hollow)
		}
		w.end()
	}
	w.text("text", c.XTitle, "class", "d", "x", (x.from+x.to)/2, "y", bottom+34, "text-anchor", "middle", "fill", dim)
	return w.close()
}

// Part is one segment of a stacked bar; Fill chooses colour and hatch.
type Part struct {
	N    float64
	Fill int
}

// Kind names a fill in the legend.
type Kind struct {
	Name string
	Fill int
}

// StackRow is one bar.
type StackRow struct {
	Name  string
	Parts []Part
	Text  string // written at the right
}

// Stack draws one 100 % bar a strategy.
type Stack struct {
	Frame
	Rows  []StackRow
	Kinds []Kind // the legend
	Width float64
}

// fills pairs a fill with the colour of text on it; fills past the end repeat.
var fills = [...][2]string{
	{"#0072b2", "#ffffff"}, {"#7ab8dc", "#000000"}, {"#f0b27a", "#000000"}, {"#d55e00", "#000000"},
	{"#c9a0b8", "#000000"}, {"#bfe3d5", "#000000"}, {"#8c959f", "#000000"}, {"#d0d7de", "#000000"},
}

// Render draws the chart.
func (c Stack) Render() string {
	width := c.Width
	if width == 0 {
		width = 560
	}
	const left, step, bar = 132.0, 40.0, 26.0
	x := scale{min: 0, max: 1, from: left, to: width - 12}
	top := c.top() + 6
	perLine := int(math.Max(1, math.Floor((width-8)/170)))
	legend := float64((len(c.Kinds) + perLine - 1) / perLine * 20)
	height := top + step*float64(len(c.Rows)) + 10 + legend
	var w writer
	w.frame(c.Frame, width, height, "chart stack")
	w.hatches(c.ID)
	for i, r := range c.Rows {
		y := top + step*float64(i)
		total := 0.0
		for _, p := range r.Parts {
			total += p.N
		}
		w.text("text", cut(r.Name, 19), "class", "t", "x", left-10, "y", y+bar/2+4, "text-anchor", "end", "fill", ink)
		if total == 0 {
			w.text("text", "no requests", "class", "d", "x", left, "y", y+bar/2+4, "fill", dim)
			continue
		}
		at := 0.0
		for _, p := range r.Parts {
			if p.N <= 0 {
				continue
			}
			a, b := x.at(at/total), x.at((at+p.N)/total)
			at += p.N
			w.segment(c.ID, p, a, y, b-a, bar, percent(p.N/total))
		}
	}
	for k, kind := range c.Kinds {
		lx, ly := 4+float64(k%perLine)*170, height-legend+float64(k/perLine)*20
		w.segment(c.ID, Part{Fill: kind.Fill}, lx, ly, 22, 13, "")
		w.text("text", cut(kind.Name, 22), "class", "t", "x", lx+28, "y", ly+11, "font-size", 11.5, "fill", ink)
	}
	return w.close()
}

// segment draws one fill with its hatch, and its text where that fits.
func (w *writer) segment(id string, p Part, x, y, width, height float64, label string) {
	f := fills[p.Fill%len(fills)]
	w.leaf("rect", "class", "seg", "x", x, "y", y, "width", math.Max(width, 0.5), "height", height, "fill", f[0], "stroke", paper, "stroke-width", 0.8)
	if p.Fill > 0 {
		w.leaf("rect", "x", x, "y", y, "width", math.Max(width, 0.5), "height", height, "fill", "url(#"+id+"-h"+string(rune('0'+p.Fill%4))+")")
	}
	if tw := textWidth(label, 11) + 8; label != "" && width > tw {
		if p.Fill > 0 {
			w.leaf("rect", "x", x+width/2-tw/2, "y", y+height/2-8, "width", tw, "height", 16, "rx", 3, "fill", f[0])
		}
		w.text("text", label, "x", x+width/2, "y", y+height/2+4, "text-anchor", "middle", "font-size", 11, "fill", f[1])
	}
}

// hatches defines four patterns: none, falling, rising, dots.
func (w *writer) hatches(id string) {
	w.begin("defs")
	for i, d := range []string{"", "M0 0L8 8", "M0 8L8 0", "M4 3v2"} {
		w.begin("pattern", "id", id+"-h"+string(rune('0'+i)), "width", 8, "height", 8, "patternUnits", "userSpaceOnUse")
		w.leaf("path", "d", d, "stroke", "#000000", "stroke-opacity", "0.35", "stroke-width", 1.4, "fill", "none")
		w.end()
	}
	w.end()
}

// Columns draws small bar charts side by side, one a strategy, on one scale.
type Columns struct {
	Frame
	XTitle string
	Labels []string // under the bars
	Groups []Group
	Width  float64
}

// Group is one of the small charts; Shares are from 0 to 1.
type Group struct {
	Name   string
	Look   int
	Shares []float64
	Note   string // under the name
}

// Render draws the chart.
func (c Columns) Render() string {
	width := c.Width
	if width == 0 {
		width = 560
	}
	perRow := min(max(len(c.Groups), 1), 3)
	cell := width / float64(perRow)
	const plot, above, below = 96.0, 40.0, 36.0
	rows := (len(c.Groups) + perRow - 1) / perRow
	var w writer
	w.frame(c.Frame, width, c.top()+float64(rows)*(plot+above+below), "chart columns")
	for i, g := range c.Groups {
		left := cell*float64(i%perRow) + 8
		top := c.top() + float64(i/perRow)*(plot+above+below) + above
		look := LookOf(g.Look)
		bar := (cell - 22) / float64(max(len(c.Labels), 1))
		w.begin("g", "data-s", g.Look)
		w.mark(look, left+4, top-27, false)
		w.text("text", cut(g.Name, int(cell/7.5)), "class", "t", "x", left+14, "y", top-23, "font-weight", "600", "fill", ink)
		w.text("text", cut(g.Note, int(cell/6.4)), "class", "d", "x", left, "y", top-8, "font-size", 11, "fill", dim)
		w.leaf("line", "class", "a", "x1", left, "y1", top+plot, "x2", left+cell-18, "y2", top+plot, "stroke", dim)
		for k, label := range c.Labels {
			x := left + bar*float64(k)
			if k < len(g.Shares) && g.Shares[k] > 0 {
				h := math.Max(plot*math.Min(g.Shares[k], 1), 1)
				w.leaf("rect", "class", "f "+look.Class, "x", x+1.5, "y", top+plot-h, "width", bar-3, "height", h, "fill", look.Colour)
			}
			w.text("text", label, "class", "d", "x", x+bar/2, "y", top+plot+14, "text-anchor", "middle", "font-size", 10.5, "fill", dim)
		}
		w.text("text", c.XTitle, "class", "d", "x", left+cell/2-9, "y", top+plot+30, "text-anchor", "middle", "font-size", 11, "fill", dim)
		w.end()
	}
	return w.close()
}

// Mini is a marker with its interval, small enough for a table cell; max is
// the right end of the axis that all cells of the column share.
func Mini(r Row, max float64) string {
	const width, height = 84.0, 16.0
	x := scale{min: 0, max: math.Max(max, 1e-9), from: 1, to: width - 6}
	look := LookOf(r.Look)
	var w writer
	w.begin("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 84 16", "width", width, "height", height, "class", "mini", "aria-hidden", "true")
	w.leaf("line", "class", "g", "x1", 1, "y1", 8, "x2", width-1, "y2", 8, "stroke", rule)
	if r.Lo < r.Hi {
		w.leaf("line", "class", "l "+look.Class, "x1", x.at(r.Lo), "y1", 8, "x2", x.at(r.Hi), "y2", 8, "stroke", look.Colour, "stroke-width", 4, "stroke-opacity", "0.5")
	}
	if !math.IsNaN(r.Value) {
		w.mark(look, x.at(r.Value), 8, r.Hollow)
	}
	return w.close()
}

// Key is the sample of a strategy's line, marker and dash for a legend or a
// table cell.
func Key(look int) string {
	var w writer
	w.begin("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 24 14", "width", 24, "height", 14, "class", "key", "aria-hidden", "true")
	w.sample(LookOf(look), 1, 7)
	return w.close()
}

// percent writes a share with one decimal, as the sentences beside it do.
func percent(share float64) string {
	if share == 0 || share == 1 {
		return Number(100*share) + " %"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
}
