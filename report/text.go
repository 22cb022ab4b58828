package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tussle/report/check"
)

// writeText is the table of a terminal: at most Width columns (100 unless
// told), the verdict last, so that it is what remains on the screen.
func writeText(w io.Writer, r *Report, o Options) error {
	b := bufio.NewWriter(w)
	t := texter{b, o.Color, o.Width}
	if t.width < 60 {
		t.width = 100
	}
	t.wrap("", strings.Join(headline(r), " · "))
	t.nl()
	t.table(r)
	if len(r.Strategies) > 0 {
		t.wrap("  ", scope)
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
		v, _ := standing(s)
		lead, rest := about(r, s)
		t.mark(v, visible(s.Name, cutName)+": "+lead+rest)
	}
	for _, l := range thresholdLines(r) {
		t.mark(l.v, l.text)
	}
	if len(r.SelfChecks) > 0 {
		v := check.Pass
		for _, c := range r.SelfChecks {
			if c.Verdict != check.Pass && c.Verdict != check.NotExercised {
				t.mark(c.Verdict, "self-check "+selfCheckLine(c))
			}
			if c.Verdict == check.Inconclusive || c.Verdict == check.Fail {
				v = check.Inconclusive
			}
		}
		t.mark(v, selfSentence(r))
	}
	if _, _, f := firstFinding(r); f != nil {
		t.nl()
		t.wrap("  ", "first finding, key "+visible(f.Key, cutName)+": "+f.Sentence)
		for i, q := range f.Requests {
			t.wrap("    ", requestLine(i, q))
		}
	}
	t.nl()
	for _, s := range r.Warnings {
		t.wrap("  ", "note: "+s)
	}
	for _, s := range append(cuts(r), untold(r, visible(r.Sentence, cutText))...) {
		t.wrap("  ", "because: "+s)
	}
	t.mark(r.Verdict, verdictWord(r.Verdict)+"  "+visible(r.Sentence, cutText))
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
	for i, l := range fold(visible(s, 4000), t.width-len(indent)-2) {
		if i > 0 {
			t.b.WriteString("  ")
		}
		t.b.WriteString(indent + line(l) + "\n")
	}
}

// mark writes a line that begins with a verdict's symbol.
func (t texter) mark(v check.Verdict, s string) {
	for i, l := range fold(visible(s, 4000), t.width-4) {
		lead := "  "
		if i == 0 {
			lead = t.paint(v, sign(v)) + " "
			if w, rest, ok := strings.Cut(l, "  "); ok && w == verdictWord(v) {
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
	code := map[string]string{"good": "32", "bad": "1;31", "open": "33", "none": "2"}[tone(v)]
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
func (t texter) table(r *Report) {
	head := []string{"", "commits/s", "", "vs base", "conflicts", "p50 ms", "p99", "tries", "Jain", ""}
	lines := [][]string{head}
	for _, o := range rows(r) {
		note := ""
		switch {
		case o.Lost:
			note = o.Standing
		case o.P != "":
			note = o.P
		case o.Verdict == check.NotExercised || o.Verdict == check.Undecided:
			note = o.Standing
		}
		lines = append(lines, []string{short(line(visible(o.S.Name, 24)), 20), o.Goodput, o.Spread, o.Versus, o.Conflict, o.P50, o.P99, o.Tries, o.Jain, note})
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

func short(s string, n int) string {
	if utf8.RuneCountInString(s) > n {
		return string([]rune(s)[:n-1]) + "…"
	}
	return s
}

type verdictLine struct {
	v    check.Verdict
	text string
}

// thresholdLines says limit and measured value of each threshold.
func thresholdLines(r *Report) []verdictLine {
	var out []verdictLine
	for _, t := range r.Thresholds {
		text := fmt.Sprintf("threshold %s [%s]: limit %s, measured %s, %s", visible(t.Metric, cutName), visible(t.Strategy, cutName), visible(t.Limit, cutName), figure(t.Measured), visible(string(t.Verdict), 20))
		if t.Note != "" {
			text += " (" + visible(t.Note, cutText) + ")"
		}
		out = append(out, verdictLine{t.Verdict, text})
	}
	return out
}

func selfCheckLine(c SelfCheck) string {
	text := visible(c.Name, cutName)
	if c.Strategy != "" {
		text += " [" + visible(c.Strategy, cutName) + "]"
	}
	text += ": " + figure(c.Value)
	if c.Unit != "" {
		text += " " + visible(c.Unit, cutName)
	}
	if c.Limit != "" {
		text += ", limit " + visible(c.Limit, cutName)
	}
	text += ", " + visible(string(c.Verdict), 20)
	if c.Note != "" {
		text += " (" + visible(c.Note, cutText) + ")"
	}
	return text
}

// requestLine is one request of a finding as text.
func requestLine(i int, q check.FindingRequest) string {
	offends := " "
	if q.Offends {
		offends = "✘"
	}
	status := "no answer"
	if q.Status != 0 {
		status = fmt.Sprint(q.Status)
	}
	return fmt.Sprintf("%d %s %.2f to %.2f ms  %s  %s → %s", i+1, offends, q.Call, q.Return, visible(q.Lane, cutName), visible(q.Role, cutText), status)
}

// cuts says what is missing from the record.
func cuts(r *Report) []string {
	var out []string
	if r.Interrupted {
		out = append(out, "the run was interrupted; figures are of what was measured until then")
	}
	if r.Cut != "" {
		out = append(out, "the history was cut off: "+visible(r.Cut, cutText))
	}
	return out
}
