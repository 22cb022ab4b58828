package check

import "testing"

// TestFloorOfListedBalances: a balance below the floor is one, however it was
// read.
func TestFloorOfListedBalances(t *testing.T) {
	floored := aBank
	floored.Floor = bound(0)
	const done = `
		obs setup a 0-1 201 value=100
		obs setup b 0-1 201 value=100
		1.0 transfer a 2-6 200 value=10
		op 1.0 transfer a b 2-6 10
		2.0 transfer a 3-6 409 value=10`
	testRules(t, []rule{
		{"a list shows an account below the floor", conservation, run{workload: floored, strategy: server, text: done + `
			2.1 list all 7-8 200 value={"a":-5,"b":205}
			2.2 list all 9-10 200 value={"a":-1}
			obs read a 20-21 200 value=90
			obs read b 20-21 200 value=110`}, Violated, 2},
		{"a list at the floor, and of what is no account", conservation, run{workload: floored, strategy: server, text: done + `
			2.1 list all 7-8 200 value={"a":0,"b":200,"other":-7}
			obs read a 20-21 200 value=90
			obs read b 20-21 200 value=110`}, Holds, 0},
	})
}
