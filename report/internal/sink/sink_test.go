package sink

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"golang.org/x/net/html"

	"tussle/report/internal/sink/sinktest"
	"tussle/report/svg"
)

// Each sink in the smallest document that has all its places, read back by a
// parser of its own: the text must come out as the text that was meant, in as
// many tokens as the document has without it. Whole reports with sinktest.Hostile texts
// are read in hostile_test.go; this is small enough to be fuzzed.
var sinks = []struct {
	name  string
	check func(t *testing.T, s string)
}{
	{"html", sinkHTML}, {"data", sinkData}, {"markdown cell", sinkCell}, {"markdown text", sinkText}, {"html in markdown", sinkSummary},
	{"terminal", sinkTerminal}, {"junit", sinkJUnit}, {"svg", sinkSVG}, {"csv", sinkCSV}, {"openmetrics", sinkMetric}, {"mermaid", sinkMermaid}, {"link", sinkLink},
}

// longest is beyond every length to which texts are cut, so more would only
// be slower.
const longest = 1000

func FuzzEachSinkIsInert(f *testing.F) {
	for _, s := range sinktest.Hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = s[:min(len(s), longest)]
		for _, sink := range sinks {
			sink.check(t, s)
		}
	})
}

// seen is a text as a reader sees it: what Visible leaves of it.
func seen(s string) string { return Visible(s, CutText) }

func same(t *testing.T, sink, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %.200q came out as %.200q", sink, want, got)
	}
	sinktest.Controls(t, sink, got)
}

// The page's places for texts: an element, an attribute, a title and code.
var sinkPage = template.Must(template.New("sink").Parse(`<title>{{.}}</title><p title="{{.}}">{{.}}</p><pre><code>{{.}}</code></pre>`))

func sinkHTML(t *testing.T, s string) {
	var b bytes.Buffer
	if err := sinkPage.Execute(&b, seen(s)); err != nil {
		t.Fatal(err)
	}
	want := []string{"<title>", "</title>", "<p>", "</p>", "<pre>", "<code>", "</code>", "</pre>"}
	z := html.NewTokenizer(&b)
	text := ""
	flush := func(at int) {
		if at == 1 || at == 3 || at == 6 {
			same(t, "html", text, seen(s))
		} else if text != "" {
			t.Errorf("html: %q between the elements", text)
		}
		text = ""
	}
	for at := 0; ; {
		switch z.Next() {
		case html.ErrorToken:
			if at != len(want) {
				t.Errorf("html: %d of %d elements", at, len(want))
			}
			return
		case html.TextToken:
			text += z.Token().Data
		case html.StartTagToken, html.EndTagToken:
			tok := z.Token()
			flush(at)
			for _, a := range tok.Attr {
				if a.Key != "title" || tok.Data != "p" {
					t.Fatalf("html: attribute %s", a.Key)
				}
				same(t, "html", a.Val, seen(s))
			}
			tok.Attr = nil
			if at == len(want) || tok.String() != want[at] {
				t.Fatalf("html: %s is not of the document, at %d", tok, at)
			}
			at++
		default:
			t.Fatalf("html: %s", z.Token())
		}
	}
}

// The report that a page carries within a script element.
func sinkData(t *testing.T, s string) {
	data, err := json.Marshal(map[string]string{s: s})
	if err != nil {
		t.Fatal(err)
	}
	z := html.NewTokenizer(strings.NewReader(`<script type="application/json">` + string(data) + "</script>"))
	for i, want := range []html.TokenType{html.StartTagToken, html.TextToken, html.EndTagToken, html.ErrorToken} {
		if got := z.Next(); got != want {
			t.Fatalf("data: token %d is %v", i, got)
		}
		if want != html.TextToken {
			continue
		}
		var back map[string]string
		if err := json.Unmarshal(z.Raw(), &back); err != nil || back[strings.ToValidUTF8(s, "\uFFFD")] == "" && s != "" && utf8.ValidString(s) {
			t.Fatalf("data: %v, %q", err, back)
		}
	}
}

// A cell of a table in Markdown, in which the text is code.
func sinkCell(t *testing.T, s string) {
	row := "| " + MarkdownCode(s) + " | " + MarkdownText(s) + " |"
	if n := len(unescapedPipes.FindAllString(row, -1)); n != 3 || strings.ContainsAny(row, "\r\n") {
		t.Fatalf("markdown: %d cells of a row: %.300q", n-1, row)
	}
	sinktest.Controls(t, "markdown", row)
	if rest := sinktest.WithoutCode(MarkdownCode(s)); rest != "" && rest != "–" {
		t.Errorf("markdown: %.200q is outside of code in %.200q", rest, MarkdownCode(s))
	}
}

