package svg

import (
	"encoding/xml"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumberHasThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 1.5: "1.5", 12.345: "12.3", 99.96: "100", 123.4: "123", 999.6: "1,000", 1234.5: "1,235", 1234567: "1,234,567", -1234: "-1,234",
		0.0123: "0.01", 0.00123: "0.0012", math.Inf(1): "∞", 0.5: "0.5"} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %q, want %q", v, got, want)
		}
	}
	if Number(math.NaN()) != "–" {
		t.Error("a figure that is missing is a dash")
	}
}

func TestTicksAreRoundAndInside(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want []float64
	}{
		{scale{min: 0, max: 100}, []float64{0, 50, 100}},
		{scale{min: 0, max: 7}, []float64{0, 2, 4, 6}},
		{scale{min: 1, max: 1000, log: true}, []float64{1, 10, 100, 1000}},
		{scale{min: 2, max: 60, log: true}, []float64{3, 10, 30}},
		{scale{min: 22, max: 28, log: true}, []float64{22, 24, 26, 28}}, // no decade inside
	} {
		if got := c.s.ticks(4); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.s, got, c.want)
		}
	}
}

func TestScaleKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		min := rapid.Float64Range(0.001, 1e6).Draw(t, "min")
		s := scale{min: min, max: min * rapid.Float64Range(1.01, 1e6).Draw(t, "span"), from: 0, to: 400, log: rapid.Bool().Draw(t, "log")}
		a, b := rapid.Float64Range(s.min, s.max).Draw(t, "a"), rapid.Float64Range(s.min, s.max).Draw(t, "b")
		if (a < b) != (s.at(a) < s.at(b)) && a != b && s.at(a) != s.at(b) {
			t.Fatalf("%v and %v change places", a, b)
		}
		if p := s.at(a); p < -1e-6 || p > 400+1e-6 {
			t.Fatalf("%v lies outside: %v", a, p)
		}
	})
}

func TestSixteenLooksDiffer(t *testing.T) {
	seen := map[Look]bool{}
	for i := range 16 {
		l := LookOf(i)
		l.Sign = ""
		if seen[l] {
			t.Errorf("look %d comes twice", i)
		}
		seen[l] = true
		if i > 0 && i < 4 && (l.Colour == LookOf(0).Colour || l.Dash == LookOf(0).Dash || l.Marker == LookOf(0).Marker) {
			t.Errorf("look %d differs from the first in less than three ways", i)
		}
	}
}

const nasty = `<script>"'&` + "\x00\u202e\xff"

func charts() map[string]string {
	f := Frame{ID: "p1", Title: nasty, Desc: nasty}
	alone := f
	alone.Paper = true
	pts := []Point{{1, 10, 9, 11}, {2, 20, 18, 22}, {4, math.NaN(), 0, 0}, {8, 5, 4, 7}}
	lines := Lines{Frame: f, XTitle: nasty, XLog: true, XTicks: []Tick{{1, nasty}}, Windows: []Window{{2, 4, nasty}},
		Panels: []Panel{{Title: nasty, Series: []Series{{Name: nasty, Points: pts, Marks: true}, {Name: "b", Look: 1, Hollow: true, Points: pts}, {Name: "ref", Look: -1, Points: pts}}},
			{Title: "log", Log: true, Series: []Series{{Name: "a", Points: pts}}}, {Title: "empty", Percent: true}}}
	out := map[string]string{
		"lines": lines.Render(), "empty lines": Lines{Frame: f}.Render(),
		"dots":    Dots{Frame: f, XTitle: nasty, Rows: []Row{{Name: nasty, Value: 3, Lo: 2, Hi: 4, Text: nasty}, {Name: "none", Look: 1, Value: math.NaN()}}}.Render(),
		"stack":   Stack{Frame: f, Kinds: []Kind{{nasty, 0}, {"waste", 2}}, Rows: []StackRow{{Name: nasty, Parts: []Part{{3, 0}, {1, 2}}}, {Name: "empty"}}}.Render(),
		"columns": Columns{Frame: f, XTitle: nasty, Labels: []string{"1", "2"}, Groups: []Group{{Name: nasty, Note: nasty, Shares: []float64{0.5, 1.5}}}}.Render(),
		"lanes": Lanes{Frame: f, Events: []Event{{Lane: nasty, From: 0, To: 1, Label: nasty}, {Lane: "b", From: 0.5, To: 900, Label: "x", Offends: true},
			{Lane: "b", From: 901, To: 901, Label: strings.Repeat("long ", 40), Unanswered: true}}}.Render(),
		"empty lanes": Lanes{Frame: f}.Render(), "mini": Mini(Row{Value: 1, Lo: 0.5, Hi: 2}, 2), "key": Key(3),
	}
	lines.Frame = alone
	out["alone"] = lines.Render()
	return out
}

