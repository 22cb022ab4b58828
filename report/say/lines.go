package say

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tussle/report/check"
	"tussle/report/model"
)

// CurlLines writes the requests of a finding for a shell, each below a comment
// that says whose it was and what it was told.
func CurlLines(f *check.Finding) string {
	var b strings.Builder
	for i, q := range f.Requests {
		if q.Curl == "" {
			continue
		}
		status := "no answer"
		if q.Status != 0 {
			status = fmt.Sprint(q.Status)
		}
		fmt.Fprintf(&b, "# %d  %s, %.2f ms: %s -> %s\n%s\n", i+1, Visible(q.Lane, CutName), q.Call, Visible(q.Role, CutText), status, Pasted(q.Curl))
	}
	return b.String()
}

// Pasted is a command as a shell takes it, whole. One that is too long for a
// page is left out, with a comment in its place: half of one does something else.
func Pasted(curl string) string {
	if n := utf8.RuneCountInString(curl); n > CutCurl {
		return fmt.Sprintf("# this command has %s: it is in report.json", Plural(int64(n), "character"))
	}
	if !strings.HasPrefix(curl, "curl ") { // a report that somebody made; nothing else goes into a shell
		return "# " + Visible(curl, CutText)
	}
	return Visible(curl, CutCurl)
}

// VerdictLine is a line that begins with a verdict.
type VerdictLine struct {
	V    check.Verdict
	Text string
}

// ThresholdLines says limit and measured value of each threshold.
func ThresholdLines(r *model.Report) []VerdictLine {
	var out []VerdictLine
	for _, t := range r.Thresholds {
		text := fmt.Sprintf("threshold %s [%s]: limit %s, measured %s, %s", Visible(t.Metric, CutName), Visible(t.Strategy, CutName), Visible(t.Limit, CutName), Figure(t.Measured), Visible(string(t.Verdict), 20))
		if t.Note != "" {
			text += " (" + Visible(t.Note, CutText) + ")"
		}
		out = append(out, VerdictLine{t.Verdict, text})
	}
	return out
}

// SelfCheckLine is one self-check as text.
func SelfCheckLine(c model.SelfCheck) string {
	text := Visible(c.Name, CutName)
	if c.Strategy != "" {
		text += " [" + Visible(c.Strategy, CutName) + "]"
	}
	text += ": " + Figure(c.Value)
	if c.Unit != "" {
		text += " " + Visible(c.Unit, CutName)
	}
	if c.Limit != "" {
		text += ", limit " + Visible(c.Limit, CutName)
	}
	text += ", " + Visible(string(c.Verdict), 20)
	if c.Note != "" {
		text += " (" + Visible(c.Note, CutText) + ")"
	}
	return text
}

// RequestLine is one request of a finding as text.
func RequestLine(i int, q check.FindingRequest) string {
	offends := " "
	if q.Offends {
		offends = "✘"
	}
	status := "no answer"
	if q.Status != 0 {
		status = fmt.Sprint(q.Status)
	}
	return fmt.Sprintf("%d %s %.2f to %.2f ms  %s  %s → %s", i+1, offends, q.Call, q.Return, Visible(q.Lane, CutName), Visible(q.Role, CutText), status)
}
