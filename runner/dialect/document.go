package dialect

import (
	"bytes"
	"encoding/xml"
	"strings"

	"tussle/history/wire"
)

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
			if len(stack) >= wire.MaxDepth {
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