// A pipe ends a cell unless an odd number of backslashes stands before it.
var unescapedPipes = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\|`)

// A sentence in Markdown that quotes the text.
func sinkText(t *testing.T, s string) {
	text := "tussle says " + MarkdownText(s)
	sinktest.Markdown(t, text)
	back := html.UnescapeString(backslashes.ReplaceAllString(text, "$1"))
	same(t, "markdown", strings.ReplaceAll(back, "\u2060", ""), strings.ReplaceAll("tussle says "+Visible(s, CutText*2), "\u2060", ""))
}

var backslashes = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]|~!])")

// A summary element that GitHub lets through.
func sinkSummary(t *testing.T, s string) {
	z := html.NewTokenizer(strings.NewReader("<summary>" + MarkdownHTML(s) + "</summary>"))
	text := ""
	for depth := 0; ; {
		switch z.Next() {
		case html.StartTagToken, html.EndTagToken:
			if name, _ := z.TagName(); string(name) != "summary" || depth == 2 {
				t.Fatalf("summary: element %s", name)
			}
			depth++
		case html.TextToken:
			text += z.Token().Data
		case html.ErrorToken:
			sinktest.Controls(t, "summary", text)
			if depth != 2 {
				t.Fatalf("summary: %d elements", depth)
			}
			return
		default:
			t.Fatalf("summary: %s", z.Token())
		}
	}
}

// Lines on a terminal, which may be a CI host's log.
func sinkTerminal(t *testing.T, s string) {
	text := Line(s)
	sinktest.Lines(t, "text", text)
	if strings.ContainsAny(text, "\n\r\u2028\u2029") {
		t.Errorf("text: %.200q is more than one line", text)
	}
}

// A case of JUnit's, as the report writes it: the name an attribute, each line
// of the failure safe in a log.
func sinkJUnit(t *testing.T, s string) {
	type testcase struct {
		Name    string `xml:"name,attr"`
		Message string `xml:"failure>message,omitempty"`
		Text    string `xml:",chardata"`
	}
	text, err := xml.Marshal(testcase{Visible(s, CutName), Line(s), Line(s) + "\n" + Line(s)})
	if err != nil {
		t.Fatal(err)
	}
	sinktest.Lines(t, "junit", string(text))
	var back testcase
	if err := xml.Unmarshal(text, &back); err != nil {
		t.Fatalf("junit: %v", err)
	}
	same(t, "junit", back.Name, Visible(s, CutName))
	same(t, "junit", back.Message, Line(s))
	same(t, "junit", back.Text, Line(s)+"\n"+Line(s))
	sinktest.Lines(t, "junit", back.Text)
}

func sinkSVG(t *testing.T, s string) {
	w := "<svg><title>" + svg.Escape(s) + `</title><text x="` + svg.Escape(s) + `">` + svg.Escape(s) + "</text></svg>"
	sinktest.XML(t, w, func(name string, attrs []xml.Attr) bool {
		return name == "svg" || name == "title" || name == "text" && len(attrs) == 1 && attrs[0].Name.Local == "x"
	})
	d := xml.NewDecoder(strings.NewReader(w))
	want, elements := svg.Escape(s), 0
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		switch x := tok.(type) {
		case xml.StartElement:
			elements++
		case xml.CharData:
			same(t, "svg", string(x), html.UnescapeString(want))
		}
	}
	if elements != 3 {
		t.Fatalf("svg: %d elements", elements)
	}
}

func sinkCSV(t *testing.T, s string) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for range 2 {
		if err := w.Write([]string{"a", CSVCell(s), "0", "1.5", CSVCell(s)}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	sinktest.CSV(t, b.String())
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[1]) != 5 {
		t.Fatalf("csv: %v, %d rows", err, len(rows))
	}
	same(t, "csv", strings.TrimPrefix(rows[1][1], "'"), strings.TrimPrefix(seen(s), "'"))
}

func sinkMetric(t *testing.T, s string) {
	p := expfmt.TextParser{}
	families, err := p.TextToMetricFamilies(strings.NewReader("x{a=" + MetricLabel(s) + ",b=" + MetricLabel(s) + "} 1\n"))
	if err != nil {
		t.Fatalf("openmetrics: %v", err)
	}
	x := families["x"]
	if len(families) != 1 || x == nil || len(x.Metric) != 1 || len(x.Metric[0].Label) != 2 {
		t.Fatalf("openmetrics: %d families, %v", len(families), x)
	}
	for _, l := range x.Metric[0].Label {
		same(t, "openmetrics", l.GetValue(), Visible(s, CutName))
	}
}

var plainLabel = regexp.MustCompile(`^[A-Za-z0-9 _.,-]*$`)

func sinkMermaid(t *testing.T, s string) {
	for _, n := range []int{3, 40} {
		if got := MermaidLabel(s, n); !plainLabel.MatchString(got) || utf8.RuneCountInString(got) > n {
			t.Errorf("mermaid: %s", strconv.Quote(got))
		}
	}
}

func sinkLink(t *testing.T, s string) {
	for _, u := range []string{s, "https://" + s} {
		if got := Link(u); got != "" && (got != u || !strings.HasPrefix(got, "http") || strings.ContainsAny(got, " \n\t()<>\"'`[]\\|")) {
			t.Errorf("link: %q", got)
		}
	}
}
