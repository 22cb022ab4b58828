package check

import (
	"testing"

	"tussle/history"
)

func TestLastReadRules(t *testing.T) {
	chain := `
		obs setup k 0-1 201 tag=init version=1
		1.0 read  k 1-2 200 saw=init version=1
		1.0 write k 2-3 200 tag=a base=init expect=1 version=2
		2.0 write k 2-3 412 tag=x base=init expect=1
		2.1 read  k 4-5 200 saw=a version=2
		2.1 write k 6-7 200 tag=b base=a expect=2 version=3`
	adds := `
		obs setup k 0-1 201 value=0
		1.0 add   k 2-4 200 value=1
		2.0 add   k 3-5 200 value=1`
	for _, test := range []struct {
		name       string
		run        run
		went, lost int64
	}{
		{"a read that went back loses nothing", run{workload: registerLoad, text: chain + `
			3.0 read k 8-9 200 saw=b version=3
			obs read k 10-11 200 saw=init version=1`}, 1, 0},
		{"nor what was built on what was read", run{workload: registerLoad, text: chain + `
			obs read k 10-11 200 saw=init version=1`}, 1, 0},
		{"what nobody saw is lost", run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-3 200 tag=a base=init expect=1 version=2
			2.0 write k 2-3 412 tag=x base=init expect=1
			obs read  k 10-11 200 saw=init version=1`}, 0, 1},
		{"twice the older state is no slip", run{workload: registerLoad, text: chain + `
			3.0 read k 8-9 200 saw=b version=3
			3.1 read k 10-11 200 saw=init version=1
			obs read k 12-13 200 saw=init version=1`}, 0, 2},
		{"what was overwritten is lost, though it was seen", run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-3 200 tag=a base=init expect=1 version=2
			3.0 read  k 4-5 200 saw=a version=2
			2.0 write k 2-7 200 tag=b base=init expect=1 version=2
			obs read  k 10-11 200 saw=b version=2`}, 0, 1},
		{"after a kill it is lost", run{workload: registerLoad, text: chain + `
			3.0 read k 8-9 200 saw=b version=3
			kill 9.5-9.8
			obs read k 10-11 200 saw=init version=1`}, 0, 2},
		{"two that replaced one state are a loss all the same", run{workload: registerLoad, text: chain + `
			4.0 write k 6-7 200 tag=c base=a expect=2 version=3
			3.0 read k 8-9 200 saw=b version=3
			obs read k 10-11 200 saw=init version=1`}, 1, 1},
		{"a sum that had been read whole", run{workload: counterLoad, strategy: server, text: adds + `
			3.0 read k 6-7 200 value=2
			obs read k 10-11 200 value=1`}, 1, 0},
		{"a sum that was read while writes were under way may have been set back", run{workload: counterLoad, strategy: server, text: adds + `
			3.0 read k 4.5-7 200 value=2
			obs read k 10-11 200 value=1`}, 0, 1},
		{"a sum that never was whole", run{workload: counterLoad, strategy: server, text: adds + `
			3.0 read k 6-7 200 value=1
			obs read k 10-11 200 value=1`}, 0, 1},
		{"sums that only rise", run{workload: counterLoad, strategy: server, text: adds + `
			3.0 read k 3-4 200 value=1
			obs read k 10-11 200 value=2`}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run.strategy.Promises = []string{noLostUpdate}
			went, lost := test.run.property(t, lastRead), test.run.property(t, noLostUpdate)
			if went.Violations != test.went || lost.Violations != test.lost {
				t.Errorf("went back %d, lost %d; want %d and %d\n%s%s", went.Violations, lost.Violations, test.went, test.lost, went.text(), lost.text())
			}
			if went.Promised != (went.Verdict == Violated) {
				t.Errorf("a broken part of a promise breaks it\n%s", went.text())
			}
		})
	}
}

func TestOneVersionRules(t *testing.T) {
	ifMatch := history.PlanStrategy{Locking: "optimistic"}
	noTags := history.PlanStrategy{Locking: "optimistic", Identify: "version"}
	testRules(t, []rule{
		{"a version of two states", oneVersion, run{workload: counterLoad, strategy: ifMatch, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-3 200 tag=a base=init expect=1 version=2
			2.0 write k 4-5 200 tag=b base=a expect=2 version=2`}, Violated, 1},
		{"two versions of one state", oneVersion, run{workload: counterLoad, strategy: ifMatch, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-3 200 tag=a base=init expect=1 version=W/2
			2.0 read  k 4-5 200 saw=a version=2`}, Holds, 0},
		{"a delete is told the version of what it deleted", oneVersion, run{workload: aLife, strategy: ifMatch, text: `
			obs setup  k 0-1 201 tag=init version=1
			1.0 delete k 2-3 204 tag=a base=init expect=1 version=1`}, Holds, 0},
		{"a version that comes back with a new life", oneVersion, run{workload: aLife, strategy: ifMatch, text: `
			1.0 create k 0-1 201 tag=c version=1
			1.0 delete k 2-3 204 tag=d base=c expect=1
			1.1 create k 4-5 201 tag=e version=1`}, Violated, 1},
		{"without tags, a version of two numbers", oneVersion, run{workload: counterLoad, strategy: noTags, text: `
			1.0 read k 0-1 200 version=7 value=3
			2.0 read k 2-3 200 version=7 value=4`}, Violated, 1},
		{"of one number, it may be one state", oneVersion, run{workload: counterLoad, strategy: noTags, text: `
			1.0 read k 0-1 200 version=7 value=3
			2.0 read k 2-3 200 version=7 value=3
			obs write k 4-5 200 version=8 value=4`}, Holds, 0},
		{"set-up's version is the initial state's", oneVersion, run{workload: registerLoad, strategy: ifMatch, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-5 200 tag=a version=1
			2.0 write k 3-6 412 tag=b`}, Violated, 1},
		{"two reads of one version", oneVersion, run{workload: registerLoad, strategy: ifMatch, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 200 tag=a
			2.0 write k 3-6 200 tag=b
			3.0 read  k 7-8 200 saw=a version=7
			2.1 write k 9-10 200 tag=c
			3.1 read  k 11-12 200 saw=c version=7`}, Violated, 1},
		{"no version was told", oneVersion, run{workload: counterLoad, strategy: ifMatch, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a base=init`}, NotExercised, 0},
	})
}
