package check

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"tussle/history"
)

// foreign judges JSON lines that have no header.
func foreign(t *testing.T, text string) []Property {
	t.Helper()
	r, err := history.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	j := New()
	var rec history.Record
	for {
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Add(&rec); err != nil {
			t.Fatal(err)
		}
	}
	return j.Finish()[0]
}

func verdictOf(t *testing.T, properties []Property, name string) Property {
	t.Helper()
	for _, p := range properties {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("%s was not judged", name)
	return Property{}
}

// The example of the documentation is judged as the documentation says.
func TestForeignExample(t *testing.T) {
	doc, err := os.ReadFile("../../docs/foreign-histories.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(doc), "```json\n")
	example, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("docs/foreign-histories.md has no example")
	}
	p := verdictOf(t, foreign(t, example), noLostUpdate)
	if p.Verdict != Violated || p.Violations != 1 || !p.Promised {
		t.Errorf("%s", p.text())
	}
	if len(p.Findings) != 1 || len(p.Findings[0].Requests) != 5 || p.Findings[0].Requests[2].Line != 3 {
		t.Errorf("the finding should show all five lines\n%s", p.text())
	}
	sound := strings.Replace(example, `"return":4700000,"status":200,"expect":"1","version":"3"`, `"return":4700000,"status":412,"expect":"1"`, 1)
	sound = strings.Replace(sound, `"return":5600000,"status":200,"version":"3"`, `"return":5600000,"status":200,"version":"2"`, 1)
	if p := verdictOf(t, foreign(t, sound), noLostUpdate); p.Verdict != Holds {
		t.Errorf("with a refusal\n%s", p.text())
	}
}

// The steps decide what a foreign history is taken for.
func TestForeignKinds(t *testing.T) {
	tests := []struct {
		name, property string
		want           Verdict
		text           string
	}{
		{"a counter", noLostUpdate, Violated, `
{"client":1,"step":"add","key":"k","call":1,"return":5,"status":200,"value":"1"}
{"client":2,"step":"add","key":"k","call":2,"return":6,"status":200,"value":"1"}
{"client":1,"op":1,"step":"read","key":"k","call":7,"return":8,"status":200,"value":"1"}`},
		{"a list", appendOnly, Holds, `
{"client":1,"step":"append","key":"k","call":1,"return":5,"status":200,"value":"x"}
{"client":2,"step":"append","key":"k","call":2,"return":6,"status":200,"value":"y"}
{"client":1,"op":1,"step":"read","key":"k","call":7,"return":8,"status":200,"value":"[\"x\",\"y\"]"}`},
		{"names", createOnce, Violated, `
{"client":1,"step":"create","key":"n","call":1,"return":5,"status":201,"tag":"a"}
{"client":2,"step":"create","key":"n","call":2,"return":6,"status":201,"tag":"b"}`},
		{"names, one refused", createOnce, Holds, `
{"client":1,"step":"create","key":"n","call":1,"return":5,"status":201,"tag":"a"}
{"client":2,"step":"create","key":"n","call":2,"return":6,"status":409,"tag":"b"}`},
		{"lives", lifecycle, Violated, `
{"client":1,"step":"create","key":"n","call":1,"return":2,"status":201,"tag":"a"}
{"client":2,"step":"delete","key":"n","call":3,"return":6,"status":204,"base":"a","expect":"1","tag":"b"}
{"client":1,"op":1,"step":"write","key":"n","call":4,"return":7,"status":200,"base":"a","expect":"1","tag":"c"}`},
		{"a lock", mutualExclusion, Violated, `
{"client":1,"step":"lock","key":"k","call":1,"return":2,"status":200,"lock":"A"}
{"client":2,"step":"lock","key":"k","call":3,"return":4,"status":200,"lock":"B"}
{"client":1,"step":"unlock","key":"k","call":5,"return":6,"status":204,"lock":"A"}
{"client":2,"step":"unlock","key":"k","call":7,"return":8,"status":204,"lock":"B"}`},
		{"blind writes by value", register, Violated, `
{"client":1,"step":"write","key":"k","call":1,"return":2,"status":200,"value":"x"}
{"client":2,"step":"write","key":"k","call":1,"return":4,"status":200,"value":"y"}
{"client":1,"op":1,"step":"read","key":"k","call":5,"return":6,"status":200,"value":"y"}
{"client":1,"op":2,"step":"read","key":"k","call":7,"return":8,"status":200,"value":"x"}`},
		{"an unanswered write that is seen", register, Holds, `
{"client":1,"step":"write","key":"k","call":1,"return":3,"tag":"a"}
{"client":2,"step":"write","key":"k","call":2,"return":4,"status":200,"tag":"b"}
{"client":2,"op":1,"step":"read","key":"k","call":5,"return":6,"status":200,"saw":"a"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := verdictOf(t, foreign(t, strings.TrimSpace(test.text)), test.property)
			if p.Verdict != test.want || !p.Promised {
				t.Errorf("want %s\n%s", test.want, p.text())
			}
		})
	}
}

// What a status means when a line does not say.
func TestForeignStatuses(t *testing.T) {
	tests := []struct {
		step   stepCode
		status int
		class  classCode
		effect effectCode
	}{
		{write, 200, ok, applied}, {write, 202, ok, unknown}, {write, 0, transport, unknown}, {write, 409, stale, refused}, {write, 412, stale, refused},
		{create, 409, exists, refused}, {create, 412, exists, refused}, {write, 423, locked, refused}, {write, 428, preconditionRequired, refused},
		{write, 429, throttled, refused}, {write, 400, rejected, refused}, {write, 503, serverError, unknown}, {write, 302, redirect, refused},
		{read, 404, ok, refused}, {read, 410, ok, refused}, {write, 404, rejected, refused}, {write, 101, transport, unknown},
	}
	for _, test := range tests {
		if c, e := classByStatus(test.status, test.step, false), effectByStatus(test.status); c != test.class || e != test.effect {
			t.Errorf("step %s, status %d: class %s, effect %s", steps[test.step], test.status, classes[c], effects[e])
		}
	}
}
