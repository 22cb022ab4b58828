package report

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// WriteJSON writes the report as report.json: indented, with the names of
// schema 1, the same bytes for the same report.
func WriteJSON(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// ReadJSON reads what [WriteJSON] wrote. Members that this version does not
// know are passed over.
func ReadJSON(rd io.Reader) (*Report, error) {
	r := new(Report)
	if err := json.NewDecoder(rd).Decode(r); err != nil {
		return nil, fmt.Errorf("not a report.json: %w", err)
	}
	if r.Schema != 1 {
		return nil, fmt.Errorf("a report of schema %d, this version reads schema 1", r.Schema)
	}
	noNulls(r)
	return r, nil
}

// noNulls replaces nil lists and maps by empty ones, so that a reader of the
// JSON finds [] and {} where nothing is, and null only for an unknown figure.
func noNulls(v any) { fill(reflect.ValueOf(v).Elem()) }

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
