package svg

// A Look is how one strategy is drawn everywhere: a colour, a dash pattern
// and a marker, so that no colour is needed to tell two strategies apart.
//
// The colours are those of Okabe and Ito that keep a contrast of 3:1 on white
// (WCAG 1.4.11); the smallest pairwise difference under simulated colour
// blindness is delta E 17.
type Look struct {
	Class  string // s0 to s3; a style sheet gives it another colour in dark mode
	Colour string
	Dash   string // stroke-dasharray
	Marker string // circle, square, triangle, diamond
	Sign   string // the marker as a character, for legends in text
}

var (
	colours = [...]string{"#0072b2", "#d55e00", "#009e73", "#cc79a7"}
	dashes  = [...]string{"", "6 3", "2 3", "8 3 2 3"}
	markers = [...]string{"circle", "square", "triangle", "diamond"}
	signs   = [...]string{"●", "■", "▲", "◆"}
)

// LookOf returns the look of the i-th strategy; sixteen are distinct.
func LookOf(i int) Look {
	c, d := i%4, (i+i/4)%4
	return Look{Class: "s" + string(rune('0'+c)), Colour: colours[c], Dash: dashes[d], Marker: markers[d], Sign: signs[d]}
}

const (
	ink   = "#24292f" // text
	dim   = "#57606a" // axis text, 5.9:1 on white
	rule  = "#d0d7de" // grid lines
	shade = "#8c959f" // windows, neutral bars
	alarm = "#b3261e" // what offends
	paper = "#ffffff"
	font  = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
)

// frame opens the svg element of a chart with its text alternative. Width and
// height are attributes, so that a page without style sheets keeps the size.
func (w *writer) frame(f Frame, width, height float64, class string) {
	attrs := []any{"xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 " + px(width) + " " + px(height),
		"width", width, "height", height, "class", class, "role", "img",
		"aria-labelledby", f.ID + "-t " + f.ID + "-d", "font-family", font, "font-size", 12}
	if f.Rows != "" {
		attrs = append(attrs, "data-xs", f.Rows)
	}
	w.begin("svg", attrs...)
	w.text("title", f.Title, "id", f.ID+"-t")
	w.text("desc", f.Desc, "id", f.ID+"-d")
	if f.Paper {
		w.leaf("rect", "width", width, "height", height, "fill", paper)
		w.text("text", cut(f.Title, int(width/7.4)), "x", 10, "y", 20, "font-size", 14, "font-weight", "600", "fill", ink)
		for i, line := range wrap(f.Desc, int(width/6.2), 2) {
			w.text("text", line, "x", 10, "y", 38+16*i, "fill", dim)
		}
	}
	w.begin("g", "aria-hidden", "true")
}

func (w *writer) close() string {
	for len(w.open) > 0 {
		w.end()
	}
	return string(w.b)
}

// Frame is what all charts have.
type Frame struct {
	ID    string // unique in the page; generated, never from data
	Title string // the question
	Desc  string // the answer
	// Paper draws a white ground, title and answer into the picture, for one
	// that stands alone in a file.
	Paper bool
	// Rows holds the x position of each row of the table beside the chart, in
	// px, comma-separated: what a page's script needs to link the two.
	Rows string
}

// top is the height that a stand-alone picture needs for title and answer.
func (f Frame) top() float64 {
	if f.Paper {
		return 64
	}
	return 0
}

// wrap breaks s into at most max lines of n runes, at spaces.
func wrap(s string, n, max int) []string {
	var lines []string
	for s != "" && len(lines) < max {
		r := []rune(s)
		if len(r) <= n {
			return append(lines, s)
		}
		at := n
		for at > n/2 && r[at] != ' ' {
			at--
		}
		if len(lines) == max-1 {
			return append(lines, cut(s, n))
		}
		lines = append(lines, string(r[:at]))
		for at < len(r) && r[at] == ' ' {
			at++
		}
		s = string(r[at:])
	}
	return lines
}

// mark draws a marker of about 7 px at x, y.
func (w *writer) mark(l Look, x, y float64, hollow bool) {
	fill := l.Colour
	if hollow {
		fill = paper
	}
	class := "m " + l.Class
	if hollow {
		class = "h " + l.Class
	}
	switch l.Marker {
	case "square":
		w.leaf("rect", "class", class, "x", x-3, "y", y-3, "width", 6, "height", 6, "fill", fill, "stroke", l.Colour)
	case "triangle":
		w.leaf("path", "class", class, "d", "M"+px(x)+" "+px(y-4)+"l4 7h-8z", "fill", fill, "stroke", l.Colour)
	case "diamond":
		w.leaf("path", "class", class, "d", "M"+px(x)+" "+px(y-4.5)+"l4 4.5l-4 4.5l-4-4.5z", "fill", fill, "stroke", l.Colour)
	default:
		w.leaf("circle", "class", class, "cx", x, "cy", y, "r", 3.5, "fill", fill, "stroke", l.Colour)
	}
}

// sample draws a piece of a strategy's line with its marker, for legends.
func (w *writer) sample(l Look, x, y float64) {
	attrs := []any{"class", "l " + l.Class, "x1", x, "y1", y, "x2", x + 22, "y2", y, "stroke", l.Colour, "stroke-width", 2}
	if l.Dash != "" {
		attrs = append(attrs, "stroke-dasharray", l.Dash)
	}
	w.leaf("line", attrs...)
	w.mark(l, x+11, y, false)
}
