package intake

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schemas may contain themselves, and documents be made to explode: an example
// goes so deep, and a body so far.
const (
	exampleDepth = 8
	exampleWidth = 200
)

// exampleBody is a value of the schema as text.
func exampleBody(kind string, m *openapi3.MediaType, request bool) string {
	v := m.Example
	if v == nil {
		for _, name := range slices.Sorted(maps.Keys(m.Examples)) {
			if e := m.Examples[name]; v == nil && e != nil && e.Value != nil {
				v = e.Value.Value
			}
		}
	}
	if v == nil && m.Schema != nil {
		side := "answer"
		if request {
			side = "request"
		}
		v = example(m.Schema, side)
	}
	if v == nil {
		return ""
	}
	if fields, ok := v.(map[string]any); ok && kind == "application/x-www-form-urlencoded" {
		form := url.Values{}
		for k, f := range fields {
			text, _ := json.Marshal(f)
			form.Set(k, strings.Trim(string(text), `"`))
		}
		return form.Encode()
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// example makes a value that fits a schema. Fields that only one side writes
// are left out on the other, and so is what contains itself.
func example(ref *openapi3.SchemaRef, side string, within ...*openapi3.Schema) any {
	if ref == nil || ref.Value == nil || len(within) > exampleDepth || slices.Contains(within, ref.Value) {
		return nil
	}
	s := ref.Value
	within = append(slices.Clone(within), s)
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Const != nil:
		return s.Const
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AllOf) > 0:
		all := object(s, side, within)
		for _, part := range s.AllOf {
			if fields, ok := example(part, side, within...).(map[string]any); ok {
				maps.Copy(all, fields)
			}
		}
		return all
	case len(s.OneOf) > 0:
		return example(s.OneOf[0], side, within...)
	case len(s.AnyOf) > 0:
		return example(s.AnyOf[0], side, within...)
	case s.Type.Is("object"), len(s.Properties) > 0:
		return object(s, side, within)
	case s.Type.Is("array"):
		if item := example(s.Items, side, within...); item != nil && s.MinItems > 0 {
			return []any{item}
		}
		return []any{}
	case s.Type.Is("integer"):
		return number(s, 1)
	case s.Type.Is("number"):
		return number(s, 1.5)
	case s.Type.Is("boolean"):
		return false
	}
	return text(s)
}

func object(s *openapi3.Schema, side string, within []*openapi3.Schema) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p == nil || p.Value == nil || len(out) >= exampleWidth ||
			side == "request" && p.Value.ReadOnly || side == "answer" && p.Value.WriteOnly {
			continue
		}
		if v := example(p, side, within...); v != nil {
			out[name] = v
		}
	}
	return out
}

func number(s *openapi3.Schema, otherwise float64) any {
	v := otherwise
	if s.Min != nil && v < *s.Min {
		v = *s.Min
	}
	if s.Max != nil && v > *s.Max {
		v = *s.Max
	}
	if v == float64(int64(v)) {
		return int64(v)
	}
	return v
}

func text(s *openapi3.Schema) string {
	switch s.Format {
	case "date-time":
		return "2030-01-01T00:00:00Z"
	case "date":
		return "2030-01-01"
	case "email":
		return "a@example.com"
	case "uuid":
		return "00000000-0000-4000-8000-000000000001"
	case "uri", "url":
		return "http://example.com/"
	}
	out := "text"
	for uint64(len(out)) < s.MinLength && len(out) < 256 {
		out += "t"
	}
	if s.MaxLength != nil && uint64(len(out)) > *s.MaxLength {
		out = out[:*s.MaxLength]
	}
	return out
}
