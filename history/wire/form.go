package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

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
