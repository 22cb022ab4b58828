package model_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/model"
)

// What is no report of this schema is refused, and the error says why.
func TestOtherDocumentsAreNoReports(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "not a report of tussle: EOF",
		"[]":                           "not a report of tussle: json: cannot unmarshal array",
		"{}":                           `"schema" is missing`,
		`{"schema": 99}`:               "has schema 99; this version of tussle reads schema 1",
		`{"schema": 1}`:                `"verdict" is missing`,
		`{"schema": 1, "verdict": 3}`:  "not a report of tussle: json: cannot unmarshal number",
		`{"schema": "1"}`:              "not a report of tussle: json: cannot unmarshal string",
		`{"schema": 1, "verdict": "pa`: "not a report of tussle: unexpected EOF",
	} {
		if r, err := model.ReadJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %q", text, r, err, want)
		}
	}
}

// A report comes back from its JSON as it was, but for lists that were nil.
func TestReportSurvivesItsJSON(t *testing.T) {
	for _, f := range samples.Reports() {
		var b bytes.Buffer
		if err := model.WriteJSON(&b, f.R); err != nil {
			t.Fatal(err)
		}
		got, err := model.ReadJSON(&b)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		model.NoNulls(f.R)
		if !reflect.DeepEqual(got, f.R) {
			t.Errorf("%s: another report came back", f.Name)
		}
	}
}
