package format

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"golang.org/x/net/html"

	"tussle/report/internal/samples"
	"tussle/report/internal/sink/sinktest"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

func TestUnknownFormatNamesTheKnownOnes(t *testing.T) {
	err := Write(nil, samples.Rich(), "pdf", Options{})
	for _, f := range Formats {
		if err == nil || !strings.Contains(err.Error(), f.Name) {
			t.Errorf("%v does not name %s", err, f.Name)
		}
	}
}

func TestSameReportSameBytes(t *testing.T) {
	for _, f := range Formats {
		if first, again := render(t, samples.Swept(), f.Name, Options{}), render(t, samples.Swept(), f.Name, Options{}); first != again {
			t.Errorf("%s differs from one rendering to the next", f.Name)
		}
	}
}

// Every figure of the report is in the flat formats under the same name.
func TestEveryFigureIsInEveryFlatFormat(t *testing.T) {
	r := samples.Swept()
	rows, err := csv.NewReader(strings.NewReader(render(t, r, "csv", Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var p expfmt.TextParser
	metrics, err := p.TextToMetricFamilies(strings.NewReader(render(t, r, "openmetrics", Options{})))
	if err != nil {
		t.Fatal(err)
	}
	junit := render(t, r, "junit", Options{})
	all := page.Items(r)
	if len(all) < 400 {
		t.Errorf("%d figures: the list is not complete", len(all))
	}
	for _, f := range all {
		in := slices.ContainsFunc(rows, func(row []string) bool { return row[0] == f.Name })
		if f.Value != nil {
			v := strconv.FormatFloat(*f.Value, 'g', -1, 64)
			in = slices.ContainsFunc(rows, func(row []string) bool { return row[0] == f.Name && row[3] == v })
			name, scale, _ := omName(f.Name)
			found := false
			if m := metrics[name]; m != nil {
				for _, s := range m.Metric {
					want := *f.Value * scale
					found = found || math.Abs(s.GetGauge().GetValue()-want) <= 0.006*math.Abs(want)
				}
			}
			if !found {
				t.Errorf("openmetrics: %s = %v is missing", name, *f.Value)
			}
		}
		if !in {
			t.Errorf("csv: %s %v is missing", f.Name, f.Labels)
		}
		if !strings.Contains(junit, `name="`+f.Name) {
			t.Errorf("junit: %s is missing", f.Name)
		}
	}
}

// The page and the Markdown show the headline figures as text, not only as
// data.
func TestPageAndMarkdownShowTheFigures(t *testing.T) {
	for _, format := range []string{"html", "markdown"} {
		out := render(t, samples.Rich(), format, Options{})
		for _, want := range []string{"412", "388", "31.0 %", "8.1", "61", "0.002", "no-lost-update", "4,120 writes", "&lt; 1%", "0.0012", "lost-response", "b5-k0", "curl -sS -X PUT", "Little", "812"} {
			if format == "markdown" {
				want = strings.ReplaceAll(want, "&lt;", "<")
				if want == "lost-response" {
					continue // faults are in the page and in the flat formats
				}
			}
			if !strings.Contains(out, want) {
				t.Errorf("%s does not show %q", format, want)
			}
		}
	}
}

func TestStrategyThatLostWritesIsNeverCalledFaster(t *testing.T) {
	r := samples.Rich()
	for i := range r.Comparisons { // even if the comparison should claim it
		if c := &r.Comparisons[i]; c.Head == "last-write-wins" {
			c.Verdict, c.Ratio, c.P = "better", samples.Ptr(1.1), samples.Ptr(0.001)
		}
	}
	if f := say.WhichFaster(r); !strings.HasPrefix(f.Lead, "optimistic committed 1.06 times what pessimistic did") || !strings.Contains(f.Rest, "The speed of last-write-wins (lost 812) does not count") {
		t.Errorf("faster: %q", f)
	}
	o := page.Rows(r)[2]
	if !o.Lost || o.Versus != "!" || o.P != "" {
		t.Errorf("row: %+v", o)
	}
	page := render(t, r, "html", Options{})
	if !strings.Contains(page, `<tr class="lost">`) || !strings.Contains(page, "speed does not count") {
		t.Error("the page does not mark the row")
	}
	if md := render(t, r, "markdown", Options{}); !strings.Contains(md, "~~455 ± 3 %~~ | not compared, fast but lost 812") {
		t.Error("the Markdown does not mark the row")
	}
}

// Words of praise are never said of a target.
func TestReportNeverCallsATargetCorrect(t *testing.T) {
	praise := regexp.MustCompile(`(?i)\b(correct|correctly|safe|safely|passed|passes)\b`)
	for _, f := range samples.Reports() {
		for _, format := range []string{"html", "markdown", "text", "junit"} {
			out := render(t, f.R, format, Options{})
			out = strings.ReplaceAll(out, pageJS, "")
			out = strings.ReplaceAll(out, pageCSS, "")
			if m := praise.FindString(out); m != "" {
				t.Errorf("%s %s says %q", f.Name, format, m)
			}
		}
	}
}

// The verdict comes first, and the whole fits on a screen unless all is wanted.
func TestTextFitsItsScreenAndBeginsWithTheVerdict(t *testing.T) {
	for _, f := range samples.Reports() {
		for _, width := range []int{80, 100} {
			out := render(t, f.R, "text", Options{Width: width})
			for _, l := range strings.Split(out, "\n") {
				if n := utf8.RuneCountInString(l); n > width {
					t.Errorf("%s: %d columns of %d: %q", f.Name, n, width, l)
				}
			}
			if first, _, _ := strings.Cut(out, "\n"); !strings.Contains(first, say.VerdictWord(f.R)) {
				t.Errorf("%s: the verdict is not first:\n%s", f.Name, out)
			}
			if n := strings.Count(out, "\n"); n > textLines {
				t.Errorf("%s: %d lines:\n%s", f.Name, n, out)
			}
			if all := render(t, f.R, "text", Options{Width: width, Verbose: true}); strings.Contains(all, "-v shows") || strings.Count(all, "\n") <= strings.Count(out, "\n") {
				t.Errorf("%s: -v does not show more:\n%s", f.Name, all)
			}
		}
		plain, colour := render(t, f.R, "text", Options{}), render(t, f.R, "text", Options{Color: true})
		if strings.Contains(plain, "\x1b") || !strings.Contains(colour, "\x1b[") || regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colour, "") != plain {
			t.Errorf("%s: colour must add escapes and nothing else", f.Name)
		}
	}
}

func TestMarkdownShortensByWholeSections(t *testing.T) {
	full := render(t, samples.Failed(), "markdown", Options{MaxBytes: 1 << 20, Link: "https://ci.example/r.html"})
	last := 1 << 30
	for _, limit := range []int{len(full), 12000, 6000, 3500, 1500, 600} {
		out := render(t, samples.Failed(), "markdown", Options{MaxBytes: limit, Link: "https://ci.example/r.html"})
		if len(out) > limit {
			t.Errorf("limit %d: %d bytes", limit, len(out))
		}
		if len(out) > last {
			t.Errorf("limit %d: longer than with a larger limit", limit)
		}
		last = len(out)
		if strings.Count(out, "<details>") != strings.Count(out, "</details>") || strings.Count(out, "\n```")%2 != 0 {
			t.Errorf("limit %d: cut inside a section", limit)
		}
		if limit < len(full) && !strings.Contains(out, "Shortened to fit: ") {
			t.Errorf("limit %d: does not say that it is shortened", limit)
		}
		if !strings.Contains(out, "FAIL") {
			t.Errorf("limit %d: lost its verdict:\n%s", limit, out)
		}
	}
}

func TestMarkerChangesOnlyWithAVerdict(t *testing.T) {
	marker := func(r *model.Report, id string) string {
		first, _, _ := strings.Cut(render(t, r, "markdown", Options{Marker: id}), "\n")
		return first
	}
	r := samples.Rich()
	base := marker(r, "checkout")
	if !regexp.MustCompile(`^<!-- tussle:report:v1 id=checkout digest=[0-9a-f]{12} -->$`).MatchString(base) {
		t.Fatalf("marker %q", base)
	}
	*r.Strategies[0].Goodput = 1
	r.Comparisons = nil
	if got := marker(r, "checkout"); got != base {
		t.Errorf("other figures changed the digest: %s", got)
	}
	if got := marker(samples.Failed(), "checkout"); got == base {
		t.Error("another verdict left the digest as it was")
	}
	if got := marker(r, "a --> b -- <x>"); strings.Count(got, "--") != 2 {
		t.Errorf("an id closed the comment: %s", got)
	}
}

// marked is a GFM renderer in JavaScript; GitHub's own is not available here.
func TestMarkdownRendersAsGitHubWould(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("Markdown is rendered by the npm package marked, and node was not found; run: apt-get install -y nodejs npm")
	}
	dir := npmPackage(t, "marked", "15.0.12")
	texts := []string{render(t, samples.Swept(), "markdown", Options{Link: "https://ci.example/r.html"})}
	for _, s := range sinktest.Hostile {
		texts = append(texts, render(t, poisoned(s), "markdown", Options{Link: s}))
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", `import(process.argv[1]).then(m => process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(s => m.marked.parse(s)))))`,
		filepath.Join(dir, "lib", "marked.esm.js"))
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("marked: %v", err)
	}
	var pages []string
	if err := json.Unmarshal(out, &pages); err != nil || len(pages) != len(texts) {
		t.Fatalf("marked gave %d pages: %v", len(pages), err)
	}
	count := func(page string) map[string]int {
		n := map[string]int{}
		z := html.NewTokenizer(strings.NewReader(page))
		for z.Next() != html.ErrorToken {
			if tok := z.Token(); tok.Type == html.StartTagToken || tok.Type == html.SelfClosingTagToken {
				n[tok.Data]++
			}
		}
		return n
	}
	good := count(pages[0])
	if good["table"] < 10 || good["details"] < 8 || good["a"] != 1 || good["del"] != 1 || good["h3"] != 1 || good["pre"] != 2 {
		t.Errorf("elements: %v", good)
	}
	for i, s := range sinktest.Hostile {
		n := count(pages[i+1])
		for _, tag := range []string{"a", "img", "script", "svg", "style", "em", "h1", "h2", "input", "iframe", "blockquote"} {
			if n[tag] > 0 {
				t.Errorf("%.40q became %d <%s>", s, n[tag], tag)
			}
		}
	}
}

