package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tussle/history/wire"
)

// Problem is one mistake of a scenario: where it is, what is wrong, what was
// expected and what to do about it.
type Problem struct {
	File      string // path, gallery name, "--set load.clients=x", "TUSSLE_LOAD_CLIENTS=x"
	Line, Col int    // from 1, in characters; 0 when the place is no file
	Len       int    // characters that are meant, on that line
	Source    string // the line as written
	Message   string // what is wrong
	Expected  string // what was expected; may be ""
	Hint      string // what to do; may be ""

	outside bool // what is wrong is not in the file: what stands there can be looked at further
}

// Error returns the place and the message on one line.
func (p Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
}

// Text returns the problem with its source line, a caret under the place, what
// was expected and a hint. It ends with a newline.
func (p Problem) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, p.Error())
	if p.Line > 0 {
		number := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "%s | %s\n", number, printable(p.Source))
		fmt.Fprintf(&b, "%s | %s%s\n", strings.Repeat(" ", len(number)), indent(p.Source, p.Col-1), strings.Repeat("^", max(p.Len, 1)))
	}
	if p.Expected != "" {
		fmt.Fprintf(&b, "      expected: %s\n", p.Expected)
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "      hint: %s\n", p.Hint)
	}
	return b.String()
}

// indent returns blanks as wide as the first n characters of line; tabs stay
// tabs, so that the caret stands right at any tab width.
func indent(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// printable replaces what could drive a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, s)
}

// Problems is every mistake of a scenario, in the order of the file.
type Problems []Problem

// Error returns all problems in full.
func (p *Problems) Error() string {
	var b strings.Builder
	for i, one := range *p {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Text())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// sorted returns the problems by place, without doubles: the file first, then
// overrides in the order in which they were met.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.CompactFunc(p, func(a, b Problem) bool { return a == b })
}

// mistake is a problem without its place: what a parser of one value returns.
type mistake struct {
	message, expected, hint string
	offset, length          int // within the value's text; length 0 is all of it
}

func (m *mistake) Error() string { return m.message }

// asMistake turns any error of a value's parser into a mistake.
func asMistake(err error) *mistake {
	var m *mistake
	if errors.As(err, &m) {
		return m
	}
	var t *wire.TemplateError
	if errors.As(err, &t) {
		m := &mistake{message: t.Message, hint: t.Hint, offset: t.Offset, length: t.Len}
		if near := didYouMean(t.Word, t.Known); t.Word != "" && near != "" {
			m.hint = near
		}
		return m
	}
	return &mistake{message: err.Error()}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}

// oneLine keeps texts out of a file from driving a terminal or a log.
func oneLine(s string) string { return strings.ReplaceAll(printable(s), "\t", " ") }

// reason is the last part of a file error, without path and call.
func reason(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
