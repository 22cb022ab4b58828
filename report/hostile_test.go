package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"golang.org/x/net/html"

	"tussle/report/check"
)

// hostile are texts that a target, or whoever wrote the scenario, may put
// wherever a report shows a text.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`</script></style></textarea></title><svg onload=alert(1)>`,
	`<!-- --> ]]> <![CDATA[ <?php ?>`,
	`javascript:alert(1) https://evil.example www.evil.example`,
	"`code` ``two`` **bold** _it_ ~~del~~ [x](javascript:alert(1)) ![y](https://evil.example/p.png) @admin #1 :tada:",
	"| a | b |\n|---|---|\n- item\n# heading\n> quote\n```\nfence",
	"\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
	"safe\u202egnp.exe\u2066x\u2069 zero\u200bwidth",
	"::error file=a.go,line=1::boom",
	"x\n::set-output name=verdict::pass\n::error::y\r::warning::z\u2028::notice::v\u0085::debug::w",
	"x\n::add-mask::y\r\n##[error]z\n##vso[task.complete result=Failed;]",
	`=cmd|' /C calc'!A0`, `+1+1`, `-2+3`, `@SUM(A1)`,
	"nul\x00 bad utf8 \xff\xfe high \x9b31m",
	`{{.R}} ${jndi:ldap://evil} $(id) %n`,
	`a" style="fill:red" onclick="x`, `' OR 1=1; --`, `a\b"c` + "\n" + `d`,
	strings.Repeat("long ", 4000),
	strings.Repeat("`", 300),
}

// poisoned is a report in which every text is s; the verdicts that decide what
// is shown are kept.
func poisoned(s string) *Report {
	r := swept()
	one := small()
	r.Reasons, r.Warnings, r.Interrupted, r.Cut = []string{"x"}, []string{"y"}, true, "z"
	r.Strategies[1].Properties = append(r.Strategies[1].Properties, one.Strategies[0].Properties...)
	r.Provenance.Overrides = []string{"o"}
	poison(reflect.ValueOf(r).Elem(), s)
	for i := range r.Strategies { // violated again, so that findings are shown
		r.Strategies[i].Properties[0].Verdict = check.Violated
		r.Strategies[i].Properties[0].Findings = []check.Finding{lostUpdate()}
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

func TestHostileTextsAreInertInEveryFormat(t *testing.T) {
	for _, s := range hostile {
		inert(t, poisoned(s))
	}
}

func FuzzTextsAreInertInEveryFormat(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { inert(t, poisoned(s)) })
}

func inert(t *testing.T, r *Report) {
	t.Helper()
	page := render(t, r, "html", Options{})
	inertHTML(t, page)
	if _, err := FromHTML([]byte(page)); err != nil {
		t.Errorf("the page's data: %v", err)
	}
	inertMarkdown(t, render(t, r, "markdown", Options{Marker: r.Scenario.Name, Link: r.Scenario.Name}))
	for _, format := range []string{"text", "junit", "csv", "json", "svg"} {
		inertLines(t, format, render(t, r, format, Options{}))
	}
	inertLines(t, "openmetrics", strings.ReplaceAll(render(t, r, "openmetrics", Options{}), "# ", ""))
	inertXML(t, render(t, r, "junit", Options{}), func(string, []xml.Attr) bool { return true })
	for _, p := range append(pictures(r), findingPicture(&r.Strategies[0].Properties[0].Findings[0])) {
		inertSVG(t, p.Draw("x", true))
	}
	inertCSV(t, render(t, r, "csv", Options{}))
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

func inertHTML(t *testing.T, page string) {
	t.Helper()
	if len(page) > htmlBytes {
		t.Errorf("html: %d bytes", len(page))
	}
	scripts, shown := 0, true
	z := html.NewTokenizer(strings.NewReader(page))
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
				controls(t, "html", tok.Data)
			}
		}
	}
}