// The rules of the common schema for JUnit's XML, as far as they concern what
// is written here: order, required attributes, one outcome a case, and counts.
func TestJUnitFollowsTheCommonSchema(t *testing.T) {
	for _, f := range samples.Reports() {
		out := render(t, f.R, "junit", Options{})
		var got struct {
			XMLName xml.Name   `xml:"testsuites"`
			Attrs   []xml.Attr `xml:",any,attr"`
			Suites  []struct {
				Attrs    []xml.Attr `xml:",any,attr"`
				Children []struct {
					XMLName  xml.Name
					Attrs    []xml.Attr `xml:",any,attr"`
					Children []struct {
						XMLName xml.Name
						Attrs   []xml.Attr `xml:",any,attr"`
						Text    string     `xml:",chardata"`
					} `xml:",any"`
				} `xml:",any"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if len(got.Attrs) > 0 || len(got.Suites) != 1+len(f.R.Strategies) {
			t.Errorf("%s: %d suites, attributes of the root %v", f.Name, len(got.Suites), got.Attrs)
		}
		for i, s := range got.Suites {
			a := map[string]string{}
			for _, x := range s.Attrs {
				a[x.Name.Local] = x.Value
			}
			tests, failures, skipped, order := 0, 0, 0, []string{}
			for _, c := range s.Children {
				order = append(order, c.XMLName.Local)
				if c.XMLName.Local != "testcase" {
					continue
				}
				tests++
				if len(c.Children) > 1 {
					t.Errorf("%s: a case with %d outcomes", f.Name, len(c.Children))
				}
				for _, o := range c.Children {
					switch o.XMLName.Local {
					case "failure":
						failures++
						if len(o.Attrs) != 2 || o.Text == "" {
							t.Errorf("%s: a failure needs message, type and text", f.Name)
						}
					case "skipped":
						skipped++
					default:
						t.Errorf("%s: outcome %s", f.Name, o.XMLName.Local)
					}
				}
				for _, name := range []string{"name", "classname", "time"} {
					if !slices.ContainsFunc(c.Attrs, func(x xml.Attr) bool { return x.Name.Local == name && x.Value != "" }) {
						t.Errorf("%s: a case without %s", f.Name, name)
					}
				}
			}
			want := map[string]string{"id": fmt.Sprint(i), "package": "tussle", "tests": fmt.Sprint(tests), "failures": fmt.Sprint(failures), "skipped": fmt.Sprint(skipped), "errors": "0", "hostname": "localhost"}
			for k, v := range want {
				if a[k] != v {
					t.Errorf("%s suite %d: %s is %q, want %q", f.Name, i, k, a[k], v)
				}
			}
			if order = slices.Compact(order); !slices.Equal(order, []string{"properties", "testcase", "system-out", "system-err"}) {
				t.Errorf("%s suite %d: order %v", f.Name, i, order)
			}
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`).MatchString(a["timestamp"]) {
				t.Errorf("%s: timestamp %q", f.Name, a["timestamp"])
			}
		}
		failed := strings.Count(out, "<failure")
		if (failed > 0) != (f.R.Verdict == "fail") {
			t.Errorf("%s: verdict %s, %d failures", f.Name, f.R.Verdict, failed)
		}
	}
}

