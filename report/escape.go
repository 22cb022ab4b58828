package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tussle/report/svg"
)

// Every text of a report may come from the target or from whoever wrote the
// scenario. Each sink has one escaper: HTML has html/template, SVG has
// svg.Escape, XML has encoding/xml; the others are below.

// visible makes control characters and characters that reorder text
// (bidirectional overrides) visible as escapes, and cuts s to n runes. Every
// untrusted string passes through it on its way to any sink.
func visible(s string, n int) string {
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
	cutName = 60
	cutText = 400
	cutCurl = 2000
)

// mdCode puts untrusted text into a code span of Markdown, in which mentions,
// links, issue numbers and HTML are inert. The fence is longer than any run
// of backticks inside; a pipe is escaped, since it ends a table's cell even
// inside a code span.
func mdCode(s string) string {
	s = visible(s, 120)
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
	return fence + pad + strings.ReplaceAll(s, "|", `\|`) + pad + fence
}

// mdText escapes a sentence of ours that may quote untrusted names, for
// Markdown outside code: every character that can start markup, a mention, a
// reference or a link is escaped.
func mdText(s string) string {
	var b strings.Builder
	s = visible(s, cutText*2)
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

// mdLabel reduces a text to characters that mean nothing to Mermaid.
func mdLabel(s string, n int) string {
	var b strings.Builder
	for _, r := range visible(s, n) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', r == '_', r == '.', r == '-', r == ',':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// line makes untrusted text harmless on a terminal and in the log of a CI
// host: no control sequences, and no line that starts like a workflow command
// ("::error", "##[error]", "##vso[").
func line(s string) string {
	s = visible(s, cutText)
	if t := strings.TrimLeft(s, " "); strings.HasPrefix(t, "::") || strings.HasPrefix(t, "##") {
		return "\u2060" + s
	}
	return s
}

// csvCell keeps a spreadsheet from reading a text as a formula.
func csvCell(s string) string {
	s = visible(s, cutText)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// omLabel is a label's value in OpenMetrics text, quotes included.
func omLabel(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(visible(s, cutName)) + `"`
}

// link returns u when it is a plain http or https URL, else "".
func link(u string) string {
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
