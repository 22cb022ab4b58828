package format

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
	"tussle/report/svg"
)

type viewAnatomy struct {
	Name      string
	Empty     bool
	Score     int
	Diagnosis string
	Tables    []openTable
}

type openTable struct {
	page.Table
	Title string
}

// anatomy takes the conflicts of each strategy apart.
func anatomy(r *model.Report) []viewAnatomy {
	var out []viewAnatomy
	for i := range r.Strategies {
		s := &r.Strategies[i]
		a := viewAnatomy{Name: say.Visible(s.Name, say.CutName)}
		if d := s.Anatomy.Diagnosis; d != nil && d.N > 0 {
			a.Score, a.Diagnosis = d.Score, say.Diagnosis(d)
		}
		a.Tables = []openTable{
			{page.MatrixTable(s), "Status codes by what they meant"},
			{page.HotKeyTable(s), "Hot keys"},
			{page.ProblemTable(s), "What the refusals said"},
		}
		a.Empty = a.Diagnosis == "" && !slices.ContainsFunc(a.Tables, func(t openTable) bool { return len(t.Rows) > 0 })
		out = append(out, a)
	}
	return out
}

// view is what the page's template shows: texts that are ready, and drawings.
// Texts are escaped by html/template; only this file and package svg make
// markup, and neither copies a text into it unescaped.
type view struct {
	Orders           []viewOrder   // of an exploration, in place of figures
	R                *model.Report // embedded as data
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
	Questions        []say.Question
	Answers          string
	Fair             []string
	Point            string
	Lead             []viewPicture // of a sweep: its curves, before anything else
	Scope            string
	Rows             []viewRow
	Advice           string
	Promises         page.VerdictTable
	Others           page.VerdictTable
	Thresholds       page.VerdictTable
	Faults           page.VerdictTable
	SelfChecks       page.VerdictTable
	SelfSum          string
	SelfBad          bool
	Findings         []viewFinding
	Pictures         []viewPicture
	Anatomy          []viewAnatomy
	Figures          []page.Table
	How              []say.Section
	Limits           []string
	Provenance       [][2]string
	Command          string
	Scenario         string
}

type viewRow struct {
	page.Row
	Name, Gloss, Method, Lead, About string
	Tone, Sign                       string
	Key, Mini                        template.HTML
}

type viewPicture struct {
	page.Picture
	ID  string
	SVG template.HTML
}

type viewFinding struct {
	ID, Title, Key, Sentence, Curl string
	SVG                            template.HTML
	Table                          page.Table
}

// drawn marks the output of package svg, which escapes all it is given.
func drawn(s string) template.HTML { return template.HTML(s) }

func newView(r *model.Report) *view {
	v := &view{R: r, CSP: pageCSP, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Name: say.Visible(r.Scenario.Name, say.CutName),
		Word: say.VerdictWord(r), Sign: say.Sign(r.Verdict), Tone: say.Tone(r.Verdict), Headline: say.Headline(r), JudgedBy: say.Visible(r.JudgedBy, say.CutName), Sentence: say.Visible(r.Sentence, 2*say.CutText),
		Questions: say.Questions(r), Answers: say.Answers(r), Fair: say.Fair(r), Point: say.Point(r), Scope: say.Scope, Advice: say.Visible(r.Advice, 2*say.CutText), How: say.HowToRead, Limits: say.Limits(r), Provenance: say.Provenance(r),
		Command: say.Command(r), Scenario: say.ScenarioText(r)}
	for _, s := range append(say.Cuts(r), say.Untold(r, v.Sentence)...) {
		v.Reasons = append(v.Reasons, say.Visible(s, say.CutText))
	}
	for _, s := range r.Warnings {
		v.Warnings = append(v.Warnings, say.Visible(s, say.CutText))
	}
	v.Rows = viewRows(r)
	v.Promises, v.Others = page.PromiseTables(r)
	v.Thresholds, v.Faults, v.SelfChecks = page.ThresholdTable(r), page.FaultTable(r), page.SelfCheckTable(r)
	_, _, _, bad := model.SelfChecks(r)
	v.SelfSum, v.SelfBad = say.SelfSentence(r), bad > 0
	if v.Orders = viewOrders(r); v.Orders == nil {
		v.Findings = viewFindings(r)
	}
	for i, p := range page.Pictures(r) {
		id := fmt.Sprintf("p%d", i+1)
		pic := viewPicture{p, id, drawn(p.Draw(id, false))}
		if p.Sweep {
			v.Lead = append(v.Lead, pic)
			continue
		}
		v.Pictures = append(v.Pictures, pic)
	}
	v.Anatomy, v.Figures = anatomy(r), page.FigureTables(r)
	return v
}

func viewRows(r *model.Report) []viewRow {
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
	for _, o := range page.Rows(r) {
		lo, hi := page.Bounds(o.S.GoodputCI)
		mini := svg.Mini(svg.Row{Look: o.I, Hollow: o.Lost, Value: page.Value(o.S.Goodput), Lo: lo, Hi: hi}, most)
		lead, rest := say.About(r, o.S)
		n := viewRow{Row: o, Name: say.Visible(o.S.Name, say.CutName), Gloss: say.Gloss(o.S.Locking), Method: say.Visible(o.S.Locking+", "+o.S.Dialect, say.CutName), Lead: lead, About: rest,
			Tone: say.Tone(o.Verdict), Sign: say.Sign(o.Verdict), Key: drawn(svg.Key(o.I)), Mini: drawn(mini)}
		out = append(out, n)
	}
	return out
}

// viewFindings shows the first finding of each violated property: promised
// ones first, at most six.
func viewFindings(r *model.Report) []viewFinding {
	var out []viewFinding
	add := func(s *model.Strategy, p *check.Property, f *check.Finding) {
		pic := page.FindingPicture(f)
		id := fmt.Sprintf("v%d", len(out)+1)
		title := say.Visible(s.Name, say.CutName) + " " + say.Harm(*p) + "; this is one of them"
		if p.Violations == 1 {
			title = say.Visible(s.Name, say.CutName) + " " + say.Harm(*p)
		}
		if !p.Promised {
			title += " (not promised)"
		}
		out = append(out, viewFinding{ID: id, Title: title, Key: say.Visible(f.Key, say.CutName), Sentence: say.Prose(r, say.Visible(f.Sentence, 2*say.CutText)),
			Curl: say.CurlLines(f), SVG: drawn(pic.Draw(id, false)), Table: pic.Table})
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
