// Package svg draws the charts of a report as SVG text.
//
// Pages of continuous-integration hosts forbid scripts, and some of them
// inline styles as well. So every colour is a presentation attribute
// (fill="#0072b2"), never a style attribute; classes exist only so that a
// page's style sheet can override the colours (dark mode, forced colours). A
// chart has a title (the question that it answers) and a description (the
// answer), and draws no text that a table beside it does not carry.
//
// The output depends on nothing but the input: no clock, no random ids, no
// map order.
package svg

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writer is the only place that yields markup. Attributes come in pairs of
// name and value (string, int or float64).
type writer struct {
	b    []byte
	open []string
}

func (w *writer) start(name string, attrs []any) {
	w.b = append(append(w.b, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.b = append(append(append(w.b, ' '), attrs[i].(string)...), '=', '"')
		switch v := attrs[i+1].(type) {
		case string:
			w.b = append(w.b, Escape(v)...)
		case int:
			w.b = strconv.AppendInt(w.b, int64(v), 10)
		case float64:
			w.b = append(w.b, px(v)...)
		}
		w.b = append(w.b, '"')
	}
}

// begin opens an element; end closes the newest one.
func (w *writer) begin(name string, attrs ...any) {
	w.start(name, attrs)
	w.b = append(w.b, '>')
	w.open = append(w.open, name)
}

func (w *writer) end() {
	n := len(w.open) - 1
	w.b = append(append(append(w.b, '<', '/'), w.open[n]...), '>')
	w.open = w.open[:n]
}

// leaf writes an element without content.
func (w *writer) leaf(name string, attrs ...any) {
	w.start(name, attrs)
	w.b = append(w.b, '/', '>')
}

// text writes an element that holds only text.
func (w *writer) text(name, content string, attrs ...any) {
	w.start(name, attrs)
	w.b = append(append(w.b, '>'), Escape(content)...)
	w.b = append(append(append(w.b, '<', '/'), name...), '>')
}

// Escape makes s inert as SVG text and as an attribute's value: markup
// characters become entities; characters that XML forbids, and the ones that
// reorder text (bidi controls), become U+FFFD.
func Escape(s string) string {
	plain := true
	for _, r := range s {
		if r < 0x20 || r == '&' || r == '<' || r == '>' || r == '"' || r == '\'' || r >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r == utf8.RuneError:
			_, size := utf8.DecodeRuneInString(s[i:])
			_ = size // an invalid byte and a real U+FFFD look the same
			b.WriteRune('\uFFFD')
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0 || Reorders(r) || r == 0xFFFE || r == 0xFFFF:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Reorders reports whether r is a control that changes the order or the
// visibility of the text around it.
func Reorders(r rune) bool {
	switch {
	case r == 0x061C, r == 0x200E, r == 0x200F, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200D:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return true
	case r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return false
}

// px formats a coordinate with at most one decimal.
func px(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// cut shortens s to n runes, an ellipsis included.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// textWidth estimates the width of s in px at a font size, for a proportional
// sans-serif font.
func textWidth(s string, size float64) float64 {
	return float64(utf8.RuneCountInString(s)) * size * 0.56
}
