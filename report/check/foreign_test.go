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
{"client":1,"step":"write","key":"k","call":1,"return":3,"status":0,"tag":"a"}
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
		{write, 429, throttled, refused}, {write, 400, rejected, refused}, {write, 503, serverError, unknown}, {write, 302, redirect, unknown}, {write, 307, redirect, unknown},
		{write, 408, timeout, unknown}, {remove, 404, stale, refused}, {read, 404, ok, refused}, {read, 410, ok, refused}, {write, 404, rejected, refused}, {write, 101, transport, unknown},
	}
	for _, test := range tests {
		if c, e := classByStatus(test.status, test.step, false), effectByStatus(test.status); c != test.class || e != test.effect {
			t.Errorf("step %s, status %d: class %s, effect %s", steps[test.step], test.status, classes[c], effects[e])
		}
	}
}

// Histories of other tools: what their steps leave is judged by its own model,
// or not at all.
func TestForeignModels(t *testing.T) {
	appends := `
{"client":0,"op":0,"step":"append","key":"k","call":1000,"return":2000,"status":200,"value":"a"}
{"client":1,"op":0,"step":"append","key":"k","call":1500,"return":2500,"status":200,"value":"b"}`
	accounts := `
{"client":-1,"op":0,"step":"setup","key":"a","call":0,"return":10,"status":200,"value":"10"}
{"client":-1,"op":1,"step":"setup","key":"b","call":20,"return":30,"status":200,"value":"0"}
{"client":0,"op":0,"step":"transfer","key":"a","key2":"b","call":1000,"return":2000,"status":200,"value":"4"}
{"client":1,"op":0,"step":"transfer","key":"a","key2":"b","call":1500,"return":2500,"status":200,"value":"5"}
{"client":0,"op":1,"step":"read","key":"a","call":3000,"return":4000,"status":200,"value":"1"}`
	tests := []struct {
		name, property string
		want           Verdict
		text           string
	}{
		{"elements without tags", appendOnly, Holds, appends + `
{"client":0,"op":1,"step":"read","key":"k","call":3000,"return":4000,"status":200,"value":"[\"a\",\"b\"]"}`},
		{"an element that is missing", appendOnly, Violated, appends + `
{"client":0,"op":1,"step":"read","key":"k","call":3000,"return":4000,"status":200,"value":"[\"a\"]"}`},
		{"a set has no order", appendOnly, Undecided, `
{"client":0,"op":0,"step":"append","key":"k","call":1000,"return":2000,"status":200,"value":"10","tag":"t1"}
{"client":1,"op":0,"step":"append","key":"k","call":1500,"return":3500,"status":200,"value":"2","tag":"t2"}
{"client":0,"op":1,"step":"append","key":"k","call":4000,"return":4500,"status":200,"value":"1","tag":"t3"}
{"client":0,"op":2,"step":"read","key":"k","call":5000,"return":6000,"status":200,"value":"[\"1\",\"2\",\"10\"]"}`},
		{"but its elements are not lost", appendOnly, Violated, `
{"client":0,"op":0,"step":"append","key":"k","call":1000,"return":2000,"status":200,"value":"10","tag":"t1"}
{"client":1,"op":0,"step":"append","key":"k","call":1500,"return":3500,"status":200,"value":"2","tag":"t2"}
{"client":0,"op":2,"step":"read","key":"k","call":5000,"return":6000,"status":200,"value":"[\"2\"]"}`},
		{"a value that is appended twice", appendOnly, Undecided, appends + `
{"client":2,"op":0,"step":"append","key":"k","call":1600,"return":2600,"status":200,"value":"a"}
{"client":0,"op":1,"step":"read","key":"k","call":3000,"return":4000,"status":200,"value":"[\"a\",\"b\",\"a\"]"}`},
		{"and stands three times", appendOnly, Violated, appends + `
{"client":2,"op":0,"step":"append","key":"k","call":1600,"return":2600,"status":200,"value":"a"}
{"client":0,"op":1,"step":"read","key":"k","call":3000,"return":4000,"status":200,"value":"[\"a\",\"b\",\"a\",\"a\"]"}`},
		{"a write beside an append", appendOnly, Undecided, appends + `
{"client":0,"op":1,"step":"write","key":"k","call":3000,"return":4000,"status":200,"value":"[\"b\"]"}
{"client":0,"op":2,"step":"read","key":"k","call":7000,"return":8000,"status":200,"value":"[\"b\"]"}`},
		{"transfers", conservation, Holds, accounts + `
{"client":0,"op":2,"step":"read","key":"b","call":5000,"return":6000,"status":200,"value":"9"}`},
		{"a transfer that did not arrive", conservation, Violated, accounts + `
{"client":0,"op":2,"step":"read","key":"b","call":5000,"return":6000,"status":200,"value":"5"}`},
		{"nor in its account", noLostUpdate, Violated, accounts + `
{"client":0,"op":2,"step":"read","key":"b","call":5000,"return":6000,"status":200,"value":"5"}`},
		{"balances that nobody told at first", conservation, Undecided, `
{"client":0,"op":0,"step":"transfer","key":"a","key2":"b","call":1000,"return":2000,"status":200,"value":"4"}
{"client":1,"op":0,"step":"read","key":"a","call":3000,"return":4000,"status":200,"value":"6"}`},
		{"a balance that was read too early", conservation, Undecided, strings.Replace(accounts, `"call":3000`, `"call":2400`, 1) + `
{"client":0,"op":2,"step":"read","key":"b","call":5000,"return":6000,"status":200,"value":"9"}`},
		{"an empty list before the create is nothing", createOnce, Holds, `
{"client":0,"op":0,"step":"read","key":"a","call":100,"return":500,"status":200}
{"client":0,"op":0,"step":"create","key":"a","call":1000,"return":2000,"status":201,"tag":"t0"}
{"client":1,"op":0,"step":"create","key":"a","call":1500,"return":2500,"status":409,"tag":"t1"}
{"client":0,"op":1,"step":"read","key":"a","call":3000,"return":4000,"status":200,"saw":"t0"}`},
		{"and after it, too", createOnce, Violated, `
{"client":0,"op":0,"step":"create","key":"a","call":1000,"return":2000,"status":201,"tag":"t0"}
{"client":1,"op":0,"step":"create","key":"a","call":1500,"return":2500,"status":409,"tag":"t1"}
{"client":0,"op":1,"step":"read","key":"a","call":3000,"return":4000,"status":200,"saw":"t0"}
{"client":0,"op":2,"step":"read","key":"a","call":5000,"return":6000,"status":200}`},
		{"reads that tell no tag", createOnce, Undecided, `
{"client":0,"op":0,"step":"create","key":"a","call":1000,"return":2000,"status":201,"tag":"t0"}
{"client":1,"op":0,"step":"create","key":"a","call":1500,"return":2500,"status":409,"tag":"t1"}
{"client":0,"op":1,"step":"read","key":"a","call":3000,"return":4000,"status":200}`},
		{"nothing was accepted", register, NotExercised, `
{"client":1,"step":"write","key":"k","call":1,"return":5,"status":409,"tag":"a"}
{"client":2,"step":"write","key":"k","call":2,"return":6,"status":409,"tag":"b"}`},
		{"a lock that may have expired", mutualExclusion, Holds, `
{"client":1,"step":"lock","key":"k","call":1,"return":5,"status":200,"lock":"A"}
{"client":2,"step":"lock","key":"k","call":4,"return":9,"status":200,"lock":"B"}
{"client":2,"step":"unlock","key":"k","call":10,"return":11,"status":200,"lock":"B"}`},
		{"changes of what was created", lifecycle, Violated, `
{"client":1,"step":"create","key":"n","call":1,"return":2,"status":201,"tag":"a"}
{"client":2,"step":"write","key":"n","call":3,"return":6,"status":200,"base":"a","expect":"1","tag":"b"}
{"client":1,"op":1,"step":"write","key":"n","call":4,"return":7,"status":200,"base":"a","expect":"1","tag":"c"}`},
		{"a redirected write may have been done", register, Holds, `
{"client":1,"step":"write","key":"k","call":1,"return":5,"status":307,"tag":"a"}
{"client":2,"step":"write","key":"k","call":2,"return":6,"status":200,"tag":"b"}
{"client":2,"op":1,"step":"read","key":"k","call":7,"return":8,"status":200,"saw":"a"}`},
		{"and one that timed out", honestRefusals, Holds, `
{"client":3,"step":"write","key":"k","call":1,"return":2,"status":409,"expect":"0","base":"z","tag":"c"}
{"client":1,"step":"write","key":"k","call":1,"return":5,"status":408,"tag":"a"}
{"client":2,"step":"write","key":"k","call":2,"return":6,"status":200,"tag":"b"}
{"client":2,"op":1,"step":"read","key":"k","call":7,"return":8,"status":200,"saw":"a"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := verdictOf(t, foreign(t, strings.TrimSpace(test.text)), test.property)
			if p.Verdict != test.want {
				t.Errorf("want %s\n%s", test.want, p.text())
			}
			if p.Verdict == Undecided && p.Reason == "" {
				t.Error("undecided without a reason")
			}
		})
	}
}
