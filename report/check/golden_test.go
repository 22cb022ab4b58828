package check

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tussle/history"
)

var update = flag.Bool("update", false, "write the golden files anew")

func bound(n int64) *int64 { return &n }

// findings has a history for each property, and for each way in which the
// richer ones can be violated; testdata holds the finding as a reader sees it.
var findings = []struct {
	name     string
	property string
	run      run
}{
	// Both clients read the initial state and write on it.
	//   1  R--- W------
	//   2  R---    W--------
	{"lost-update", noLostUpdate, run{workload: counterLoad, strategy: curls, text: `
		obs setup k 0-1 201 tag=init value=10
		1.0 read  k 2-3 200 saw=init value=10 version="1"
		2.0 read  k 2.1-3.2 200 saw=init value=10 version="1"
		1.0 write k 4-5 200 base=init tag=1.0.1 value=11 expect="1"
		2.0 write k 4.4-6 200 base=init tag=2.0.1 value=11 expect="1"
		obs read  k 9-10 200 saw=2.0.1 value=11`}},
	{"lost-update-dropped", noLostUpdate, run{workload: counterLoad, text: `
		obs setup k 0-1 201 tag=init value=10
		1.0 read  k 2-3 200 saw=init value=10
		2.0 read  k 2-3 200 saw=init value=10
		1.0 write k 4-5 200 base=init tag=1.0.1 value=11 expect="1"
		2.0 write k 6-7 409 base=init tag=2.0.1 value=11 expect="1"
		obs read  k 9-10 200 saw=init value=10`}},
	{"lost-addition", noLostUpdate, run{workload: counterLoad, strategy: history.PlanStrategy{Identify: "none"}, text: `
		obs setup k 0-1 201 value=0
		1.0 add k 4-5 200 value=3
		2.0 add k 4.5-6 200 value=3
		obs read k 9-10 200 value=3`}},
	// A proxy delivers the transfer twice, and it is carried out twice.
	{"transfer-twice", noLostUpdate, run{workload: history.PlanWorkload{Kind: kindTransfer, Keys: 2}, strategy: charges, text: `
		obs setup a 0-1 201 value=100
		obs setup b 0-1 201 value=100
		1.0 transfer a 2-4 200 value=10 tag=1.0
		1.0.0 transfer a 3-5 200 value=10 tag=1.0
		op 1.0 transfer a b 2-5 10
		obs read a 8-9 200 value=80
		obs read b 8-9 200 value=120`}},
	{"lost-transfer", noLostUpdate, run{workload: history.PlanWorkload{Kind: kindTransfer, Keys: 2}, strategy: history.PlanStrategy{Locking: "server-side",
		Promises: []string{noLostUpdate}}, text: `
		obs setup a 0-1 201 value=100
		obs setup b 0-1 201 value=100
		1.0 transfer a 2-4 200 value=10 tag=1.0
		op 1.0 transfer a b 2-4 10
		2.0 transfer a 3-5 200 value=5 tag=2.0
		op 2.0 transfer a b 3-5 5
		obs read a 8-9 200 value=90
		obs read b 8-9 200 value=115`}},
	// 3 reads the new state before 4, later, still reads the old one.
	{"register-chain", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		1.0 write k 4-9 200 base=init tag=1.0 expect="1"
		3.0 read  k 5-6 200 saw=1.0
		4.0 read  k 7-8 200 saw=init`}},
	{"register-zones", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 write k 2-3 200 tag=a
		2.0 write k 4-5 200 tag=b
		3.0 read  k 6-7 200 saw=b
		3.1 read  k 8-9 200 saw=a`}},
	{"register-mixed", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 write k 2-3 200 tag=a
		1.1 write k 4-5 200 base=a tag=a2 expect="2"
		2.0 write k 4-6 200 tag=b
		3.0 read  k 7-8 200 saw=b
		3.1 read  k 9-9.5 200 saw=a2
		4.0 read  k 10-11 200 saw=b`}},
	{"register-twice", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		2.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 200 base=init tag=1.0 expect="1"
		2.0 write k 4-6 200 base=init tag=2.0 expect="1"
		1.1 read  k 7-8 200 saw=2.0`}},
	{"register-nobody", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=9.9`}},
	{"register-early", register, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		2.0 read  k 2-3 200 saw=1.0
		1.0 write k 4-5 200 tag=1.0`}},
	// The answer to the write carries the version from before it.
	{"version-twice", oneVersion, run{workload: registerLoad, strategy: history.PlanStrategy{Locking: "optimistic"}, text: `
		obs setup k 0-1 201 tag=init version="1"
		1.0 read  k 2-3 200 saw=init version="1"
		1.0 write k 4-5 200 base=init tag=1.0 expect="1" version="1"
		2.0 read  k 6-7 200 saw=1.0 version="2"`}},
	{"read-went-back", lastRead, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init version="1"
		1.0 read  k 2-3 200 saw=init version="1"
		1.0 write k 4-5 200 base=init tag=1.0 expect="1" version="2"
		2.0 read  k 6-7 200 saw=1.0 version="2"
		obs read  k 8-9 200 saw=init version="1"`}},
	{"refused-but-visible", honestRefusals, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 409 base=init tag=1.0 expect="1"
		2.0 read  k 6-7 200 saw=1.0`}},
	{"refused-without-cause", honestRefusals, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		2.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 412 base=init tag=1.0 expect="1"
		2.0 write k 7-8 200 base=init tag=2.0 expect="1"`}},
	{"refused-by-nobody", honestRefusals, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 412 base=init tag=1.0 expect="1"`}},
	{"refused-as-existing", honestRefusals, run{workload: history.PlanWorkload{Kind: kindCreateOnce}, text: `
		1.0 create k 2-3 409 tag=1.0
		2.0 create k 5-6 201 tag=2.0`}},
	{"refused-as-locked", honestRefusals, run{workload: history.PlanWorkload{Kind: kindLease}, text: `
		1.0 lock   k 0-1 200 lock=A
		1.0 unlock k 2-3 204 lock=A
		2.0 lock   k 4-5 423
		3.0 lock   k 6-7 200 lock=B`}},
	{"session", sessionGuarantees, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 200 base=init tag=1.0 expect="1"
		2.0 read  k 6-7 200 saw=1.0
		2.1 read  k 8-9 200 saw=init`}},
	{"counter-too-low", counterBounds, run{workload: counterLoad, strategy: history.PlanStrategy{Identify: "none"}, text: `
		obs setup k 0-1 201 value=0
		1.0 add  k 2-3 200 value=1
		2.0 add  k 2.5-4 200 value=1
		3.0 read k 5-6 200 value=1`}},
	{"counter-too-high", counterBounds, run{workload: counterLoad, strategy: history.PlanStrategy{Identify: "none"}, text: `
		obs setup k 0-1 201 value=0
		1.0 add  k 2-3 200 value=1
		3.0 read k 2.5-6 200 value=2
		2.0 add  k 7-8 200 value=1`}},
	// The second delivery under one idempotency key is carried out as well.
	{"counter-charged-twice", counterBounds, run{workload: counterLoad, strategy: charges, text: `
		obs setup k 0-1 201 value=0
		1.0.1 add  k 2-3 0 value=1 tag=1.0.1
		1.0.2 add  k 4-5 200 value=1 tag=1.0.1 version="2"
		2.0.1 add  k 4-6 200 value=1 tag=2.0.1 version="3"
		3.0   read k 8-9 200 value=3 saw=2.0.1 version="3"`}},
	{"counter-falls", counterBounds, run{workload: counterLoad, strategy: history.PlanStrategy{Identify: "none"}, text: `
		obs setup k 0-1 201 value=0
		1.0 add  k 2-9 200 value=1
		3.0 read k 3-4 200 value=1
		4.0 read k 5-6 200 value=0`}},
	{"counter-below-floor", counterBounds, run{workload: history.PlanWorkload{Kind: kindCounter, Keys: 1, Floor: bound(0)}, text: `
		obs setup k 0-1 201 value=1 tag=init
		1.0 read  k 2-3 200 saw=init value=1
		2.0 read  k 2-3 200 saw=init value=1
		1.0 write k 4-5 200 base=init tag=a value=0
		2.0 write k 4-6 200 base=a tag=b value=-1
		obs read  k 8-9 200 saw=b value=-1`}},
	{"append-lost", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 200 value=x1
		2.0 append k 2-4 200 value=x2
		3.0 read   k 5-6 200 value=["x2"]`}},
	// The whole list is read and written back; 2's write replaces 1's.
	{"append-overwritten", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, strategy: curls, text: `
		obs setup  k 0-1 201 value=["a"] tag=init
		1.0 read   k 2-3 200 value=["a"] saw=init
		2.0 read   k 2-3 200 value=["a"] saw=init
		1.0 write  k 4-5 200 value=x1 tag=1.0 base=init
		2.0 write  k 4-6 200 value=x2 tag=2.0 base=init
		3.0 read   k 7-8 200 value=["a","x2"] saw=2.0`}},
	{"append-gone", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 0 value=x1
		3.0 read   k 5-6 200 value=["x1"]
		4.0 read   k 7-8 200 value=[]`}},
	{"append-twice", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 200 value=x1
		3.0 read   k 5-6 200 value=["x1","x1"]`}},
	{"append-delivered-twice", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0.1 append k 2-3 503 value=x1 tag=1.0
		1.0.2 append k 4-5 200 value=x1 tag=1.0
		2.0.1 append k 4-5 200 value=x2 tag=2.0
		3.0 read   k 6-7 200 value=["x1","x1","x2"]`}},
	{"append-moved", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 200 value=x1
		2.0 append k 2-4 200 value=x2
		3.0 read   k 5-6 200 value=["x2","x1"]
		3.1 read   k 7-8 200 value=["x1","x2"]`}},
	{"append-order", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 200 value=x1
		2.0 append k 4-5 200 value=x2
		3.0 read   k 6-7 200 value=["x2","x1"]`}},
	{"append-refused", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		1.0 append k 2-3 409 value=x1
		3.0 read   k 5-6 200 value=["x1"]`}},
	{"append-early", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=[]
		3.0 read   k 2-3 200 value=["x1"]
		1.0 append k 4-5 200 value=x1`}},
	{"append-nobody", appendOnly, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup  k 0-1 201 value=["a"]
		3.0 read   k 2-3 200 value=["a","x1"]`}},
	{"conservation-final", conservation, run{workload: history.PlanWorkload{Kind: kindTransfer, Keys: 2}, text: `
		obs setup a 0-1 201 value=100 tag=init
		obs setup b 0-1 201 value=100 tag=init
		1.0 read  a 2-3 200 saw=init value=100
		2.0 read  a 2-3 200 saw=init value=100
		1.0 write a 4-5 200 base=init tag=1.a value=90
		2.0 write a 4.5-6 200 base=init tag=2.a value=95
		1.0 read  b 7-8 200 saw=init value=100
		1.0 write b 9-10 200 base=init tag=1.b value=110
		2.0 read  b 11-12 200 saw=1.b value=110
		2.0 write b 13-14 200 base=1.b tag=2.b value=115
		op 1.0 transfer a b 2-10 10
		op 2.0 transfer a b 2-14 5
		obs read a 20-21 200 saw=2.a value=95
		obs read b 20-21 200 saw=2.b value=115`}},
	{"conservation-sheet", conservation, run{workload: history.PlanWorkload{Kind: kindTransfer, Keys: 2}, strategy: history.PlanStrategy{Locking: "server-side"}, text: `
		obs setup a 0-1 201 value=100
		obs setup b 0-1 201 value=100
		1.0 transfer a 2-6 200 value=10
		op 1.0 transfer a b 2-6 10
		2.0 list all 3-4 200 value={"a":90,"b":100}
		obs read a 20-21 200 value=90
		obs read b 20-21 200 value=110`}},
	{"conservation-floor", conservation, run{workload: history.PlanWorkload{Kind: kindTransfer, Keys: 2, Floor: bound(0)}, strategy: history.PlanStrategy{Locking: "server-side"}, text: `
		obs setup a 0-1 201 value=10
		obs setup b 0-1 201 value=0
		1.0 transfer a 2-6 200 value=10
		op 1.0 transfer a b 2-6 10
		2.0 transfer a 3-7 200 value=10
		op 2.0 transfer a b 3-7 10
		obs read a 20-21 200 value=-10
		obs read b 20-21 200 value=20`}},
	{"create-twice", createOnce, run{workload: history.PlanWorkload{Kind: kindCreateOnce}, strategy: curls, text: `
		1.0 create n 2-4 201 tag=1.0
		2.0 create n 3-5 201 tag=2.0
		obs read   n 8-9 200 saw=2.0`}},
	{"create-lost", createOnce, run{workload: history.PlanWorkload{Kind: kindCreateOnce}, text: `
		1.0 create n 2-4 201 tag=1.0
		2.0 create n 3-5 409 tag=2.0
		obs read   n 8-9 404`}},
	{"create-other", createOnce, run{workload: history.PlanWorkload{Kind: kindCreateOnce}, text: `
		1.0 create n 2-4 201 tag=1.0
		2.0 create n 3-5 0 tag=2.0
		obs read   n 8-9 200 saw=2.0`}},
	// The second change was built on the life that 2 had deleted.
	{"lifecycle-aba", lifecycle, run{workload: history.PlanWorkload{Kind: kindLifecycle}, text: `
		1.0 create k 0-1 201 tag=c1 version="1"
		2.0 read   k 2-3 200 saw=c1 version="1"
		3.0 read   k 2-3 200 saw=c1 version="1"
		2.0 delete k 4-5 204 base=c1 tag=d1 expect="1"
		1.1 create k 6-7 201 tag=c2 version="1"
		3.0 write  k 8-9 200 base=c1 tag=w1 expect="1" version="2"`}},
	{"lifecycle-two", lifecycle, run{workload: history.PlanWorkload{Kind: kindLifecycle}, text: `
		1.0 create k 0-3 201 tag=c1
		2.0 create k 1-4 201 tag=c2
		obs read k 8-9 200 saw=c2`}},
	{"lifecycle-gone", lifecycle, run{workload: history.PlanWorkload{Kind: kindLifecycle}, text: `
		1.0 create k 0-1 201 tag=c1
		2.0 read   k 2-3 404
		3.0 read   k 4-5 200 saw=c1
		3.0 delete k 6-7 204 base=c1 tag=d1 expect=1`}},
	{"lifecycle-vanished", lifecycle, run{workload: history.PlanWorkload{Kind: kindLifecycle}, text: `
		1.0 create k 0-1 201 tag=c1
		2.0 read   k 2-3 404`}},
	{"orphan-accepted", parentChild, run{workload: history.PlanWorkload{Kind: kindParentChild}, text: `
		obs setup  p 0-1 201
		1.0 delete p 2-3 204
		2.0 create p/x 4-5 201 tag=2.0
		obs read p 8-9 404`}},
	{"orphan-listed", parentChild, run{workload: history.PlanWorkload{Kind: kindParentChild}, text: `
		obs setup  p 0-1 201
		1.0 delete p 2-5 204
		2.0 create p/x 3-4 201 tag=2.0
		obs read p 8-9 404
		obs list p 10-11 200 value=["x"]`}},
	{"child-lost", parentChild, run{workload: history.PlanWorkload{Kind: kindParentChild}, text: `
		obs setup  p 0-1 201
		1.0 delete p 2-5 409
		2.0 create p/x 3-4 201 tag=2.0
		obs read p 8-9 200
		obs list p 10-11 200 value=[]`}},
	// 1 holds from 1 to 6, 2 from 4 to 8.
	{"two-holders", mutualExclusion, run{workload: history.PlanWorkload{Kind: kindLease}, strategy: history.PlanStrategy{Locking: "pessimistic"}, text: `
		1.0 lock   k 0-1 200 lock=A
		2.0 lock   k 3-4 200 lock=B
		1.0 unlock k 6-7 409 lock=A
		2.0 unlock k 8-9 204 lock=B`}},
	{"lease-two-holders", mutualExclusion, run{workload: history.PlanWorkload{Kind: kindLease}, strategy: history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 5e6}, text: `
		1.0 lock    k 0-1 200 lock=A
		1.0 refresh k 4-5 200 lock=A
		2.0 lock    k 6-7 200 lock=B`}},
	{"lease-forgotten", mutualExclusion, run{workload: history.PlanWorkload{Kind: kindLease}, strategy: history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 50e6}, text: `
		1.0 lock    k 0-1 200 lock=A
		kill 4-20
		2.0 lock    k 25-26 200 lock=B
		1.0 unlock  k 30-31 409 lock=A
		2.0 unlock  k 32-33 204 lock=B`}},
	{"fence-ignored", fencing, run{workload: counterLoad, strategy: history.PlanStrategy{Locking: "pessimistic", Fencing: true}, text: `
		1.0 lock  k 0-1 200 lock=A fence=1
		2.0 lock  k 10-11 200 lock=B fence=2
		2.0 write k 12-13 200 tag=b lock=B fence=2
		1.0 write k 14-15 200 tag=a lock=A fence=1`}},
	{"fence-repeated", fencing, run{workload: counterLoad, strategy: history.PlanStrategy{Locking: "pessimistic", Fencing: true}, text: `
		1.0 lock  k 0-1 200 lock=A fence=7
		2.0 lock  k 10-11 200 lock=B fence=7`}},
	{"stuck", progress, run{workload: history.PlanWorkload{Kind: kindLease}, strategy: history.PlanStrategy{Locking: "pessimistic"}, text: `
		1.0 lock k 0-1 423
		1.0 lock k 50-51 423
		2.0 lock k 60-61 423
		2.0 lock k 90-91 423
		1.0 lock k 100-101 423
		1.0 lock k 150-151 423
		1.0 lock k 200-201 423
		2.0 lock k 250-251 423
		1.0 lock k 260-261 423
		1.0 lock k 300-301 423`}},
	{"ack-before-durable", durability, run{workload: registerLoad, text: `
		obs setup k 0-1 201 tag=init
		1.0 read  k 2-3 200 saw=init
		1.0 write k 4-5 200 base=init tag=1.0 expect="1"
		kill 6-20
		2.0 read  k 25-26 200 saw=init`}},
	{"counter-before-kill", durability, run{workload: counterLoad, strategy: history.PlanStrategy{Identify: "none"}, text: `
		obs setup k 0-1 201 value=0
		1.0 add k 2-3 200 value=1
		2.0 add k 4-5 200 value=1
		kill 6-20
		2.1 read k 25-26 200 value=1`}},
	{"element-before-kill", durability, run{workload: history.PlanWorkload{Kind: kindAppend}, text: `
		obs setup k 0-1 201 value=[]
		1.0 append k 2-3 200 value=x1
		kill 6-20
		2.1 read k 25-26 200 value=[]`}},
	{"name-before-kill", durability, run{workload: history.PlanWorkload{Kind: kindCreateOnce}, text: `
		1.0 create n 2-3 201 tag=1.0
		kill 6-20
		2.1 read n 25-26 404`}},
	// Each reads 1 on both and signs itself off.
	{"write-skew", writeSkew, run{workload: history.PlanWorkload{Kind: kindPair, Keys: 2}, text: `
		obs setup a 0-1 201 value=1 tag=init
		obs setup b 0-1 201 value=1 tag=init
		1.0 read  a 2-3 200 saw=init value=1
		1.0 read  b 3-4 200 saw=init value=1
		2.0 read  b 2-3 200 saw=init value=1
		2.0 read  a 3-4 200 saw=init value=1
		1.0 write a 5-6 200 base=init tag=1.0 value=0 expect="1"
		2.0 write b 5-7 200 base=init tag=2.0 value=0 expect="1"
		op 1.0 pair a b 2-6 0
		op 2.0 pair b a 2-7 0
		obs read a 9-10 200 saw=1.0 value=0
		obs read b 9-10 200 saw=2.0 value=0`}},
	{"write-skew-for-a-while", writeSkew, run{workload: history.PlanWorkload{Kind: kindPair, Keys: 2}, text: `
		obs setup a 0-1 201 value=1 tag=init
		obs setup b 0-1 201 value=1 tag=init
		1.0 write a 5-6 200 base=init tag=1.0 value=0 expect="1"
		2.0 write b 5-7 200 base=init tag=2.0 value=0 expect="1"
		1.1 write a 11-12 200 base=1.0 tag=1.1 value=1 expect="2"
		2.1 write b 10-12 200 base=2.0 tag=2.1 value=1 expect="2"
		op 1.0 pair a b 2-6 0
		op 2.0 pair b a 2-7 0
		obs read a 19-20 200 saw=1.1 value=1
		obs read b 19-20 200 saw=2.1 value=1`}},
}