func TestOpenMetricsKeepsItsRules(t *testing.T) {
	out := render(t, samples.Swept(), "openmetrics", Options{})
	if !strings.HasSuffix(out, "\n# EOF\n") || strings.Count(out, "# EOF") != 1 {
		t.Error("the text must end with # EOF")
	}
	seen := map[string]bool{}
	for _, l := range strings.Split(out, "\n") {
		if name, ok := strings.CutPrefix(l, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			if seen[name] || !regexp.MustCompile(`^tussle_[a-z0-9_]+$`).MatchString(name) || strings.HasSuffix(name, "_ms") || strings.HasSuffix(name, "_total") {
				t.Errorf("family %q comes twice or is misnamed", name)
			}
			seen[name] = true
		}
	}
	for in, want := range map[float64]string{0.123456: "0.123", 412.37: "412", 1234: "1234", 0: "0", 61.26: "61.3", 1e-9: "0.000000001"} {
		if got := rounded(in); got != want {
			t.Errorf("rounded(%v) = %s, want %s", in, got, want)
		}
	}
}

func TestSVGNamesItsCharts(t *testing.T) {
	for _, name := range []string{"", "goodput", "percentiles", "requests", "attempts", "fairness", "time", "finding"} {
		out := render(t, samples.Rich(), "svg", Options{Chart: name})
		inertSVG(t, strings.ReplaceAll(out, "chart-h", "x-h"))
		if !strings.Contains(out, "<title") || !strings.Contains(out, "<desc") {
			t.Errorf("%q has no text alternative", name)
		}
	}
	if err := Write(nil, samples.Rich(), "svg", Options{Chart: "pie"}); err == nil || !strings.Contains(err.Error(), "goodput, percentiles") {
		t.Errorf("an unknown chart: %v", err)
	}
	if err := Write(nil, samples.Empty(), "svg", Options{}); err == nil {
		t.Error("a report without figures has no chart")
	}
}
