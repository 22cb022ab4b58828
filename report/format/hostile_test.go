package format

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"golang.org/x/net/html"

	"tussle/report/check"
	"tussle/report/internal/samples"
	"tussle/report/internal/sink/sinktest"
	"tussle/report/model"
	"tussle/report/page"
)

// poisoned is a report in which every text is s; the verdicts that decide what
// is shown are kept.
func poisoned(s string) *model.Report {
	r := samples.Swept()
	one := samples.Small()
	r.Reasons, r.Warnings, r.Interrupted, r.Cut = []string{"x"}, []string{"y"}, true, "z"
	r.Strategies[1].Properties = append(r.Strategies[1].Properties, one.Strategies[0].Properties...)
	r.Provenance.Overrides = []string{"o"}
	poison(reflect.ValueOf(r).Elem(), s)
	for i := range r.Strategies { // violated again, so that findings are shown
		r.Strategies[i].Properties[0].Verdict = check.Violated
		r.Strategies[i].Properties[0].Findings = []check.Finding{samples.LostUpdate()}
		poison(reflect.ValueOf(&r.Strategies[i].Properties[0].Findings).Elem(), s)
	}
	return r
}

func poison(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[check.Verdict]() {
			v.SetString(s)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), s)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && v.Len() > 0 {
			old := v.MapIndex(v.MapKeys()[0])
			fresh := reflect.MakeMap(v.Type())
			fresh.SetMapIndex(reflect.ValueOf(s).Convert(v.Type().Key()), old)
			v.Set(fresh)
		}
	}
}

// Whole reports; each sink by itself is fuzzed in sinks_test.go.
func TestHostileTextsAreInertInEveryFormat(t *testing.T) {
	for _, s := range sinktest.Hostile {
		inert(t, poisoned(s))
	}
}

func inert(t *testing.T, r *model.Report) {
	t.Helper()
	text := render(t, r, "html", Options{})
	inertHTML(t, text)
	if _, err := FromHTML([]byte(text)); err != nil {
		t.Errorf("the page's data: %v", err)
	}
	sinktest.Markdown(t, render(t, r, "markdown", Options{Marker: r.Scenario.Name, Link: r.Scenario.Name}))
	for _, format := range []string{"text", "junit", "csv", "json", "svg"} {
		sinktest.Lines(t, format, render(t, r, format, Options{}))
	}
	sinktest.Lines(t, "openmetrics", strings.ReplaceAll(render(t, r, "openmetrics", Options{}), "# ", ""))
	sinktest.XML(t, render(t, r, "junit", Options{}), func(string, []xml.Attr) bool { return true })
	for _, p := range append(page.Pictures(r), page.FindingPicture(&r.Strategies[0].Properties[0].Findings[0])) {
		inertSVG(t, p.Draw("x", true))
	}
	sinktest.CSV(t, render(t, r, "csv", Options{}))
	p := expfmt.TextParser{}
	if _, err := p.TextToMetricFamilies(strings.NewReader(render(t, r, "openmetrics", Options{}))); err != nil {
		t.Errorf("openmetrics: %v", err)
	}
	var any map[string]any
	if err := json.Unmarshal([]byte(render(t, r, "json", Options{})), &any); err != nil {
		t.Errorf("json: %v", err)
	}
}

// elements are all that the page is made of.
var elements = strings.Fields("html head meta title style body a header h1 span main section b p ul li dl div dt dd table caption thead tr th tbody td small h2 h3 details summary figure figcaption pre code footer script " +
	"svg desc g rect text line path circle defs pattern")

func inertHTML(t *testing.T, text string) {
	t.Helper()
	if len(text) > htmlBytes {
		t.Errorf("html: %d bytes", len(text))
	}
	scripts, shown := 0, true
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if scripts != 2 {
				t.Errorf("html: %d script elements", scripts)
			}
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			if !slices.Contains(elements, tok.Data) {
				t.Fatalf("html: element %s", tok)
			}
			if shown = tok.Data != "script"; !shown { // data and code are not text of the page
				scripts++
			}
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && a.Val != "#main" {
					t.Errorf("html: attribute %s in %s", a.Key, tok)
				}
			}
		case html.TextToken:
			if tok := z.Token(); shown {
				sinktest.Controls(t, "html", tok.Data)
			}
		}
	}
}

func inertSVG(t *testing.T, text string) {
	t.Helper()
	sinktest.XML(t, text, func(name string, attrs []xml.Attr) bool {
		for _, a := range attrs {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href" || strings.Contains(a.Value, "url(") && !strings.HasPrefix(a.Value, "url(#x-h") {
				return false
			}
		}
		return slices.Contains(elements, name) && name != "script" && name != "style" && name != "a"
	})
}
