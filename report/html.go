package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
)

//go:embed assets/report.html.tmpl
var pageText string

//go:embed assets/report.css
var pageCSS string

//go:embed assets/report.js
var pageJS string

var pageTmpl = template.Must(template.New("report").Parse(pageText))

// pageCSP allows the page's own style sheet and script, by their hashes, and
// nothing else: no network, no frames, no forms, no style attributes.
var pageCSP = "default-src 'none'; script-src '" + hash(pageJS) + "'; style-src '" + hash(pageCSS) + "'; img-src data:; base-uri 'none'; form-action 'none'"

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// htmlBytes is the size that a page stays below unless told otherwise.
const htmlBytes = 300_000

// writeHTML renders one self-contained page. When it would be larger than
// allowed, detail is dropped in steps and the page says so; the verdicts, the
// comparison and the first finding always stay.
func writeHTML(w io.Writer, r *Report, o Options) error {
	limit := o.MaxBytes
	if limit == 0 {
		limit = htmlBytes
	}
	var b bytes.Buffer
	for step := 0; ; step++ {
		lean, note := thin(r, step)
		if _, err := json.Marshal(lean); err != nil {
			return fmt.Errorf("report cannot be embedded in the page: %w", err)
		}
		b.Reset()
		v := newView(lean)
		if note != "" {
			v.Warnings = append(v.Warnings, note)
		}
		if err := pageTmpl.Execute(&b, v); err != nil {
			return fmt.Errorf("page: %w", err)
		}
		if b.Len() <= limit || step == thinSteps {
			break
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// thinSteps is the last step of thin.
const thinSteps = 4

// thin returns a report with less detail at each step; r is not changed.
func thin(r *Report, step int) (*Report, string) {
	if step == 0 {
		return r, ""
	}
	c := *r
	c.Strategies = append([]Strategy(nil), r.Strategies...)
	for i := range c.Strategies {
		s := &c.Strategies[i]
		s.Pictures.Series = merged(s.Pictures.Series)
		if step >= 2 {
			s.Anatomy.HotKeys = head(s.Anatomy.HotKeys, 5)
			s.Anatomy.Problems = head(s.Anatomy.Problems, 3)
			s.Properties = append(s.Properties[:0:0], s.Properties...)
			for j := range s.Properties {
				s.Properties[j].Findings = head(s.Properties[j].Findings, 1)
			}
		}
		if step >= 3 {
			s.Pictures.Series, s.Pictures.Percentiles, s.Blocks = nil, nil, nil
			s.Anatomy.PerClient, s.Anatomy.HotKeys, s.Anatomy.Problems = nil, nil, nil
			s.Anatomy.Matrix = head(s.Anatomy.Matrix, 20)
		}
		if step >= 4 {
			s.Name, s.Dialect, s.Retry = visible(s.Name, cutText), visible(s.Dialect, cutText), visible(s.Retry, cutText)
			s.Anatomy.Matrix, s.Faults = nil, head(s.Faults, 8)
			s.Properties = head(s.Properties, 12)
		}
	}
	if step >= 3 {
		c.Provenance.Text = ""
	}
	if step >= 4 {
		c.Strategies, c.Comparisons, c.Sweeps = head(c.Strategies, 16), head(c.Comparisons, 40), nil
		c.Thresholds, c.SelfChecks = head(c.Thresholds, 40), head(c.SelfChecks, 40)
		c.Reasons, c.Warnings = head(c.Reasons, 10), head(c.Warnings, 10)
	}
	return &c, fmt.Sprintf("Shortened to fit the size limit (step %d of %d): some details are only in report.json.", step, thinSteps)
}

func head[T any](s []T, n int) []T {
	return s[:min(n, len(s)):min(n, len(s))]
}

// dataOpen begins the block of a page that holds its report.
const dataOpen = `<script type="application/json" id="tussle-report">`

// FromHTML returns the report that a page written by [Write] carries. It
// fails when b is not such a page.
func FromHTML(b []byte) (*Report, error) {
	at := bytes.LastIndex(b, []byte(dataOpen))
	if at < 0 {
		return nil, fmt.Errorf("no report in this page: expected an HTML report that tussle wrote")
	}
	b = b[at+len(dataOpen):]
	end := bytes.Index(b, []byte("</script>"))
	if end < 0 {
		return nil, fmt.Errorf("the report in this page is cut off")
	}
	r := new(Report)
	if err := json.Unmarshal(b[:end], r); err != nil {
		return nil, fmt.Errorf("the report in this page does not read: %w", err)
	}
	return r, nil
}
