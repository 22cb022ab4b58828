package format

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// markdownBytes keeps below GitHub's limit of 65,536 characters a comment.
const markdownBytes = 60_000

// writeMarkdown renders a comment for a pull request or a summary for a job.
// When it would be larger than allowed, whole sections are left out, the
// least needed first; verdict, table and first finding stay.
func writeMarkdown(w io.Writer, r *model.Report, o Options) error {
	limit := o.MaxBytes
	if limit == 0 {
		limit = markdownBytes
	}
	full := sections(r, o)
	out := ""
	for drop := 0; ; drop++ {
		kept, left := ladder(full, drop)
		out = assemble(kept, left, o)
		if len(out) <= limit || left == len(full) {
			break
		}
	}
	if len(out) > limit { // even the verdict and the table are too long
		out = assemble(nil, len(full), o)
		head := mdMarker(r, o) + "### " + mdVerdict(r, 120) + "\n\n"
		if len(head)+len(out) <= limit {
			out = head + out
		}
	} else {
		out = mdMarker(r, o) + out
		if len(out) > limit {
			out = out[len(mdMarker(r, o)):]
		}
	}
	_, err := io.WriteString(w, out)
	return err
}

// part is one section of the Markdown. Those with the highest rank are left
// out first.
type part struct {
	rank int
	text string
}

// ladder leaves out the sections of the drop highest ranks.
func ladder(full []part, drop int) (kept []part, left int) {
	limit := 10 - drop
	for _, p := range full {
		if p.rank > limit {
			left++
		} else {
			kept = append(kept, p)
		}
	}
	return kept, left
}

func assemble(kept []part, left int, o Options) string {
	var b strings.Builder
	for _, p := range kept {
		b.WriteString(p.text)
		b.WriteString("\n")
	}
	if left > 0 {
		fmt.Fprintf(&b, "Shortened to fit: %s left out.", say.Plural(int64(left), "section"))
		if u := link(o.Link); u != "" {
			fmt.Fprintf(&b, " [The full report](%s) has them.", u)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// sections renders all there is to say, in the order of the page.
func sections(r *model.Report, o Options) []part {
	parts := []part{{0, "### " + mdVerdict(r, 2*say.CutText) + "\n"}}
	add := func(rank int, text string) {
		if text != "" {
			parts = append(parts, part{rank, text})
		}
	}
	if len(r.Explorations) > 0 {
		add(1, mdExplored(r))
		add(1, mdFooter(r, o))
		return parts
	}
	add(1, mdReasons(r))
	add(1, mdComparison(r))
	add(2, mdEach(r))
	add(2, mdAdvice(r))
	add(3, mdFinding(r))
	add(4, mdThresholds(r))
	add(8, mermaid(r))
	add(5, mdProperties(r))
	for _, t := range mdTables(r) {
		add(t.rank, t.text)
	}
	add(1, mdFooter(r, o))
	return parts
}

// mdMarker is the hidden line by which a sticky comment is found again. The
// digest changes only when a verdict does, so that a comment that would say
// the same can be left alone.
func mdMarker(r *model.Report, o Options) string {
	id := o.Marker
	if id == "" {
		id = r.Scenario.Name
	}
	id = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' {
			return c
		}
		return '-'
	}, id)
	for strings.Contains(id, "--") { // would end an HTML comment
		id = strings.ReplaceAll(id, "--", "-")
	}
	return "<!-- tussle:report:v1 id=" + strings.Trim(id[:min(len(id), 60)], "-") + " digest=" + digest(r) + " -->\n"
}

