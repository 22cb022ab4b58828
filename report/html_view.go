package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"tussle/report/check"
	"tussle/report/svg"
)

// view is what the page's template shows: texts that are ready, and drawings.
// Texts are escaped by html/template; only this file and package svg make
// markup, and neither copies a text into it unescaped.
type view struct {
	R                *Report // embedded as data
	CSP              string
	CSS              template.CSS
	JS               template.JS
	Name, Word, Sign string
	Tone             string
	Headline         []string
	JudgedBy         string
	Sentence         string
	Reasons          []string
	Warnings         []string
	Facts            [4]fact
	AnyLost          bool
	Scope            string
	Rows             []viewRow
	Advice           string
	Crossovers       []string
	Promises         verdictTable
	Others           verdictTable
	Thresholds       verdictTable
	Faults           verdictTable
	SelfChecks       verdictTable
	SelfSum          string
	SelfBad          bool
	Findings         []viewFinding
	Pictures         []viewPicture
	Anatomy          []viewAnatomy
	Figures          []table
	How              []section
	Limits           []string
	Provenance       [][2]string
	Command          string
	Scenario         string
}

type viewRow struct {
	row
	Name, Gloss, Method, Lead, About string
	Tone, Sign                       string
	Key, Mini                        template.HTML
}

type verdictTable struct {
	Caption string
	Head    []string
	Rows    []verdictRow
}

type verdictRow struct {
	Cells                     []string
	Verdict, Tone, Sign, Note string
}

type viewPicture struct {
	picture
	ID  string
	SVG template.HTML
}

type viewFinding struct {
	ID, Title, Key, Sentence, Curl string
	SVG                            template.HTML
	Table                          table
}

type section struct{ Title, Text string }

// drawn marks the output of package svg, which escapes all it is given.
func drawn(s string) template.HTML { return template.HTML(s) }

func newView(r *Report) *view {
	v := &view{R: r, CSP: pageCSP, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Name: visible(r.Scenario.Name, cutName),
		Word: verdictWord(r.Verdict), Sign: sign(r.Verdict), Tone: tone(r.Verdict), Headline: headline(r), JudgedBy: visible(r.JudgedBy, cutName), Sentence: visible(r.Sentence, 2*cutText),
		Facts: facts(r), Scope: scope, Advice: visible(r.Advice, 2*cutText), How: howToRead, Limits: limits(r), Provenance: provenance(r),
		Command: command(r), Scenario: scenarioText(r)}
	for _, s := range append(cuts(r), untold(r, v.Sentence)...) {
		v.Reasons = append(v.Reasons, visible(s, cutText))
	}
	for _, s := range r.Warnings {
		v.Warnings = append(v.Warnings, visible(s, cutText))
	}
	for _, s := range r.Sweeps {
		v.Crossovers = append(v.Crossovers, visible(s.Sentence, cutText))
	}
	v.Rows = viewRows(r)
	for _, o := range v.Rows {
		v.AnyLost = v.AnyLost || o.Lost
	}
	v.Promises, v.Others = promiseTables(r)
	v.Thresholds, v.Faults, v.SelfChecks = thresholdTable(r), faultTable(r), selfCheckTable(r)
	_, _, _, bad := selfChecks(r)
	v.SelfSum, v.SelfBad = selfSentence(r), bad > 0
	v.Findings = viewFindings(r)
	for i, p := range pictures(r) {
		id := fmt.Sprintf("p%d", i+1)
		v.Pictures = append(v.Pictures, viewPicture{p, id, drawn(p.Draw(id, false))})
	}
	v.Anatomy, v.Figures = anatomy(r), figureTables(r)
	return v
}

func viewRows(r *Report) []viewRow {
	most := 0.0
	for _, s := range r.Strategies {
		if s.Goodput != nil {
			most = math.Max(most, *s.Goodput)
		}
		if s.GoodputCI != nil {
			most = math.Max(most, s.GoodputCI[1])
		}
	}
	var out []viewRow
	for _, o := range rows(r) {
		lo, hi := bounds(o.S.GoodputCI)
		mini := svg.Mini(svg.Row{Look: o.I, Hollow: o.Lost, Value: value(o.S.Goodput), Lo: lo, Hi: hi}, most)
		lead, rest := about(r, o.S)
		n := viewRow{row: o, Name: visible(o.S.Name, cutName), Gloss: gloss(o.S.Locking), Method: visible(o.S.Locking+", "+o.S.Dialect, cutName), Lead: lead, About: rest,
			Tone: tone(o.Verdict), Sign: sign(o.Verdict), Key: drawn(svg.Key(o.I)), Mini: drawn(mini)}
		out = append(out, n)
	}
	return out
}

func newVerdictRow(v check.Verdict, note string, cells ...string) verdictRow {
	return verdictRow{cells, visible(string(v), 20), tone(v), sign(v), visible(note, cutText)}
}

