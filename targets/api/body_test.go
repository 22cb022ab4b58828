package api

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestMembersAgreesWithTheStandardDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.MapOf(rapid.String(), anyJSON(3)).Draw(t, "object")
		var b []byte
		var err error
		if rapid.Bool().Draw(t, "indented") {
			b, err = json.MarshalIndent(in, " ", "\t")
		} else {
			b, err = json.Marshal(in)
		}
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{}
		if !Members(b, func(name string, raw []byte) { got[name] = raw }) {
			t.Fatalf("%s: not taken for an object", b)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%s: got %d members, expected %d", b, len(got), len(want))
		}
		for name, raw := range want {
			if string(got[name]) != string(raw) {
				t.Fatalf("%s: member %q: got %s, expected %s", b, name, got[name], raw)
			}
		}
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	g := []*rapid.Generator[any]{
		rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Bool().AsAny(), rapid.Just(any(nil)),
	}
	if depth > 0 {
		g = append(g,
			rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) }), 0, 3).AsAny(),
			rapid.MapOfN(rapid.String(), rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) }), 0, 3).AsAny())
	}
	return rapid.OneOf(g...)
}

func TestStringsAreWrittenAsTheStandardEncoderDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil || back != string([]rune(s)) {
			t.Fatalf("%q became %q (%v)", s, back, err)
		}
	})
}

func TestBodyRefusesWhatItCannotUse(t *testing.T) {
	for _, b := range []string{`{`, `[]`, `7`, `{"tag":7}`, `{"version":"x"}`, `{"version":1.5}`, `{"amount":{}}`, `{"a":1} x`} {
		if _, bad := parseBody([]byte(b)); bad == nil || bad.Status != 400 {
			t.Errorf("%s: got %v, expected a 400", b, bad)
		}
	}
	got, bad := parseBody([]byte(` { "value" : {"a":[1,"}"]} , "tag":"t\n", "version":"7", "other": null } `))
	if bad != nil || string(got.value) != `{"a":[1,"}"]}` || got.tag != "t\n" || got.version != 7 {
		t.Errorf("got %+v, %v", got, bad)
	}
}

func TestAppendedAndMerged(t *testing.T) {
	for _, r := range [][3]string{{``, `1`, `[1]`}, {`null`, `"a"`, `["a"]`}, {`[]`, `1`, `[1]`}, {`[ ]`, `1`, `[ 1]`}, {`[1]`, `[2]`, `[1,[2]]`}} {
		if got, bad := Appended([]byte(r[0]), []byte(r[1])); bad != nil || string(got) != r[2] {
			t.Errorf("append %s to %q: got %s, %v, expected %s", r[1], r[0], got, bad, r[2])
		}
	}
	for _, r := range [][3]string{{`null`, `{"a":1}`, `{"a":1}`}, {`{"b":1,"a":2}`, `{"a":3,"c":4}`, `{"b":1,"a":3,"c":4}`}, {`{"a":1,"b":2}`, `{"a":null}`, `{"b":2}`}} {
		if got, bad := Merged([]byte(r[0]), []byte(r[1])); bad != nil || string(got) != r[2] {
			t.Errorf("merge %s into %s: got %s, %v, expected %s", r[1], r[0], got, bad, r[2])
		}
	}
	if _, bad := Appended([]byte(`7`), []byte(`1`)); bad == nil {
		t.Error("append to a number: expected a refusal")
	}
	if _, bad := Merged([]byte(`7`), []byte(`{}`)); bad == nil {
		t.Error("merge into a number: expected a refusal")
	}
}