// controls fails where a control or a bidi character came through.
func controls(t *testing.T, format, s string) {
	t.Helper()
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			t.Errorf("%s: character %U in %.80q", format, r, s)
		}
	}
}

func inertXML(t *testing.T, text string, allowed func(string, []xml.Attr) bool) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("xml: %v", err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			if !allowed(x.Name.Local, x.Attr) {
				t.Fatalf("xml: element %s %v", x.Name.Local, x.Attr)
			}
		case xml.CharData:
			controls(t, "xml", string(x))
		}
	}
}

func inertSVG(t *testing.T, text string) {
	t.Helper()
	inertXML(t, text, func(name string, attrs []xml.Attr) bool {
		for _, a := range attrs {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href" || strings.Contains(a.Value, "url(") && !strings.HasPrefix(a.Value, "url(#x-h") {
				return false
			}
		}
		return slices.Contains(elements, name) && name != "script" && name != "style" && name != "a"
	})
}

func inertLines(t *testing.T, format, text string) {
	t.Helper()
	controls(t, format, text)
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimLeft(l, " \t")
		if strings.HasPrefix(l, "::") || strings.HasPrefix(l, "##") {
			t.Fatalf("%s: a line begins like a workflow command: %.80q", format, l)
		}
	}
}

func inertCSV(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("csv: %v", err)
	}
	for _, r := range rows {
		for i, c := range r {
			controls(t, "csv", c)
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				if _, err := strconv.ParseFloat(c, 64); i != 3 || err != nil {
					t.Fatalf("csv: a cell begins like a formula: %.80q", c)
				}
			}
		}
	}
}

var (
	ourTags   = regexp.MustCompile(`</?(details|summary)>`)
	ourMarker = regexp.MustCompile(`(?m)^<!-- tussle:report:v1 id=[A-Za-z0-9_.-]* digest=[0-9a-f]{12} -->$`)
	fenced    = regexp.MustCompile("(?ms)^```(text|mermaid)\n.*?^```$")
	bare      = regexp.MustCompile(`<|https?:/|www\.[a-z]|@[A-Za-z0-9]|(^|[^&])#[0-9]|\]\(|:[a-z]+:`)
)

// inertMarkdown takes away what is ours and what is code; nothing that means
// something to GitHub may remain.
func inertMarkdown(t *testing.T, text string) {
	t.Helper()
	if len(text) > markdownBytes {
		t.Errorf("markdown: %d bytes", len(text))
	}
	inertLines(t, "markdown", strings.ReplaceAll(text, "### ", ""))
	rest := fenced.ReplaceAllString(ourMarker.ReplaceAllString(text, ""), "")
	for _, l := range strings.Split(ourTags.ReplaceAllString(rest, ""), "\n") {
		if strings.HasPrefix(l, "```") {
			t.Fatalf("markdown: a fence of its own: %.80q", l)
		}
		l = withoutCode(l)
		if at := bare.FindString(strings.ReplaceAll(l, `\`, "")); at != "" && !strings.Contains(l, `\]`) {
			t.Errorf("markdown: %q outside of code in %.200q", at, l)
		}
	}
}

// withoutCode removes the code spans of one line by CommonMark's rule: a run
// of backticks ends at the next run of the same length; an escaped backtick
// begins none.
func withoutCode(l string) string {
	var out bytes.Buffer
	for i := 0; i < len(l); {
		if l[i] == '\\' && i+1 < len(l) {
			out.WriteString(l[i : i+2])
			i += 2
			continue
		}
		if l[i] != '`' {
			out.WriteByte(l[i])
			i++
			continue
		}
		n := 0
		for i+n < len(l) && l[i+n] == '`' {
			n++
		}
		end := -1
		for j := i + n; j < len(l); {
			m := 0
			for j+m < len(l) && l[j+m] == '`' {
				m++
			}
			if m == n {
				end = j + m
				break
			}
			j += max(m, 1)
		}
		if end < 0 {
			out.WriteString(l[i : i+n])
			i += n
			continue
		}
		i = end
	}
	return out.String()
}
