package dialect

import (
	"fmt"
	"strings"
	"testing"

	"tussle/history"
	"tussle/runner/transport"
)

// TestSteadyStateAllocatesNothing: neither rendering nor reading the built-in
// etag dialect costs an allocation, refusals included.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	d, _ := recorded(t, "testdata/etag.txt")
	var req transport.Request
	var a Answer
	v := set(map[Var]Text{Key: {S: "b3-k5"}, Version: {S: `"7"`}, Value: {S: "42", Raw: true}, Tag: {S: "c12-o345-a1"}})
	read := respond(200, `{"key":"b3-k5","value":41,"tag":"c1-o2-a1","version":7}`, "ETag", `"7"`, "Content-Type", "application/json")
	wrote := respond(200, `{"version":8}`, "ETag", `"8"`, "Content-Type", "application/json")
	stale := respond(412, `{"type":"/problems/stale-version","title":"stale version","status":412,"instance":"/items/b3-k5","current_version":8}`, "Content-Type", "application/problem+json")
	for name, f := range map[string]func(){
		"render a read":   func() { _ = d.Render(history.StepRead, v, &req) },
		"render a write":  func() { _ = d.Render(history.StepWrite, v, &req) },
		"read a read":     func() { d.Read(history.StepRead, read, &a) },
		"read a write":    func() { d.Read(history.StepWrite, wrote, &a) },
		"read a refusal":  func() { d.Read(history.StepWrite, stale, &a) },
		"read an absence": func() { d.Read(history.StepRead, stale, &a) },
	} {
		if n := testing.AllocsPerRun(200, f); n != 0 {
			t.Errorf("to %s allocates %v times", name, n)
		}
	}
}

func BenchmarkRenderWrite(b *testing.B) {
	d, _ := recorded(b, "testdata/etag.txt")
	var req transport.Request
	v := set(map[Var]Text{Key: {S: "b3-k5"}, Version: {S: `"7"`}, Value: {S: "42", Raw: true}, Tag: {S: "c12-o345-a1"}})
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Render(history.StepWrite, v, &req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderRead(b *testing.B) {
	d, _ := recorded(b, "testdata/etag.txt")
	var req transport.Request
	v := set(map[Var]Text{Key: {S: "b3-k5"}})
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Render(history.StepRead, v, &req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	d, list := recorded(b, "testdata/etag.txt")
	for _, i := range []int{1, 3, 4} {
		e := list[i]
		b.Run(e.name, func(b *testing.B) {
			step := history.StepWrite
			if i == 1 {
				step = history.StepRead
			}
			resp := e.answer(b)
			var a Answer
			b.ReportAllocs()
			for b.Loop() {
				d.Read(step, resp, &a)
			}
		})
	}
}

func BenchmarkWholeDocument(b *testing.B) {
	d, _ := recorded(b, "testdata/terraform-http.txt")
	var req transport.Request
	v := set(map[Var]Text{Key: {S: "k"}, Lock: {S: "l"}, Value: {S: "42", Raw: true}, Tag: {S: "t"},
		ReadBody: {S: fmt.Sprintf(`{"version":4,"pad":%q,"outputs":{"value":{"value":3}}}`, strings.Repeat("x", 1000)), Raw: true}})
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Render(history.StepWrite, v, &req); err != nil {
			b.Fatal(err)
		}
	}
}
