package dialect

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/tidwall/gjson"
)

// deepest is the deepest nesting of JSON that is looked at. The parsers
// recurse, and Go ends a program whose stack overflows.
const deepest = 5000

// validJSON reports whether b is one JSON text that is not nested too deep.
func validJSON(b []byte) bool {
	return len(b) > 0 && (len(b) <= deepest || shallow(b)) && gjson.ValidBytes(b)
}

// shallow reports whether b opens at most deepest brackets at a time.
func shallow(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > deepest {
				return false
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return true
}

// elements calls found with the text of each XML element whose path of local
// names ends in path ("token" or "locktoken/href"), until it returns false.
// Namespaces are not looked at. It reports whether the XML was well-formed as
// far as it was read.
func elements(b []byte, path string, found func(text string) bool) bool {
	want := strings.Split(path, "/")
	for i, w := range want {
		if j := strings.LastIndexByte(w, ':'); j >= 0 {
			want[i] = w[j+1:] // a prefix says nothing outside its document
		}
	}
	type open struct {
		name string
		text *strings.Builder // nil unless wanted
	}
	var stack []open
	ends := func() bool {
		if len(stack) < len(want) {
			return false
		}
		for i, w := range want {
			if stack[len(stack)-len(want)+i].name != w {
				return false
			}
		}
		return true
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	seen, inside := false, false // inside a wanted element: no other is begun there
	for {
		tok, err := dec.RawToken()
		if err != nil {
			return seen && len(stack) == 0
		}
		switch t := tok.(type) {
		case xml.StartElement:
			seen = true
			if len(stack) >= deepest {
				return false
			}
			stack = append(stack, open{name: t.Name.Local})
			if !inside && ends() {
				stack[len(stack)-1].text = new(strings.Builder)
				inside = true
			}
		case xml.EndElement:
			if len(stack) == 0 || stack[len(stack)-1].name != t.Name.Local {
				return false
			}
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if top.text == nil {
				continue
			}
			inside = false
			if !found(strings.TrimSpace(top.text.String())) {
				return true
			}
		case xml.CharData:
			for i := len(stack) - 1; inside && i >= 0; i-- {
				if stack[i].text != nil {
					stack[i].text.Write(t)
					break
				}
			}
		}
	}
}
