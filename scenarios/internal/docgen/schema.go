package docgen

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"tussle/scenarios"
)

// object is one JSON Schema; encoding/json sorts its members.
type object map[string]any

// Schema returns the JSON Schema (draft 7, which TOML editors read).
func (d *Docs) Schema() ([]byte, error) {
	defs := object{}
	root := d.structSchema(reflect.TypeFor[scenarios.Scenario](), defs)
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "tussle scenario"
	root["required"] = []string{"target", "workload", "strategy"}
	root["definitions"] = defs
	out, err := json.MarshalIndent(root, "", "  ")
	return append(out, '\n'), err
}

func (d *Docs) structSchema(t reflect.Type, defs object) object {
	props := object{}
	for _, k := range d.keys(t) {
		s := d.valueSchema(k.typ, k, defs)
		if k.doc != "" {
			if ref, ok := s["$ref"]; ok { // draft 7 ignores what stands beside $ref
				s = object{"allOf": []object{{"$ref": ref}}}
			}
			s["description"] = k.doc
		}
		props[k.name] = s
	}
	out := object{"type": "object", "properties": props, "additionalProperties": false}
	if doc := d.Type[t.Name()]; doc != "" {
		out["description"] = sentence(doc, t.Name())
	}
	return out
}

const durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

func (d *Docs) valueSchema(t reflect.Type, k key, defs object) object {
	text := object{"type": "string"}
	switch t {
	case reflect.TypeFor[scenarios.Expectation]():
		return text
	case reflect.TypeFor[scenarios.Duration]():
		return withDefault(object{"type": "string", "pattern": durationPattern}, k)
	case reflect.TypeFor[scenarios.Spread]():
		return object{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|^(uniform|exp|fixed)\(.+\)$`}
	case reflect.TypeFor[scenarios.Skew]():
		return withDefault(object{"type": "string", "pattern": `^(uniform|single)$|^(zipf|hotspot)\(.+\)$`}, k)
	case reflect.TypeFor[scenarios.Rate]():
		return object{"type": "string", "pattern": `^ *[+]?[0-9]+ */ *(ms|s|m|h) *$|^ *(constant|poisson|sine|ramp) *\(.+\) *$`}
	case reflect.TypeFor[scenarios.Text]():
		return object{"oneOf": []object{text, {"type": "object", "properties": object{"env": text, "prefix": text}, "required": []string{"env"}, "additionalProperties": false}}}
	case reflect.TypeFor[scenarios.StringList]():
		return object{"oneOf": []object{text, {"type": "array", "items": text}}}
	case reflect.TypeFor[scenarios.StatusList]():
		one := object{"oneOf": []object{{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string", "pattern": `^[1-5]xx$|^[1-5][0-9]{2}(-[1-5][0-9]{2})?$`}}}
		return object{"oneOf": []object{one, {"type": "array", "items": one}}}
	}
	if t == reflect.TypeFor[scenarios.Absence]() {
		one := object{"oneOf": []object{{"type": "integer", "minimum": 100, "maximum": 599}, d.structSchema(reflect.TypeFor[scenarios.Absent](), defs)}}
		return object{"oneOf": []object{one, {"type": "array", "items": one}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.valueSchema(t.Elem(), k, defs)
	case reflect.Slice:
		return object{"type": "array", "items": d.valueSchema(t.Elem(), key{tags: k.tags}, defs)}
	case reflect.Map:
		items := d.valueSchema(t.Elem(), key{tags: k.tags}, defs)
		if t.Elem().Kind() == reflect.String {
			items = object{"type": []string{"string", "number", "boolean"}}
		}
		return object{"type": "object", "additionalProperties": items}
	case reflect.Struct:
		if _, ok := defs[t.Name()]; !ok {
			defs[t.Name()] = object{} // ends the recursion
			defs[t.Name()] = d.structSchema(t, defs)
		}
		return object{"$ref": "#/definitions/" + t.Name()}
	case reflect.String:
		if e := k.tags.Get("enum"); e != "" {
			text["enum"] = strings.Split(e, ",")
		}
		switch k.tags.Get("as") {
		case "limit":
			text["pattern"] = `^ *(<=|>=|==|!=|<|>|=) *[-+]?[.0-9]`
		case "request":
			text["pattern"] = `^[A-Z]+ +/\S*$`
		case "capture":
			text["pattern"] = `^$|^(json|header|xml|regex):.+|^(body|status)(:.+)?$`
		}
		return withDefault(text, k)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		s := object{"type": "number"}
		if k.tags.Get("as") == "share" {
			s["minimum"], s["maximum"] = 0, 1
		}
		return s
	case reflect.Interface:
		return object{}
	}
	s := object{"type": "integer"}
	for tag, name := range map[string]string{"min": "minimum", "max": "maximum"} {
		if n, err := strconv.Atoi(k.tags.Get(tag)); err == nil {
			s[name] = n
		}
	}
	if t.Kind() == reflect.Uint64 {
		s["minimum"] = 0
	}
	if n, err := strconv.Atoi(k.tags.Get("default")); err == nil {
		s["default"] = n
	}
	return s
}

func withDefault(s object, k key) object {
	if v := k.tags.Get("default"); v != "" {
		s["default"] = v
	}
	return s
}
