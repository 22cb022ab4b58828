package house

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tussle/history"
)

// docs/history-format.md has a section for each kind of record and a row for
// each field, and says "always" of exactly those that are never left out.
func TestEveryFieldOfTheHistoryIsDocumented(t *testing.T) {
	doc := text(t, "docs/history-format.md")
	for kind, want := range map[string]map[string]bool{
		"request":   lineFields(t, func(v *history.Request) []byte { return v.AppendJSON(nil) }),
		"operation": lineFields(t, func(v *history.Operation) []byte { return v.AppendJSON(nil) }),
		"block":     taggedFields(history.Block{}),
		"sample":    taggedFields(history.Sample{}),
		"event":     taggedFields(history.Event{}),
		"header":    merge(taggedFields(history.Header{}), taggedFields(history.Plan{})),
	} {
		_, section, ok := strings.Cut(doc, "\n## "+kind+"\n")
		if !ok {
			t.Errorf("there is no section %q", kind)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		got := map[string]bool{}
		for _, row := range fieldRow.FindAllStringSubmatch(section, -1) {
			if _, twice := got[row[1]]; twice {
				t.Errorf("%s: %s has two rows", kind, row[1])
			}
			got[row[1]] = strings.HasSuffix(row[2], "(always)")
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if is, ok := got[name]; !ok {
				t.Errorf("%s: the field %s has no row", kind, name)
			} else if is != want[name] {
				t.Errorf("%s: %s: the table says always %v, the record says %v", kind, name, is, want[name])
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("%s: the table has a field %s that no record has", kind, name)
		}
	}
	for _, v := range []any{history.FaultCount{}, history.Environment{}, history.TargetInfo{}, history.PlanWorkload{}, history.PlanLoad{},
		history.PlanStrategy{}, history.PlanThreshold{}, history.PlanFault{}, history.PlanSweep{},
		history.PlanOperation{}, history.PlanObservation{}, history.PlanInvariant{}} {
		for name := range taggedFields(v) {
			if !strings.Contains(doc, "`"+name+"`") {
				t.Errorf("%T: the field %s is not mentioned", v, name)
			}
		}
	}
}

func TestEveryWordOfTheHistoryIsDocumented(t *testing.T) {
	doc := text(t, "docs/history-format.md")
	for _, s := range sources(t, "history") {
		if s.name != "history/words.go" {
			continue
		}
		for _, m := range wordConstant.FindAllStringSubmatch(text(t, s.name), -1) {
			if !strings.Contains(doc, "`"+m[1]+"`") {
				t.Errorf("the word %s is not mentioned", m[1])
			}
		}
		return
	}
	t.Error("history/words.go is not there")
}

var (
	fieldRow     = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (.*) \\|$")
	wordConstant = regexp.MustCompile(`(?m)^\t[A-Z]\w*\s+\w+\s+= "([a-z-]+)"`)
)

// lineFields returns the members of a hand-encoded record: of the zero value
// (always written, true) and of one with every field set.
func lineFields[T any](t *testing.T, encode func(*T) []byte) map[string]bool {
	t.Helper()
	var zero, full T
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		default:
			f.SetInt(7)
		}
	}
	fields := map[string]bool{}
	for i, value := range []*T{&full, &zero} {
		var members map[string]any
		if err := json.Unmarshal(encode(value), &members); err != nil {
			t.Fatal(err)
		}
		for name := range members {
			if name != "type" {
				fields[name] = i == 1
			}
		}
	}
	if len(fields) != v.NumField() {
		t.Errorf("%T: %d fields, %d members", full, v.NumField(), len(fields))
	}
	return fields
}

// taggedFields returns the members of a record that encoding/json writes.
func taggedFields(v any) map[string]bool {
	fields := map[string]bool{}
	typ := reflect.TypeOf(v)
	for i := range typ.NumField() {
		name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		fields[name] = options != "omitempty"
	}
	return fields
}

func merge(a, b map[string]bool) map[string]bool {
	maps.Copy(a, b)
	return a
}
