package format

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// textLines is how many lines the terminal shows unless it is asked for all.
const textLines = 25

// writeText is what the terminal shows, in at most Width columns (100 unless
// told): the verdict first, then the table with its legend, what was found, and
// the first finding. With Verbose it also has what each strategy did, the
// thresholds, self-checks and notes; without, it stays within [textLines].
func writeText(w io.Writer, r *model.Report, o Options) error {
	var b strings.Builder
	t := texter{&b, o.Color, o.Width}
	if t.width < 60 {
		t.width = 100
	}
	t.mark(r.Verdict, say.VerdictWord(r)+"  "+say.Visible(r.Sentence, say.CutText))
	reasons := append(say.Cuts(r), say.Untold(r, say.Visible(r.Sentence, say.CutText))...)
	for i, s := range reasons {
		if i == 3 && !o.Verbose && len(reasons) > 4 {
			t.wrap("  ", fmt.Sprintf("and %s", say.Plural(int64(len(reasons)-i), "more reason")))
			break
		}
		t.wrap("  ", "because: "+s)
	}
	t.nl()
	if len(r.Explorations) > 0 {
		t.explored(r)
		for _, s := range r.Warnings {
			t.wrap("  ", "note: "+s)
		}
		return t.flush(w, true)
	}
	t.wrap("", strings.Join(say.Headline(r), " · "))
	for _, s := range r.Sweeps {
		t.wrap("  ", s.Sentence)
	}
	if s := say.Purpose(r); s != "" {
		t.wrap("  ", s)
	}
	t.table(r)
	if a := say.Answers(r); a != "" {
		t.wrap("  ", a)
	}
	if len(r.Strategies) > 0 {
		t.wrap("  ", say.Legend(r))
	}
	if !o.Verbose && r.Advice != "" {
		t.wrap("  ", r.Advice)
	}
	if o.Verbose {
		t.details(r)
	}
	t.finding(r)
	return t.flush(w, o.Verbose)
}

// details is what only -v shows.
func (t texter) details(r *model.Report) {
	t.wrap("  ", say.Scope)
	for _, s := range say.Fair(r) {
		t.wrap("  ", s)
	}
	t.nl()
	if r.Advice != "" {
		t.wrap("  ", r.Advice)
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
	for _, s := range r.Warnings {
		t.wrap("  ", "note: "+s)
	}
}

// finding shows the requests of the first finding.
func (t texter) finding(r *model.Report) {
	s, p, f := model.FirstFinding(r)
	if f == nil {
		return
	}
	t.nl()
	t.wrap("  ", fmt.Sprintf("first finding: %s, %s, key %s: %s", say.Visible(s.Name, say.CutName), say.Visible(p.Name, say.CutName), say.Visible(f.Key, say.CutName), f.Sentence))
	for i, q := range f.Requests {
		t.wrap("    ", say.RequestLine(i, q))
	}
}

// flush writes what was gathered, cut to what fits unless all is wanted.
func (t texter) flush(w io.Writer, all bool) error {
	text := t.b.String()
	if lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n"); !all && len(lines) > textLines {
		text = strings.Join(lines[:textLines-1], "") + fmt.Sprintf("  … %d more lines: -v shows all\n", len(lines)-textLines+1)
	}
	_, err := io.WriteString(w, text)
	return err
}

type texter struct {
	b     *strings.Builder
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
			if w, rest, ok := strings.Cut(l, "  "); ok && w == strings.ToUpper(w) {
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
	head := []string{say.Point(r), "commits/s", "", "vs base", "conflicts", "p50 ms", "p99", "tries", "Jain", ""}
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
