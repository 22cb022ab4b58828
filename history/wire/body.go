package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"tussle/history"
)

// node is a body, or a member of a JSON body: exactly one of its fields is
// used, lit when none of the others is.
type node struct {
	lit     string // finished JSON text
	text    *text
	members []member
	items   []node
}

type member struct {
	key  string // JSON text with its colon
	node node
}

// SecretIn reads a table of a body, or of set, that stands for a secret:
// { env = "NAME" }, with or without a prefix, and nothing else.
func SecretIn(table map[string]any) (env, prefix string, ok bool) {
	env, ok = table["env"].(string)
	if given, there := table["prefix"]; there && ok {
		prefix, ok = given.(string)
		return env, prefix, ok && len(table) == 2
	}
	return env, prefix, ok && len(table) == 1
}

// compileNode compiles a value of a body table. A table { env = "NAME" }, with
// or without a prefix, is a secret from the environment.
func (c *compiler) compileNode(v any, r *history.PlanRequest) (node, error) {
	switch v := v.(type) {
	case string:
		t, err := compileText(v, inString, r)
		if err != nil {
			return node{}, err
		}
		return textNode(t), nil
	case bool:
		return node{lit: strconv.FormatBool(v)}, nil
	case int64:
		return node{lit: strconv.FormatInt(v, 10)}, nil
	case int:
		return node{lit: strconv.Itoa(v)}, nil
	case float64:
		lit, err := json.Marshal(v)
		return node{lit: string(lit)}, err
	case json.Number: // of a plan
		return node{lit: v.String()}, nil
	case time.Time:
		return node{lit: strconv.Quote(v.Format(time.RFC3339Nano))}, nil
	case []any:
		return c.compileList(v, r)
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return c.compileList(list, r)
	case map[string]any:
		if env, prefix, ok := SecretIn(v); ok {
			t, err := c.secret(env, prefix, inString)
			return textNode(t), err
		}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		out := node{members: []member{}}
		for _, name := range names {
			n, err := c.compileNode(v[name], r)
			if err != nil {
				return out, err
			}
			key := string(gjson.AppendJSONString(nil, name)) + ":"
			out.members = append(out.members, member{key, n})
		}
		return out, nil
	}
	return node{}, fmt.Errorf("body holds a %T, expected text, number, bool, list or table", v)
}

func (c *compiler) compileList(list []any, r *history.PlanRequest) (node, error) {
	out := node{items: []node{}}
	for _, item := range list {
		n, err := c.compileNode(item, r)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, n)
	}
	return out, nil
}

// textNode makes a JSON value of a text: exactly one variable keeps its type,
// everything else is a JSON string.
func textNode(t text) node {
	if t.single {
		t.parts[0].place = inJSON
		return node{text: &t}
	}
	if t.sole == nil && allLiteral(t.parts) && !t.secret {
		var b strings.Builder
		for _, p := range t.parts {
			b.WriteString(p.lit)
		}
		return node{lit: string(gjson.AppendJSONString(nil, b.String()))}
	}
	for i := range t.parts {
		if t.parts[i].literal() && !t.parts[i].mark {
			t.parts[i].lit = string(stringInner(nil, t.parts[i].lit))
		}
	}
	quoted := make([]part, 0, len(t.parts)+2)
	quoted = append(append(append(quoted, part{lit: `"`}), t.parts...), part{lit: `"`})
	secret := t.secret
	t = text{parts: quoted}
	t.finish()
	t.single, t.secret = false, secret
	return node{text: &t}
}

func allLiteral(parts []part) bool {
	for i := range parts {
		if !parts[i].literal() {
			return false
		}
	}
	return true
}

