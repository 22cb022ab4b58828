package format

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// writeText is the table of a terminal: at most Width columns (100 unless
// told), the verdict last, so that it is what remains on the screen.
func writeText(w io.Writer, r *model.Report, o Options) error {
	b := bufio.NewWriter(w)
	t := texter{b, o.Color, o.Width}
	if t.width < 60 {
		t.width = 100
	}
	t.wrap("", strings.Join(say.Headline(r), " · "))
	t.nl()
	if len(r.Explorations) > 0 {
		t.explored(r)
		t.nl()
		for _, s := range append(append([]string{}, r.Warnings...), say.Cuts(r)...) {
			t.wrap("  ", "note: "+s)
		}
		t.mark(r.Verdict, say.VerdictWord(r.Verdict)+"  "+say.Visible(r.Sentence, say.CutText))
		return b.Flush()
	}
	t.table(r)
	if len(r.Strategies) > 0 {
		t.wrap("  ", say.Scope)
	}
	t.nl()
	if r.Advice != "" {
		t.wrap("  ", r.Advice)
	}
	for _, s := range r.Sweeps {
		t.wrap("  ", s.Sentence)
	}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		v, _ := say.Standing(s)
		lead, rest := say.About(r, s)
		t.mark(v, say.Visible(s.Name, say.CutName)+": "+lead+rest)
	}
	for _, l := range say.ThresholdLines(r) {
		t.mark(l.V, l.Text)
	}
	if len(r.SelfChecks) > 0 {
		v := check.Pass
		for _, c := range r.SelfChecks {
			if c.Verdict != check.Pass && c.Verdict != check.NotExercised {
				t.mark(c.Verdict, "self-check "+say.SelfCheckLine(c))
			}
			if c.Verdict == check.Inconclusive || c.Verdict == check.Fail {
				v = check.Inconclusive
			}
		}
		t.mark(v, say.SelfSentence(r))
	}
	if _, _, f := model.FirstFinding(r); f != nil {
		t.nl()
		t.wrap("  ", "first finding, key "+say.Visible(f.Key, say.CutName)+": "+f.Sentence)
		for i, q := range f.Requests {
			t.wrap("    ", say.RequestLine(i, q))
		}
	}
	t.nl()
	for _, s := range r.Warnings {
		t.wrap("  ", "note: "+s)
	}
	for _, s := range append(say.Cuts(r), say.Untold(r, say.Visible(r.Sentence, say.CutText))...) {
		t.wrap("  ", "because: "+s)
	}
	t.mark(r.Verdict, say.VerdictWord(r.Verdict)+"  "+say.Visible(r.Sentence, say.CutText))
	return b.Flush()
}

type texter struct {
	b     *bufio.Writer
	color bool
	width int
}

func (t texter) nl() { t.b.WriteByte('\n') }

// wrap writes s over as many lines as it needs, each safe on its own.
func (t texter) wrap(indent, s string) {
	for i, l := range fold(say.Visible(s, 4000), t.width-len(indent)-2) {
		if i > 0 {
			t.b.WriteString("  ")
		}
		t.b.WriteString(indent + line(l) + "\n")
	}
}

// mark writes a line that begins with a verdict's symbol.
func (t texter) mark(v check.Verdict, s string) {
	for i, l := range fold(say.Visible(s, 4000), t.width-4) {
		lead := "  "
		if i == 0 {
			lead = t.paint(v, say.Sign(v)) + " "
			if w, rest, ok := strings.Cut(l, "  "); ok && w == say.VerdictWord(v) {
				t.b.WriteString(lead + t.paint(v, w) + "  " + rest + "\n")
				continue
			}
		}
		t.b.WriteString(lead + line(l) + "\n")
	}
}

func (t texter) paint(v check.Verdict, s string) string {
	if !t.color {
		return s
	}
	code := map[string]string{"good": "32", "bad": "1;31", "open": "33", "none": "2"}[say.Tone(v)]
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// fold breaks s at spaces into lines of at most n runes.
func fold(s string, n int) []string {
	var out []string
	for utf8.RuneCountInString(s) > n {
		r := []rune(s)
		at := n
		for at > n/3 && r[at] != ' ' {
			at--
		}
		if r[at] != ' ' {
			at = n
		}
		out = append(out, strings.TrimRight(string(r[:at]), " "))
		s = strings.TrimLeft(string(r[at:]), " ")
	}
	return append(out, s)
}

// table prints the comparison, benchstat's way: figure, spread, change
// against the base.
func (t texter) table(r *model.Report) {
	head := []string{"", "commits/s", "", "vs base", "conflicts", "p50 ms", "p99", "tries", "Jain", ""}
	lines := [][]string{head}
	for _, o := range page.Rows(r) {
		note := ""
		switch {
		case o.Lost:
			note = o.Standing
		case o.P != "":
			note = o.P
		case o.Verdict == check.NotExercised || o.Verdict == check.Undecided:
			note = o.Standing
		}
		lines = append(lines, []string{say.Short(line(say.Visible(o.S.Name, 24)), 20), o.Goodput, o.Spread, o.Versus, o.Conflict, o.P50, o.P99, o.Tries, o.Jain, note})
	}
	wide := make([]int, len(head))
	for _, l := range lines {
		for i, c := range l {
			wide[i] = max(wide[i], utf8.RuneCountInString(c))
		}
	}
	for _, l := range lines {
		text := "  "
		for i, c := range l {
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(c))
			switch i {
			case 0:
				text += c + pad
			case 2:
				text += " " + c + pad
			case len(l) - 1:
				text += "   " + c
			default:
				text += "  " + pad + c
			}
		}
		text = strings.TrimRight(text, " ")
		if utf8.RuneCountInString(text) > t.width {
			text = string([]rune(text)[:t.width-1]) + "…"
		}
		t.b.WriteString(text + "\n")
	}
}
