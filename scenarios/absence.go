package scenarios

import (
	"fmt"
	"reflect"
)

const wantAbsence = `a status such as 404, a text such as { json = "deleted", equals = true }, or a list of them`

// absence decodes the answers that say that there is no such resource.
func (d *decoder) absence(path string, v any) Absence {
	switch v := v.(type) {
	case []any:
		out := Absence{}
		for i, item := range v {
			if _, nested := item.([]any); nested {
				d.wrong(element(path, i), item, wantAbsence)
				continue
			}
			out = append(out, d.absence(element(path, i), item)...)
		}
		return out
	case int64:
		if v < 100 || v > 599 {
			d.add(path, &mistake{message: fmt.Sprintf("%d is not an HTTP status", v), expected: "for example [404, 410]"})
			return nil
		}
		return Absence{{Status: int(v)}}
	case map[string]any:
		var a Absent
		d.table(path, v, reflect.ValueOf(&a).Elem())
		switch {
		case a.JSON == "" && a.Body == nil:
			d.add(path, &mistake{message: "absent does not say which text", expected: wantAbsence})
		case a.JSON != "" && a.Equals == nil && a.Exists == nil:
			d.add(path, &mistake{message: "absent does not say what stands there", expected: "equals or exists", hint: "exists = false when nothing does"})
		case a.JSON == "" && (a.Equals != nil || a.Exists != nil):
			d.add(path, &mistake{message: "equals and exists need json", expected: wantAbsence})
		}
		return Absence{a}
	}
	d.wrong(path, v, wantAbsence)
	return nil
}
