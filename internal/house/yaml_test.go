//go:build unix

package house

import (
	"fmt"
	"strings"
)

// A small subset of YAML, enough for action.yml and the recipes of docs/ci.md:
// nested maps and lists, plain and quoted texts, | blocks, flow maps of plain
// texts. What it does not understand is an error, never a guess.
//
// Values are string, []any and map[string]any.

type yamlLine struct {
	n      int
	indent int
	text   string
}

type yamlParser struct {
	raw   []string
	lines []yamlLine
	i     int
}

func parseYAML(doc string) (v any, err error) {
	p := &yamlParser{raw: strings.Split(doc, "\n")}
	for n, line := range p.raw {
		bare := strings.TrimLeft(line, " ")
		if bare == "" || strings.HasPrefix(bare, "#") {
			continue
		}
		if strings.HasPrefix(bare, "\t") {
			return nil, fmt.Errorf("line %d: a tab", n+1)
		}
		p.lines = append(p.lines, yamlLine{n, len(line) - len(bare), strings.TrimRight(bare, " ")})
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if len(p.lines) == 0 {
		return nil, fmt.Errorf("an empty document")
	}
	v = p.node(p.lines[0].indent)
	if p.i < len(p.lines) {
		p.fail("a line that belongs to nothing")
	}
	return v, nil
}

func (p *yamlParser) fail(format string, args ...any) {
	n := len(p.raw)
	if p.i < len(p.lines) {
		n = p.lines[p.i].n + 1
	}
	panic(fmt.Sprintf("line %d: %s", n, fmt.Sprintf(format, args...)))
}

func (p *yamlParser) more(indent int) bool {
	return p.i < len(p.lines) && p.lines[p.i].indent == indent
}

func (p *yamlParser) node(indent int) any {
	if isItem(p.lines[p.i].text) {
		var list []any
		for p.more(indent) && isItem(p.lines[p.i].text) {
			l := &p.lines[p.i]
			rest := strings.TrimLeft(strings.TrimPrefix(l.text, "-"), " ")
			inner := indent + len(l.text) - len(rest)
			switch _, _, isMap := splitKey(rest); {
			case rest == "":
				p.i++
				list = append(list, p.nested(indent))
			case isMap && !strings.HasPrefix(rest, "{"):
				*l = yamlLine{l.n, inner, rest} // the item is a map that begins on this line
				list = append(list, p.node(inner))
			default:
				list = append(list, p.scalar(rest, indent))
			}
		}
		return list
	}
	m := map[string]any{}
	for p.more(indent) && !isItem(p.lines[p.i].text) {
		key, rest, ok := splitKey(p.lines[p.i].text)
		if !ok {
			p.fail("a key was expected: %q", p.lines[p.i].text)
		}
		if _, twice := m[key]; twice {
			p.fail("%s is given twice", key)
		}
		if rest == "" {
			p.i++
			m[key] = p.nested(indent)
		} else {
			m[key] = p.scalar(rest, indent)
		}
	}
	if p.i < len(p.lines) && p.lines[p.i].indent > indent {
		p.fail("unexpected indentation")
	}
	return m
}

// nested is what stands below a key or a dash: deeper, or a list at the key's
// own depth, or nothing.
func (p *yamlParser) nested(indent int) any {
	if p.i < len(p.lines) {
		l := p.lines[p.i]
		if l.indent > indent || l.indent == indent && isItem(l.text) {
			return p.node(l.indent)
		}
	}
	return ""
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

func splitKey(text string) (key, rest string, ok bool) {
	i := strings.Index(text, ":")
	if i <= 0 || strings.ContainsAny(text[:i], " \"'{[&*!|>%@`") || i+1 < len(text) && text[i+1] != ' ' {
		return "", "", false
	}
	return text[:i], strings.TrimSpace(text[i+1:]), true
}

func (p *yamlParser) scalar(text string, indent int) any {
	switch {
	case text == "|":
		return p.literal(indent)
	case strings.HasPrefix(text, "'") && strings.HasSuffix(text, "'") && len(text) > 1:
		p.i++
		return strings.ReplaceAll(text[1:len(text)-1], "''", "'")
	case strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) && len(text) > 1 && !strings.ContainsAny(text[1:len(text)-1], `"\`):
		p.i++
		return text[1 : len(text)-1]
	case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
		m := map[string]any{}
		for _, pair := range strings.Split(text[1:len(text)-1], ",") {
			key, value, ok := splitKey(strings.TrimSpace(pair))
			if !ok {
				p.fail("a flow map of plain texts was expected: %q", text)
			}
			m[key] = value
		}
		p.i++
		return m
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		var list []any
		for _, item := range strings.Split(text[1:len(text)-1], ",") {
			list = append(list, strings.TrimSpace(item))
		}
		p.i++
		return list
	case strings.ContainsAny(text[:1], `"'[]{}|>&*!%@`+"`"), strings.Contains(text, ": "), strings.Contains(text, " #"):
		p.fail("not a plain text: %q", text)
	}
	p.i++
	return text
}

// literal reads a | block with its own line breaks, comments included.
func (p *yamlParser) literal(indent int) string {
	n := p.lines[p.i].n + 1
	var lines []string
	depth := -1
	for ; n < len(p.raw); n++ {
		line := p.raw[n]
		bare := strings.TrimLeft(line, " ")
		if bare != "" && len(line)-len(bare) <= indent {
			break
		}
		if depth < 0 && bare != "" {
			depth = len(line) - len(bare)
		}
		lines = append(lines, line[min(max(depth, 0), len(line)-len(bare)):])
	}
	for p.i < len(p.lines) && p.lines[p.i].n < n {
		p.i++
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
