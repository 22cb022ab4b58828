package format

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"tussle/report/model"
	"tussle/report/page"
)

//go:embed assets/report.html.tmpl
var pageText string

//go:embed assets/report.css
var pageCSS string

//go:embed assets/report.js
var pageJS string

var pageTmpl = template.Must(template.New("report").Funcs(template.FuncMap{"words": page.Words, "name": name}).Parse(pageText))

// name reports whether a cell holds one word, such as a property's name, or a
// few letters, which no line may break.
func name(cell string) bool {
	return len(cell) <= 12 || !strings.Contains(cell, " ") && len(cell) <= 30
}

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
func writeHTML(w io.Writer, r *model.Report, o Options) error {
	limit := o.MaxBytes
	if limit == 0 {
		limit = htmlBytes
	}
	var b bytes.Buffer
	for step := 0; ; step++ {
		lean, note, err := thin(r, step)
		if err != nil {
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

// dataOpen begins the block of a page that holds its report.
const dataOpen = `<script type="application/json" id="tussle-report">`

// FromHTML returns the report that a page written by [Write] carries. It
// fails when b is not such a page.
func FromHTML(b []byte) (*model.Report, error) {
	at := bytes.LastIndex(b, []byte(dataOpen))
	if at < 0 {
		return nil, fmt.Errorf("no report in this page: expected an HTML report that tussle wrote")
	}
	b = b[at+len(dataOpen):]
	end := bytes.Index(b, []byte("</script>"))
	if end < 0 {
		return nil, fmt.Errorf("the report in this page is cut off")
	}
	r, err := model.ReadJSON(bytes.NewReader(b[:end]))
	if err != nil {
		return nil, fmt.Errorf("the data in this page: %w", err)
	}
	return r, nil
}