// digest names the verdicts of a report: of the run, of each property of each
// strategy, and of thresholds. Figures and comparisons are left out: they
// differ a little from run to run.
func digest(r *model.Report) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v\n", r.Scenario.Name, r.Verdict, r.Interrupted)
	for _, s := range r.Strategies {
		fmt.Fprintf(h, "%q %q\n", s.Name, s.Verdict)
		for _, p := range s.Properties {
			fmt.Fprintf(h, "%q %q %v\n", p.Name, p.Verdict, p.Promised)
		}
	}
	for _, t := range r.Thresholds {
		fmt.Fprintf(h, "%q %q %q %q\n", t.Strategy, t.Metric, t.Limit, t.Verdict)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

func mdVerdict(r *model.Report, n int) string {
	emoji := map[string]string{"good": "✅", "bad": "❌", "open": "❓", "none": "➖"}[say.Tone(r.Verdict)]
	return emoji + " " + mdText(say.VerdictWord(r)) + " " + mdCode(r.Scenario.Name) + " " + mdText(say.Short(say.Visible(r.Sentence, 2*say.CutText), n))
}

func mdReasons(r *model.Report) string {
	var b strings.Builder
	for _, s := range append(say.Cuts(r), say.Untold(r, say.Short(say.Visible(r.Sentence, 2*say.CutText), 2*say.CutText))...) {
		b.WriteString("- " + mdText(s) + "\n")
	}
	for _, s := range r.Warnings {
		b.WriteString("- note, " + mdText(s) + "\n")
	}
	return b.String()
}

func mdSign(v check.Verdict) string {
	return map[string]string{"good": "✅", "bad": "❌", "open": "❓", "none": "➖"}[say.Tone(v)]
}

func mdComparison(r *model.Report) string {
	if len(r.Strategies) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| Strategy | Verdict | Commits/s | vs base | Conflicts | p50 / p99, ms | Tries |\n|---|---|--:|---|--:|--:|--:|\n")
	for _, o := range page.Rows(r) {
		word := o.Standing
		if o.Lost && !o.Promised {
			word += ", not promised"
		}
		good := strings.TrimSpace(o.Goodput + " " + o.Spread)
		vs := strings.TrimSpace(o.Versus)
		if o.Lost {
			good, vs = "~~"+good+"~~", "not compared, "
			if say.Faster(r, o.S) {
				vs += "fast but "
			}
			vs += mdText(say.HarmShort(model.Broken(o.S)[0]))
		} else if o.VsNote != "" && o.Versus != "base" {
			vs += " (" + mdText(o.VsNote) + ")"
		}
		if o.Versus == "~" {
			vs = "\\" + vs
		}
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %s | %s / %s | %s |\n", mdCode(say.Short(o.S.Name, 40)), mdSign(o.Verdict), mdText(word), good, vs, o.Conflict, o.P50, o.P99, o.Tries)
	}
	if p := say.Point(r); p != "" {
		b.WriteString("\nFigures " + mdText(p) + ", the last point of the sweep.")
	}
	b.WriteString("\n" + say.Scope + "\n")
	if a := say.Answers(r); a != "" {
		b.WriteString("\n" + mdText(a) + "\n")
	}
	for i, s := range say.Fair(r) {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + mdText(s) + "\n")
	}
	return b.String()
}

func mdEach(r *model.Report) string {
	var b strings.Builder
	for _, q := range say.Questions(r) {
		fmt.Fprintf(&b, "- **%s**", q.Text)
		for _, f := range q.Answers {
			b.WriteString(" " + mdText(f.String()))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func mdAdvice(r *model.Report) string {
	var b strings.Builder
	if r.Advice != "" {
		b.WriteString("**The advice.** " + mdText(r.Advice) + "\n")
	}
	return b.String()
}

func mdFinding(r *model.Report) string {
	s, p, f := model.FirstFinding(r)
	if f == nil {
		return ""
	}
	var b strings.Builder
	promised := "not promised"
	if p.Promised {
		promised = "promised"
	}
	fmt.Fprintf(&b, "<details><summary>First finding: %s, %s</summary>\n\n", htmlText(s.Name), promised)
	fmt.Fprintf(&b, "Property %s (%s), key %s. %s\n\n", mdCode(p.Name), promised, mdCode(f.Key), mdText(say.Prose(r, f.Sentence)))
	b.WriteString("| | Client | ms | What | Status |\n|--:|---|--:|---|---|\n")
	for i, q := range f.Requests {
		mark := ""
		if q.Offends {
			mark = " ❌"
		}
		status := "no answer"
		if q.Status != 0 {
			status = fmt.Sprint(q.Status)
		}
		fmt.Fprintf(&b, "| %d%s | %s | %.2f – %.2f | %s | %s |\n", i+1, mark, mdCode(q.Lane), q.Call, q.Return, mdCode(q.Role), status)
	}
	if lines := say.CurlLines(f); lines != "" {
		b.WriteString("\n```bash\n")
		for l := range strings.Lines(lines) {
			b.WriteString(lineTo(strings.TrimSuffix(l, "\n"), say.CutText+say.CutCurl) + "\n")
		}
		b.WriteString("```\n")
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

func mdThresholds(r *model.Report) string {
	if len(r.Thresholds) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| Threshold | Strategy | Limit | Measured | Verdict |\n|---|---|--:|--:|---|\n")
	for _, t := range r.Thresholds {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s %s |\n", mdCode(t.Metric), mdCode(t.Strategy), mdCode(t.Limit), say.Figure(t.Measured), mdSign(t.Verdict), mdText(string(t.Verdict)))
	}
	return b.String()
}

func mdFooter(r *model.Report, o Options) string {
	var parts []string
	if u := link(o.Link); u != "" {
		parts = append(parts, "[Full report]("+u+")")
	}
	for _, p := range say.Headline(r)[1:] {
		parts = append(parts, mdText(p))
	}
	if r.JudgedBy != "" {
		parts = append(parts, mdText(r.JudgedBy))
	}
	if c := say.Command(r); c != "" {
		parts = append(parts, mdCode(c))
	}
	return strings.Join(parts, " · ") + "\n"
}
