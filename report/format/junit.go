package format

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// JUnit's elements, in the order of the common schema (Windy Road's XSD and
// Jenkins' reader). GitLab takes the suite's name from classname and reads the
// text of a failure, not its message, so both carry the same.
type (
	xSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []xSuite `xml:"testsuite"`
	}
	xSuite struct {
		Package    string      `xml:"package,attr"`
		ID         int         `xml:"id,attr"`
		Name       string      `xml:"name,attr"`
		Timestamp  string      `xml:"timestamp,attr"`
		Hostname   string      `xml:"hostname,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Time       string      `xml:"time,attr"`
		Properties []xProperty `xml:"properties>property"`
		Cases      []xCase     `xml:"testcase"`
		Out        string      `xml:"system-out"`
		Err        string      `xml:"system-err"`
	}
	xProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	xCase struct {
		Name    string    `xml:"name,attr"`
		Class   string    `xml:"classname,attr"`
		Time    string    `xml:"time,attr"`
		Skipped *xMessage `xml:"skipped"`
		Failure *xMessage `xml:"failure"`
	}
	xMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit makes each promise, threshold and self-check a test case, one
// suite a strategy. What is not promised is a skipped case that says what was
// seen; not-exercised and undecided are skipped too, since JUnit has no third
// value, and the run's own case fails only when the gate does.
func writeJUnit(w io.Writer, r *model.Report, _ Options) error {
	var out xSuites
	run := newSuite(r, "run")
	run.add(r.Verdict, "verdict", say.Visible(r.Sentence, 2*say.CutText), strings.Join(r.Reasons, "\n"))
	for _, t := range r.Thresholds {
		run.add(t.Verdict, "threshold "+say.Visible(t.Strategy, say.CutName)+" "+say.Visible(t.Metric, say.CutName)+" "+say.Visible(t.Limit, say.CutName), "measured "+say.Figure(t.Measured), t.Note)
	}
	for _, c := range r.SelfChecks {
		v := c.Verdict
		if v == check.Fail { // a fault of the instrument, not of the target
			v = check.Inconclusive
		}
		run.add(v, "self-check "+say.Visible(c.Name, say.CutName)+" "+say.Visible(c.Strategy, say.CutName), say.SelfCheckLine(c), "")
	}
	whole := *r
	whole.Strategies = nil
	for _, f := range page.Items(&whole) {
		run.figure(f, true)
	}
	out.Suites = append(out.Suites, run)
	for i := range r.Strategies {
		s := &r.Strategies[i]
		suite := newSuite(r, "strategy "+s.Name)
		for _, p := range s.Properties {
			v, text := p.Verdict, say.Visible(p.Reason, say.CutText)
			if p.Verdict == check.Violated {
				text = say.Harm(p)
			}
			if !p.Promised {
				v, text = check.NotJudged, strings.TrimSpace("not promised; "+string(p.Verdict)+" "+text)
			}
			suite.add(v, say.Visible(p.Name, say.CutName), text, findings(p))
		}
		for _, f := range page.Items(&model.Report{Strategies: r.Strategies[i : i+1]}) {
			suite.figure(f, false)
		}
		out.Suites = append(out.Suites, suite)
	}
	for i := range out.Suites {
		out.Suites[i].ID = i
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// token makes a name of the schema's type: no space at its ends, none twice.
func token(s string) string {
	return strings.Join(strings.Fields(say.Visible(s, 4*say.CutName)), " ")
}

func newSuite(r *model.Report, name string) xSuite {
	s := xSuite{Package: "tussle", Name: token(name), Time: "0", Timestamp: "1970-01-01T00:00:00", Hostname: "localhost",
		Properties: []xProperty{{"scenario", say.Visible(r.Scenario.Name, say.CutName)}, {"seed", fmt.Sprint(r.Scenario.Seed)}, {"judged_by", say.Visible(r.JudgedBy, say.CutName)}}}
	start, err := time.Parse(time.RFC3339, r.Provenance.Start)
	if err != nil {
		return s
	}
	s.Timestamp = start.UTC().Format("2006-01-02T15:04:05")
	if end, err := time.Parse(time.RFC3339, r.Provenance.End); err == nil && name == "run" {
		s.Time = fmt.Sprintf("%.3f", end.Sub(start).Seconds())
	}
	return s
}

func (s *xSuite) add(v check.Verdict, name, message, detail string) {
	c := xCase{Name: token(name), Class: s.Name, Time: "0"}
	text := line(string(v) + ": " + message)
	if detail != "" {
		for _, l := range strings.Split(detail, "\n") {
			text += "\n" + lineTo(l, say.CutText+say.CutCurl) // a command stands whole
		}
	}
	m := &xMessage{Message: line(message), Text: text}
	switch v {
	case check.Violated, check.Fail:
		m.Type = say.Visible(string(v), 20)
		c.Failure = m
		s.Failures++
	case check.Pass, check.Holds:
	default:
		c.Skipped = m
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
	s.Tests++
}

// figure adds one figure to the suite's properties, as a number that programs
// read: whole, without separators. A strategy's own suite need not name it.
func (s *xSuite) figure(f page.Item, named bool) {
	name := f.Name
	for i := 0; i+1 < len(f.Labels); i += 2 {
		if (named || f.Labels[i] != "strategy") && f.Labels[i+1] != "" {
			name += " " + f.Labels[i] + "=" + say.Visible(f.Labels[i+1], say.CutName)
		}
	}
	value := "" // the sample does not support it
	if f.Value != nil {
		value = strconv.FormatFloat(*f.Value, 'f', -1, 64)
	}
	s.Properties = append(s.Properties, xProperty{token(name), value})
}

// findings writes the requests of a property's findings as lines.
func findings(p check.Property) string {
	var out []string
	for _, f := range p.Findings {
		out = append(out, "key "+say.Visible(f.Key, say.CutName)+": "+say.Visible(f.Sentence, say.CutText))
		for i, q := range f.Requests {
			out = append(out, say.RequestLine(i, q))
			if q.Curl != "" {
				out = append(out, "  "+say.Pasted(q.Curl))
			}
		}
	}
	return strings.Join(out, "\n")
}
