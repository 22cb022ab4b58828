package check

import (
	"testing"

	"tussle/history"
)

var counterLoad = history.PlanWorkload{Kind: kindCounter, Keys: 1}

func TestLostUpdate(t *testing.T) {
	tests := []struct {
		name       string
		run        run
		want       Verdict
		violations int64
	}{
		{"two accepted writes on one version, the second stays", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			2.0 read  k 2-3 200 saw=init value=0
			1.0 write k 4-5 200 base=init tag=1.0.1 value=1 expect="1"
			2.0 write k 4-6 200 base=init tag=2.0.1 value=1 expect="1"
			obs read  k 9-10 200 saw=2.0.1 value=1`}, Violated, 1},
		{"one of them is refused", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			2.0 read  k 2-3 200 saw=init value=0
			1.0 write k 4-5 412 base=init tag=1.0.1 value=1 expect="1"
			2.0 write k 4-6 200 base=init tag=2.0.1 value=1 expect="1"
			obs read  k 9-10 200 saw=2.0.1 value=1`}, Holds, 0},
		{"an acknowledged write that never was", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			2.0 read  k 2-3 200 saw=init value=0
			2.0 write k 4-6 412 base=init tag=2.0.1 value=1 expect="1"
			1.0 write k 4-5 200 base=init tag=1.0.1 value=1 expect="1"
			obs read  k 9-10 200 saw=init value=0`}, Violated, 1},
		{"a whole branch is lost with its first write", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			2.0 read  k 2-3 200 saw=init value=0
			1.0 write k 4-5 200 base=init tag=a value=1
			1.1 read  k 6-7 200 saw=a value=1
			1.1 write k 8-9 200 base=a tag=b value=2
			2.0 write k 10-11 200 base=init tag=c value=1
			obs read  k 12-13 200 saw=c value=1`}, Violated, 2},
		{"an unanswered write explains the end", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			2.0 read  k 2-3 200 saw=init value=0
			1.0 write k 4-5 0 base=init tag=a value=1
			2.1 read  k 4.5-7 200 saw=a value=1
			2.1 write k 8-9 200 base=a tag=b value=2
			obs read  k 12-13 200 saw=b value=2`}, Holds, 0},
		{"one client alone", run{workload: counterLoad, text: `
			obs setup k 0-1 201 tag=init value=0
			1.0 read  k 2-3 200 saw=init value=0
			1.0 write k 4-5 200 base=init tag=a value=1
			obs read  k 12-13 200 saw=a value=1`}, NotExercised, 0},
		{"additions on the server, one is missing", run{workload: counterLoad, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 4-5 200 value=1
			2.0 add k 4-6 200 value=1
			obs read  k 12-13 200 value=1`}, Violated, 1},
		{"additions on the server, an unanswered one may be there or not", run{workload: counterLoad, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 4-5 200 value=1
			2.0 add k 4-6 0 value=1
			obs read  k 12-13 200 value=1`}, Holds, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := test.run.property(t, noLostUpdate)
			if p.Verdict != test.want || p.Violations != test.violations {
				t.Errorf("got %s with %d violations, want %s with %d\n%s", p.Verdict, p.Violations, test.want, test.violations, p.text())
			}
		})
	}
}
