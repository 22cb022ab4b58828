package main

import (
	"strings"
	"testing"
)

func TestPassKeepsWhatGoTestPrints(t *testing.T) {
	in := `{"Action":"build-output","ImportPath":"p","Output":"a.go:1: what\n"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a log\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":2.5}
{"Action":"output","Package":"p","Test":"TestB","Output":"    why it failed\n"}
{"Action":"fail","Package":"p","Test":"TestB","Elapsed":7}
{"Action":"output","Package":"p","Test":"TestC","Output":"panic: cut off\n"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t9.5s\n"}
{"Action":"fail","Package":"p","Elapsed":9.5}
`
	var out strings.Builder
	if err := pass(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := "a.go:1: what\n    why it failed\nFAIL\tp\t9.5s\npanic: cut off\nlongest tests:\n     7.0 s  p TestB\n     2.5 s  p TestA\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