var registerLoad = history.PlanWorkload{Kind: kindRegister, Keys: 1}

const local = "http://127.0.0.1:8080"

var curls = history.PlanStrategy{Name: "optimistic", Locking: "optimistic", Requests: map[string]history.PlanRequest{
	"read": {Method: "GET", Base: local, Path: "/items/{key}"},
	"write": {Method: "PUT", Base: local, Path: "/items/{key}", Headers: []history.PlanField{{Name: "If-Match", Value: "{version}"}},
		Body: map[string]any{"value": "{value}", "tag": "{tag}"}},
	"create": {Method: "PUT", Base: local, Path: "/items/{key}", Headers: []history.PlanField{{Name: "If-None-Match", Value: "*"}}, Body: map[string]any{"tag": "{tag}"}},
}}

var charges = history.PlanStrategy{Name: "server-side", Locking: "server-side", Promises: []string{noLostUpdate}, Requests: map[string]history.PlanRequest{
	"read": {Method: "GET", Base: local, Path: "/items/{key}"},
	"add": {Method: "POST", Base: local, Path: "/items/{key}/add", Headers: []history.PlanField{{Name: "Idempotency-Key", Value: "{idempotency_key:quote}"}},
		Body: map[string]any{"amount": "{amount}", "tag": "{tag}"}},
	"transfer": {Method: "POST", Base: local, Path: "/transfer", Body: map[string]any{"amount": "{amount}", "from": "{from}", "to": "{to}", "tag": "{tag}"}},
}}

func TestFindings(t *testing.T) {
	for _, f := range findings {
		t.Run(f.name, func(t *testing.T) {
			p := f.run.property(t, f.property)
			if p.Verdict != Violated {
				t.Fatalf("%s", p.text())
			}
			for _, finding := range p.Findings {
				if len(finding.Requests) == 0 || len(finding.Requests) > maxRequests {
					t.Errorf("%d requests in a finding", len(finding.Requests))
				}
			}
			file := filepath.Join("testdata", f.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(p.text()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if p.text() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", p.text(), want)
			}
		})
	}
}

// Every property has a golden finding.
func TestFindingsCoverProperties(t *testing.T) {
	for _, c := range Properties {
		found := false
		for _, f := range findings {
			found = found || f.property == c.Name
		}
		if !found {
			t.Errorf("%s has no golden finding", c.Name)
		}
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < len(findings) {
		t.Errorf("%d golden files for %d findings", len(entries), len(findings))
	}
	for _, e := range entries {
		known := false
		for _, f := range findings {
			known = known || f.name == strings.TrimSuffix(e.Name(), ".txt")
		}
		if !known && strings.HasSuffix(e.Name(), ".txt") {
			t.Errorf("testdata/%s belongs to no finding", e.Name())
		}
	}
}
