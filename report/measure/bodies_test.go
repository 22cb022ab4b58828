package measure

import (
	"testing"

	"tussle/history"
)

// A version in a refusal is the resource's, not that of an API or of XML.
func TestVersionsOfOtherThingsAreNoDiagnosis(t *testing.T) {
	for body, named := range map[string]int64{
		`{"kind":"Status","apiVersion":"v1","code":409}`:         0,
		`<?xml version="1.0"?><d:error/>`:                        0,
		`{"apiVersion":"v1","metadata":{"resourceVersion":"7"}}`: 1,
		`{"title":"stale","current_version":8}`:                  1,
	} {
		var b bodies
		b.add(&history.Request{Status: 409, Class: history.Stale, Detail: body})
		if b.version != named {
			t.Errorf("%s: %d name a version, want %d", body, b.version, named)
		}
	}
}
