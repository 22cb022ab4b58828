package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"
)

// WriteJSON writes the report as report.json: indented, with the names of
// schema 1, the same bytes for the same report.
func WriteJSON(w io.Writer, r *Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(unseen(b.Bytes()))
	return err
}

// unseen escapes what JSON allows in a text as it is and a terminal obeys: the
// controls U+007F to U+009F, and the marks that turn the direction of a text.
// Whoever decodes it reads the same text.
func unseen(text []byte) []byte {
	if !bytes.ContainsFunc(text, obeyed) {
		return text
	}
	var out []byte
	for _, r := range string(text) { // an encoder's output is UTF-8
		if obeyed(r) {
			out = fmt.Appendf(out, "\\u%04x", r)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func obeyed(r rune) bool {
	return r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// Schema is the version of report.json that this version writes and reads.
const Schema = 1

// ReadJSON reads what [WriteJSON] wrote. Members that this version does not
// know are passed over; a document of another schema, or of none, is an error.
func ReadJSON(rd io.Reader) (*Report, error) {
	r := new(Report)
	if err := json.NewDecoder(rd).Decode(r); err != nil {
		return nil, fmt.Errorf("not a report of tussle: %w", err)
	}
	switch {
	case r.Schema == 0:
		return nil, errors.New(`not a report of tussle: "schema" is missing`)
	case r.Schema != Schema:
		return nil, fmt.Errorf("this report has schema %d; this version of tussle reads schema %d", r.Schema, Schema)
	case r.Verdict == "":
		return nil, errors.New(`not a report of tussle: "verdict" is missing`)
	}
	NoNulls(r)
	return r, nil
}

// NoNulls replaces nil lists and maps by empty ones, so that a reader of the
// JSON finds [] and {} where nothing is, and null only for an unknown figure.
func NoNulls(v any) { fill(reflect.ValueOf(v).Elem()) }

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Slice {
			for i := range v.Len() {
				fill(v.Index(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}
