// Package sink makes texts harmless for the places where reports show them.
//
// Every text of a report may come from the target or from whoever wrote the
// scenario. Each kind of place, a sink, has one escaper: HTML has
// html/template, SVG has [svg.Escape], XML has encoding/xml; the others are
// here. All of them pass through [Visible] first.
package sink

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tussle/report/svg"
)

// Visible makes control characters and characters that reorder text
// (bidirectional overrides) Visible as escapes, and cuts s to n runes. Every
// untrusted string passes through it on its way to any sink.
func Visible(s string, n int) string {
	var b strings.Builder
	count := 0
	for i, r := range s {
		if count == n {
			b.WriteString("…")
			break
		}
		count++
		switch {
		case r == utf8.RuneError && s[i] != 0xEF: // a byte that is not UTF-8
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case svg.Reorders(r) || r >= 0xFFFE && r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Lengths, in runes, to which untrusted texts are cut.
const (
	CutName = 60
	CutText = 400
)

// MarkdownCode puts untrusted text into a code span of Markdown, in which mentions,
// links, issue numbers and HTML are inert. The fence is longer than any run
// of backticks inside; a pipe is escaped, since it ends a table's cell even
// inside a code span.
func MarkdownCode(s string) string {
	s = Visible(s, 120)
	if s == "" {
		return "–"
	}
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	pad := ""
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		pad = " "
	}
	return fence + pad + pipes.Replace(s) + pad + fence
}

// pipes escapes pipes. Readers of Markdown do not agree on what a pipe behind
// two backslashes is, so a word joiner stands between.
var pipes = strings.NewReplacer(`\|`, "\\\u2060\\|", "|", `\|`)

// MarkdownText escapes a sentence of ours that may quote untrusted names, for
// Markdown outside code: every character that can start markup, a mention, a
// reference or a link is escaped.
func MarkdownText(s string) string {
	var b strings.Builder
	s = Visible(s, CutText*2)
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@':
			b.WriteString("@\u2060") // a word joiner: no mention
		case r == '#':
			b.WriteString("#\u2060") // no reference to an issue
		case r == ':' && i+1 < len(s) && s[i+1] != ' ':
			b.WriteString("&#58;") // no scheme, no emoji, no workflow command
		case strings.ContainsRune("\\`*_{}[]|~!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www\u2060.")
}

// MermaidLabel reduces a text to at most n characters that mean nothing to Mermaid.
func MermaidLabel(s string, n int) string {
	var b strings.Builder
	for _, r := range Visible(s, n-1) {
		switch {
		case b.Len() == n:
			return b.String()
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', r == '_', r == '.', r == '-', r == ',':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// Line makes untrusted text harmless on a terminal and in the log of a CI
// host: no control sequences, and no line that starts like a workflow command
// ("::error", "##[error]", "##vso[").
func Line(s string) string { return LineTo(s, CutText) }

// LineTo is [Line] with another length, in runes.
func LineTo(s string, n int) string {
	s = Visible(s, n)
	if t := strings.TrimLeft(s, " "); strings.HasPrefix(t, "::") || strings.HasPrefix(t, "##") {
		return "\u2060" + s
	}
	return s
}

// CSVCell keeps a spreadsheet from reading a text as a formula.
func CSVCell(s string) string {
	s = Visible(s, CutText)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// MetricLabel is a label's value in OpenMetrics text, quotes included.
func MetricLabel(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(Visible(s, CutName)) + `"`
}

// Link returns u when it is a plain http or https URL, else "".
func Link(u string) string {
	if !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") || len(u) > 500 {
		return ""
	}
	for _, r := range u {
		if r <= 0x20 || r >= 0x7f || strings.ContainsRune("<>\"'`()[]\\{}|^", r) {
			return ""
		}
	}
	return u
}

// MarkdownHTML escapes untrusted text for the few places where Markdown takes
// HTML only (a summary element).
func MarkdownHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "`", "&#96;", "@", "&#64;", "#", "&#35;", "*", "&#42;", "_", "&#95;",
		"[", "&#91;", "]", "&#93;", "\\", "&#92;", "~", "&#126;", ":", "&#58;", "|", "&#124;", "!", "&#33;", "$", "&#36;", "www.", "www&#46;").Replace(Visible(s, 2*CutName))
}