// promiseTables separates what is promised, or broken, from what was checked
// besides.
func promiseTables(r *Report) (promises, others verdictTable) {
	names := []string{"strategy", "property", "promised", "could be broken", "violations", "verdict", "evidence"}
	promises = verdictTable{Caption: "What each strategy promises, and what it broke. Only what is promised counts for the verdict of the run.", Head: names}
	others = verdictTable{Caption: "Checked, not promised and not broken", Head: names}
	for _, s := range r.Strategies {
		for _, p := range s.Properties {
			note, promised := p.Evidence, "no"
			if p.Reason != "" {
				note = strings.TrimLeft(note+"; "+p.Reason, "; ")
			}
			if p.Promised {
				promised = "yes"
			}
			row := newVerdictRow(p.Verdict, note, visible(s.Name, cutName), visible(p.Name, cutName), promised, plural(p.Exercised, "time"), count(p.Violations))
			if p.Promised || p.Verdict == check.Violated {
				promises.Rows = append(promises.Rows, row)
			} else {
				others.Rows = append(others.Rows, row)
			}
		}
	}
	return promises, others
}

func thresholdTable(r *Report) verdictTable {
	t := verdictTable{Caption: "Thresholds of the scenario, with the limit and what was measured", Head: []string{"strategy", "metric", "limit", "measured", "verdict", "note"}}
	for _, h := range r.Thresholds {
		t.Rows = append(t.Rows, newVerdictRow(h.Verdict, h.Note, visible(h.Strategy, cutName), visible(h.Metric, cutName), visible(h.Limit, cutName), figure(h.Measured)))
	}
	return t
}

func faultTable(r *Report) verdictTable {
	t := verdictTable{Caption: "Faults: planned, done, and with an effect", Head: []string{"strategy", "fault", "planned", "injected", "effective", "at least", "verdict", "note"}}
	for _, s := range r.Strategies {
		for _, f := range s.Faults {
			v, note := check.Pass, "enough of them had an effect"
			if f.Effective < f.Min {
				v, note = check.NotExercised, "too few had an effect to judge by"
			}
			t.Rows = append(t.Rows, newVerdictRow(v, note, visible(s.Name, cutName), visible(f.Kind, cutName), count(f.Planned), count(f.Injected), count(f.Effective), count(f.Min)))
		}
	}
	return t
}

func selfCheckTable(r *Report) verdictTable {
	t := verdictTable{Caption: "Self-checks: is the instrument itself to be trusted?", Head: []string{"check", "strategy", "value", "limit", "verdict", "note"}}
	for _, c := range r.SelfChecks {
		val := figure(c.Value)
		if c.Unit != "" && c.Value != nil {
			val += " " + visible(c.Unit, cutName)
		}
		t.Rows = append(t.Rows, newVerdictRow(c.Verdict, c.Note, visible(c.Name, cutName), visible(c.Strategy, cutName), val, visible(c.Limit, cutName)))
	}
	return t
}

// viewFindings shows the first finding of each violated property: promised
// ones first, at most six.
func viewFindings(r *Report) []viewFinding {
	var out []viewFinding
	add := func(s *Strategy, p *check.Property, f *check.Finding) {
		pic := findingPicture(f)
		id := fmt.Sprintf("v%d", len(out)+1)
		title := visible(s.Name, cutName) + " " + harm(*p) + "; this is one of them"
		if p.Violations == 1 {
			title = visible(s.Name, cutName) + " " + harm(*p)
		}
		if !p.Promised {
			title += " (not promised)"
		}
		out = append(out, viewFinding{ID: id, Title: title, Key: visible(f.Key, cutName), Sentence: prose(r, visible(f.Sentence, 2*cutText)),
			Curl: curlLines(f), SVG: drawn(pic.Draw(id, false)), Table: pic.Table})
	}
	for _, promised := range []bool{true, false} {
		for i := range r.Strategies {
			s := &r.Strategies[i]
			for j := range s.Properties {
				p := &s.Properties[j]
				if p.Promised == promised && p.Verdict == check.Violated && len(p.Findings) > 0 && len(out) < 6 {
					add(s, p, &p.Findings[0])
				}
			}
		}
	}
	return out
}

func curlLines(f *check.Finding) string {
	var b strings.Builder
	for i, q := range f.Requests {
		if q.Curl == "" {
			continue
		}
		status := "no answer"
		if q.Status != 0 {
			status = fmt.Sprint(q.Status)
		}
		fmt.Fprintf(&b, "# %d  %s, %.2f ms: %s -> %s\n%s\n", i+1, visible(q.Lane, cutName), q.Call, visible(q.Role, cutText), status, visible(q.Curl, cutCurl))
	}
	return b.String()
}