func TestChartsAreWellFormedAndInert(t *testing.T) {
	for name, text := range charts() {
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			e, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if e.Name.Local == "script" || e.Name.Local == "style" {
				t.Errorf("%s: element %s", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s: attribute %s=%q", name, a.Name.Local, a.Value)
				}
			}
		}
		if strings.ContainsAny(text, "\x00\u202e") {
			t.Errorf("%s: a control came through", name)
		}
	}
	if a, b := charts(), charts(); a["lines"] != b["lines"] || a["stack"] != b["stack"] || a["lanes"] != b["lanes"] {
		t.Error("the same chart was drawn in two ways")
	}
}

func TestChartsHaveATextAlternative(t *testing.T) {
	for name, text := range charts() {
		if name == "mini" || name == "key" { // beside the figure and the name that they repeat
			continue
		}
		if !strings.Contains(text, `role="img" aria-labelledby="p1-t p1-d"`) || !strings.Contains(text, `<title id="p1-t">&lt;script`) || !strings.Contains(text, `<desc id="p1-d">`) {
			t.Errorf("%s: no title and description", name)
		}
	}
}

func TestLabelsOfLinesKeepApart(t *testing.T) {
	var p Panel
	for i := range 6 { // six lines that end at the same point
		p.Series = append(p.Series, Series{Name: "s", Look: i, Points: []Point{{0, 0, 0, 0}, {1, 5, 0, 0}}})
	}
	text := Lines{Panels: []Panel{p}}.Render()
	var at []float64
	for _, part := range strings.Split(text, `class="t"`)[1:] {
		if strings.Contains(part[:strings.Index(part, "</text>")], ">s") {
			y := part[strings.Index(part, ` y="`)+4:]
			v, err := strconv.ParseFloat(y[:strings.IndexByte(y, '"')], 64)
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, v)
		}
	}
	slices.Sort(at)
	if len(at) != 6 {
		t.Fatalf("%d labels", len(at))
	}
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] < 13.9 {
			t.Errorf("labels at %v overlap", at)
		}
	}
}

// Where a true scale would hide a step, order is kept and steps stay visible.
//
//	0 ------ 1 . 1.001 ................................. 5000
func TestLanesKeepOrderAndShowEveryStep(t *testing.T) {
	l := Lanes{Events: []Event{{From: 0, To: 1}, {From: 1.001, To: 5000}}}
	x, linear := l.axis(100, 1000)
	if linear {
		t.Error("the scale cannot be a true one")
	}
	at := []float64{x(0), x(1), x(1.001), x(5000)}
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] < 8 {
			t.Errorf("steps at %v", at)
		}
	}
	if _, linear := (Lanes{Events: []Event{{From: 0, To: 5}, {From: 10, To: 15}}}).axis(100, 1000); !linear {
		t.Error("an even scale needs no stretching")
	}
}

// A caption that does not fit loses its middle, never its answer, and stays
// inside the drawing.
func TestLanesKeepTheAnswer(t *testing.T) {
	long := strings.Repeat("wrote much ", 30)
	out := Lanes{Events: []Event{{Lane: "client 1", From: 0, To: 1, Label: long, Answer: "→ 200", Offends: true},
		{Lane: "client 2", From: 1, To: 2, Label: long, Answer: "→ 412"}, {Lane: "client 2", From: 2, To: 3, Label: "wrote 47 if v46", Answer: "→ 204", Offends: true}}}.Render()
	for _, want := range []string{"… → 200<", "… → 412<", "3 ✘ wrote 47 if v46 → 204<"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A point whose neighbours have no figure has no line to stand on.
func TestAPointByItselfIsADot(t *testing.T) {
	none := math.NaN()
	draw := func(y ...float64) int {
		var points []Point
		for i, v := range y {
			points = append(points, Point{X: float64(i), Y: v})
		}
		text := Lines{Frame: Frame{ID: "x"}, Panels: []Panel{{Title: "y", NoLabels: true, Series: []Series{{Name: "a", Points: points}}}}}.Render()
		return strings.Count(text, "<circle")
	}
	for _, c := range []struct {
		y    []float64
		dots int
	}{
		{[]float64{1, 2, 3}, 0},
		{[]float64{1, none, 3, 4}, 1},
		{[]float64{none, 2, none, 3, none}, 2},
	} {
		if got := draw(c.y...); got != c.dots {
			t.Errorf("%v has %d dots, want %d", c.y, got, c.dots)
		}
	}
}

func TestNamesOfWindowsAreAllWritten(t *testing.T) {
	text := Lines{Frame: Frame{ID: "x"}, Panels: []Panel{{Title: "y", Series: []Series{{Name: "a", Points: []Point{{X: 0, Y: 1}, {X: 10, Y: 2}}}}}},
		Windows: []Window{{2, 3, "kill"}, {2, 4, "herd"}, {2.5, 3, "kill"}, {8, 9, "pause"}}}.Render()
	for _, want := range []string{">kill, herd<", ">pause<"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not written in %s", want, text)
		}
	}
}