// compileBodyText compiles a body that is one text. Variables are escaped for
// what the text is: JSON, XML, a form, or anything else.
func compileBodyText(s, contentType string, r *history.PlanRequest) (text, string, error) {
	kind := inPlain
	trimmed := strings.TrimLeft(s, " \t\r\n")
	switch {
	case strings.Contains(contentType, "json"), contentType == "" && (strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{") && !variableFirst(trimmed)):
		kind = inJSON
	case strings.Contains(contentType, "xml"), contentType == "" && strings.HasPrefix(trimmed, "<"):
		kind = inXML
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		kind = inForm
	}
	t, err := compileText(s, kind, r)
	if err != nil {
		return t, "", err
	}
	if contentType == "" {
		contentType = map[place]string{inJSON: "application/json", inXML: "application/xml", inPlain: "text/plain"}[kind]
	}
	if kind == inJSON {
		quotes := false // whether the place is between quotes
		for i := range t.parts {
			p := &t.parts[i]
			if quotes && !p.literal() {
				p.place = inString
			}
			for j := 0; j < len(p.lit); j++ {
				switch {
				case quotes && p.lit[j] == '\\':
					j++
				case p.lit[j] == '"':
					quotes = !quotes
				}
			}
		}
	}
	return t, contentType, nil
}

// variableFirst: the text starts with a variable, not with a JSON object.
func variableFirst(s string) bool {
	t, err := ParseTemplate(s)
	return err == nil && len(t.Segments) > 0 && t.Segments[0].Var != ""
}

func (n *node) omitted(v *Vars) bool { return n.text != nil && n.text.omitted(v) }

// each calls f for every variable of the body.
func (n *node) each(f func(ref)) {
	if n.text != nil {
		n.text.each(f)
	}
	for i := range n.members {
		n.members[i].node.each(f)
	}
	for i := range n.items {
		n.items[i].each(f)
	}
}

// append writes the JSON; members and items whose only variable is unset are
// left out.
func (n *node) append(dst []byte, v *Vars) ([]byte, error) {
	var err error
	switch {
	case n.text != nil:
		return n.text.append(dst, v)
	case n.members != nil:
		dst = append(dst, '{')
		first := true
		for i := range n.members {
			m := &n.members[i]
			if m.node.omitted(v) {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(dst, m.key...)
			if dst, err = m.node.append(dst, v); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	case n.items != nil:
		dst = append(dst, '[')
		first := true
		for i := range n.items {
			if n.items[i].omitted(v) {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if dst, err = n.items[i].append(dst, v); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
	return append(dst, n.lit...), nil
}

// edit is a change to a document that is sent back.
type edit struct {
	path string
	node *node // nil: the path is removed
}

// appends reports whether the path adds an element to a list: there is none
// to leave out.
func appends(path string) bool { return path == "-1" || strings.HasSuffix(path, ".-1") }

// apply makes the edits in doc. A path whose only variable is unset is left
// out of the document, as a member of a body is: what was read there is not
// what the step was told to send.
func apply(edits []edit, doc []byte, v *Vars) ([]byte, error) {
	if len(edits) == 0 {
		return doc, nil
	}
	if !ValidJSON(doc) {
		return doc, fmt.Errorf("the document that was read is not JSON, so nothing can be set in it")
	}
	for _, e := range edits {
		var err error
		switch unset := e.node != nil && e.node.omitted(v); {
		case unset && appends(e.path):
		case unset, e.node == nil:
			doc, err = sjson.DeleteBytes(doc, e.path)
		default:
			var raw []byte
			if raw, err = e.node.append(nil, v); err == nil {
				doc, err = sjson.SetRawBytes(doc, e.path, raw)
			}
		}
		if err != nil {
			return doc, fmt.Errorf("changing %q in the document that was read: %w", e.path, err)
		}
	}
	return doc, nil
}

// form is a body of named fields, in the order of their names: URL-encoded, or
// in parts where it may have files. A field whose only variable is unset is
// left out.
type form struct {
	parts  bool
	fields []formField
}

type formField struct {
	name  string
	text  text
	file  string // its name; "" is no file
	ctype string
}

// boundary separates parts. It is fixed, so that an operation that is sent
// again is the same to the byte.
const boundary = "tussle-b7e1f0a95c3d42688d91"

// FileIn reads a table of a multipart body that stands for a file.
func FileIn(table map[string]any) (file, ctype, content string, ok bool) {
	for name, v := range table {
		s, isText := v.(string)
		switch {
		case !isText:
			return "", "", "", false
		case name == "file":
			file = s
		case name == "type":
			ctype = s
		case name == "content":
			content = s
		default:
			return "", "", "", false
		}
	}
	return file, ctype, content, file != ""
}

func (c *compiler) compileForm(fields map[string]any, parts bool, r *history.PlanRequest) (*form, error) {
	f := &form{parts: parts}
	place := inForm
	if parts {
		place = inPlain
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list, ok := fields[name].([]any)
		if !ok {
			list = []any{fields[name]}
		}
		for _, v := range list {
			one := formField{name: name}
			var err error
			switch v := v.(type) {
			case string:
				one.text, err = compileText(v, place, r)
			case bool:
				one.text.parts = []part{{lit: strconv.FormatBool(v)}}
			case int64:
				one.text.parts = []part{{lit: strconv.FormatInt(v, 10)}}
			case float64:
				one.text.parts = []part{{lit: strconv.FormatFloat(v, 'f', -1, 64)}}
			case json.Number: // of a plan
				one.text.parts = []part{{lit: v.String()}}
			case map[string]any:
				if env, prefix, secret := SecretIn(v); secret {
					one.text, err = c.secret(env, prefix, place)
				} else if file, ctype, content, file1 := FileIn(v); file1 && parts {
					one.file, one.ctype = file, ctype
					one.text, err = compileText(content, place, r)
				} else {
					err = fmt.Errorf("the field %s is a table, expected a text, a number or a list of them", name)
				}
			default:
				err = fmt.Errorf("the field %s holds a %T, expected a text, a number or a list of them", name, v)
			}
			if err != nil {
				return nil, err
			}
			if !parts {
				one.name = string(percent(nil, name, queryByte))
				for i := range one.text.parts {
					if p := &one.text.parts[i]; p.literal() && !p.mark {
						p.lit = string(percent(nil, p.lit, queryByte))
					}
				}
			}
			f.fields = append(f.fields, one)
		}
	}
	return f, nil
}

func (f *form) contentType() string {
	if f.parts {
		return "multipart/form-data; boundary=" + boundary
	}
	return "application/x-www-form-urlencoded"
}

func (f *form) each(call func(ref)) {
	for i := range f.fields {
		f.fields[i].text.each(call)
	}
}

func (f *form) append(dst []byte, v *Vars) ([]byte, error) {
	if f.parts {
		return f.appendParts(dst, v)
	}
	var err error
	from := len(dst)
	for i := range f.fields {
		one := &f.fields[i]
		if one.text.omitted(v) {
			continue
		}
		if len(dst) > from {
			dst = append(dst, '&')
		}
		dst = append(append(dst, one.name...), '=')
		if dst, err = one.text.append(dst, v); err != nil {
			return dst, fmt.Errorf("the field %s: %w", one.name, err)
		}
	}
	return dst, nil
}

func (f *form) appendParts(dst []byte, v *Vars) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w := multipart.NewWriter(out)
	if err := w.SetBoundary(boundary); err != nil {
		return dst, err
	}
	for i := range f.fields {
		one := &f.fields[i]
		if one.text.omitted(v) {
			continue
		}
		content, err := one.text.append(nil, v)
		if err == nil && bytes.Contains(content, []byte(boundary)) {
			err = fmt.Errorf("it has the boundary of the parts in it")
		}
		if err != nil {
			return dst, fmt.Errorf("the field %s: %w", one.name, err)
		}
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + quoteless.Replace(one.name) + `"`}}
		if one.file != "" {
			h["Content-Disposition"][0] += `; filename="` + quoteless.Replace(one.file) + `"`
			h["Content-Type"] = []string{"application/octet-stream"}
		}
		if one.ctype != "" {
			h["Content-Type"] = []string{one.ctype}
		}
		p, err := w.CreatePart(h)
		if err == nil {
			_, err = p.Write(content)
		}
		if err != nil {
			return dst, err
		}
	}
	if err := w.Close(); err != nil {
		return dst, err
	}
	return out.Bytes(), nil
}

// quoteless is what names of fields and files may not have as they are (HTML
// living standard, multipart/form-data encoding).
var quoteless = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")
