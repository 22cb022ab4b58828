package check

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tussle/history"
)

// Sound servers of several keys, for whose rules no general search stands by:
// whatever the clock, lost answers, late arrivals and second deliveries do,
// nothing that they promise may be called violated. A careless twin of each is
// found out.

// scene is a server with its clients; careless is how often it breaks its word.
type scene struct {
	name     string
	workload history.PlanWorkload
	strategy history.PlanStrategy
	make     func(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation)
}

var scenes = []scene{
	{"transfers by one request", history.PlanWorkload{Kind: kindTransfer, Keys: 3, Floor: bound(0)}, history.PlanStrategy{Locking: "server-side", Identify: "none"}, oneRequestTransfers},
	{"transfers by two writes", history.PlanWorkload{Kind: kindTransfer, Keys: 3}, history.PlanStrategy{Locking: "optimistic", Identify: "tag"}, twoWriteTransfers},
	{"pairs", aPair, history.PlanStrategy{Locking: "server-side", Identify: "tag"}, pairsOnCall},
	{"parents and children", aFamily, history.PlanStrategy{Locking: "server-side", Identify: "tag"}, families},
	{"leases", aLease, history.PlanStrategy{Locking: "pessimistic", Identify: "tag", Fencing: true, LeaseTTL: 12}, leases},
}

func TestSoundServersAreNotAccused(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(oracleSeed, 13))
			held, found := 0, 0
			for i := range 3000 {
				careless := 0.0
				if i%3 == 0 {
					careless = 0.2
				}
				h, ops := s.make(rng, careless)
				h = filed(rng, h)
				ps := s.judge(h, ops)
				bad := slices.ContainsFunc(ps, func(p Property) bool { return p.Verdict == Violated })
				switch {
				case careless > 0 && bad:
					found++
				case bad:
					t.Fatalf("a sound server is accused\n%s", s.show(h, ops, ps))
				case slices.ContainsFunc(ps, func(p Property) bool { return p.Verdict == Holds }):
					held++
				}
			}
			if held < 1000 || found < 50 {
				t.Errorf("%d sound histories hold and %d careless ones are found, too few to mean anything", held, found)
			}
		})
	}
}

func (s scene) judge(h []history.Request, ops []history.Operation) []Property {
	j := New()
	rec := history.Record{Kind: history.KindHeader, Line: 1}
	rec.Header.Plan.Workload = s.workload
	rec.Header.Plan.Strategies = []history.PlanStrategy{s.strategy}
	_ = j.Add(&rec)
	_ = j.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{End: 1}})
	for i := range h {
		_ = j.Add(&history.Record{Kind: history.KindRequest, Request: h[i], Line: int64(i + 2)})
	}
	for i := range ops {
		_ = j.Add(&history.Record{Kind: history.KindOperation, Operation: ops[i]})
	}
	_ = j.Add(&history.Record{Kind: history.KindEvent, Event: history.Event{Name: history.EventEnd}})
	return j.Finish()[0]
}

func (s scene) show(h []history.Request, ops []history.Operation, ps []Property) string {
	var b strings.Builder
	for i := range h {
		b.Write(h[i].AppendJSON(nil))
	}
	for i := range ops {
		b.Write(ops[i].AppendJSON(nil))
	}
	for _, p := range ps {
		if p.Verdict == Violated {
			b.WriteString(p.text())
		}
	}
	return b.String()
}

func newSim(rng *rand.Rand) *sim {
	return &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 8 + rng.IntN(16), unknown: []float64{0, 0.1, 0.3}[rng.IntN(3)], learn: func(*history.Request) {}}
}

func answered(r *history.Request, status int, class history.Class, effect history.Effect) {
	r.Status, r.Class, r.Effect = status, class, effect
}

var accountNames = []string{"a", "b", "c"}

func setups(value string) []history.Request {
	var out []history.Request
	for i, key := range accountNames {
		out = append(out, history.Request{Client: -1, Step: history.StepSetup, Key: key, Value: value, Tag: "init", Status: 201, Class: history.OK,
			Effect: history.Applied, Call: int64(i*2 - 20), Return: int64(i*2 - 19)})
	}
	return out
}

// oneRequestTransfers: the server moves the amount, or refuses; what is sent
// again under its tag is done once.
func oneRequestTransfers(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation) {
	balance := map[string]int64{"a": 20, "b": 20, "c": 20}
	done := map[string]bool{}
	sent := make([]*history.Request, 6)
	var ops []history.Operation
	to := map[string]string{}
	s := newSim(rng)
	serial := 0
	s.next = func(client, op int) history.Request {
		if sent[client] != nil && rng.IntN(2) == 0 {
			r := *sent[client]
			r.Attempt++
			return r
		}
		sent[client] = nil
		from, dest := accountNames[rng.IntN(3)], accountNames[rng.IntN(3)]
		switch {
		case rng.IntN(3) == 0:
			return history.Request{Step: history.StepRead, Key: from}
		case rng.IntN(3) == 0:
			return history.Request{Step: history.StepList, Key: "all"}
		case from == dest:
			return history.Request{Step: history.StepRead, Key: from}
		}
		serial++
		r := history.Request{Step: history.StepTransfer, Key: from, Value: strconv.Itoa(1 + rng.IntN(12)), Tag: strconv.Itoa(serial), Op: op, Attempt: 1}
		to[r.Tag] = dest
		n, _ := strconv.ParseInt(r.Value, 10, 64)
		ops = append(ops, history.Operation{Client: client, Op: op, Intent: history.IntentTransfer, Key: from, Key2: dest, Amount: n})
		sent[client] = &r
		return r
	}
	s.learn = func(r *history.Request) { sent[r.Client] = nil }
	s.apply = func(r *history.Request) {
		answered(r, 200, history.OK, "")
		bad := chance(rng, careless)
		switch r.Step {
		case history.StepRead:
			r.Value = strconv.FormatInt(balance[r.Key], 10)
		case history.StepList:
			r.Value = `{"a":` + strconv.FormatInt(balance["a"], 10) + `,"b":` + strconv.FormatInt(balance["b"], 10) + `,"c":` + strconv.FormatInt(balance["c"], 10) + `}`
		case history.StepTransfer:
			n, _ := strconv.ParseInt(r.Value, 10, 64)
			r.Effect = history.Applied
			switch {
			case done[r.Tag] && !bad:
			case balance[r.Key] < n && !bad:
				answered(r, 409, history.Rejected, history.Refused)
			default:
				done[r.Tag] = true
				balance[r.Key] -= n
				if !bad {
					balance[to[r.Tag]] += n
				}
			}
		}
	}
	for _, key := range accountNames {
		s.last = append(s.last, history.Request{Step: history.StepRead, Key: key})
	}
	return append(setups("20"), s.run()...), ops
}

// twoWriteTransfers: each leg is read, then written on condition.
func twoWriteTransfers(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation) {
	type account struct {
		value int64
		tag   string
	}
	at := map[string]account{"a": {20, "init"}, "b": {20, "init"}, "c": {20, "init"}}
	type leg struct {
		op     int // of ops
		second bool
		read   *history.Request
		sent   bool
		number int
	}
	legs := make([]*leg, 6)
	var ops []history.Operation
	s := newSim(rng)
	s.ops *= 3
	serial := 0
	s.next = func(client, op int) history.Request {
		if l := legs[client]; l != nil && l.sent { // no answer came: it is left as it is
			legs[client] = nil
		}
		l := legs[client]
		if l == nil {
			if rng.IntN(4) == 0 {
				return history.Request{Step: history.StepList, Key: "all"}
			}
			from := rng.IntN(3)
			l = &leg{op: len(ops), number: op}
			legs[client] = l
			ops = append(ops, history.Operation{Client: client, Op: op, Intent: history.IntentTransfer, Key: accountNames[from], Key2: accountNames[(from+1)%3],
				Call: s.now, Return: 900, Amount: int64(1 + rng.IntN(9)), Outcome: history.OutcomeUnknown})
		}
		o := &ops[l.op]
		key, amount := o.Key, -o.Amount
		if l.second {
			key, amount = o.Key2, o.Amount
		}
		r := history.Request{Step: history.StepRead, Key: key, Op: l.number, Attempt: 1}
		if l.read != nil {
			serial++
			n, _ := strconv.ParseInt(l.read.Value, 10, 64)
			r.Step, r.Value, r.Tag, r.Base, r.Expect = history.StepWrite, strconv.FormatInt(n+amount, 10), strconv.Itoa(serial), l.read.Saw, "v"+l.read.Saw
			l.sent = true
		}
		return r
	}
	s.learn = func(r *history.Request) {
		l := legs[r.Client]
		switch {
		case l == nil || r.Step == history.StepList:
		case r.Step == history.StepRead:
			read := *r
			l.read = &read
		case r.Effect == history.Applied && l.second:
			ops[l.op].Outcome, ops[l.op].Return = history.Committed, r.Return
			legs[r.Client] = nil
		default:
			l.sent, l.read, l.second = false, nil, l.second || r.Effect == history.Applied
		}
	}
	s.apply = func(r *history.Request) {
		answered(r, 200, history.OK, "")
		now := at[r.Key]
		switch r.Step {
		case history.StepRead:
			r.Value, r.Saw = strconv.FormatInt(now.value, 10), now.tag
		case history.StepList:
			r.Value = `{"a":` + strconv.FormatInt(at["a"].value, 10) + `,"b":` + strconv.FormatInt(at["b"].value, 10) + `,"c":` + strconv.FormatInt(at["c"].value, 10) + `}`
		case history.StepWrite:
			r.Effect = history.Applied
			if r.Base != now.tag && !chance(rng, careless) {
				answered(r, 412, history.Stale, history.Refused)
				return
			}
			n, _ := strconv.ParseInt(r.Value, 10, 64)
			at[r.Key] = account{n, r.Tag}
		}
	}
	for _, key := range accountNames {
		s.last = append(s.last, history.Request{Step: history.StepRead, Key: key})
	}
	return append(setups("20"), s.run()...), ops
}

// pairsOnCall: of a and b one stays at 1; the server sees to it.
func pairsOnCall(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation) {
	value, tag := map[string]string{"a": "1", "b": "1"}, map[string]string{"a": "init", "b": "init"}
	seen := make([]map[string]string, 6)
	var ops []history.Operation
	s := newSim(rng)
	serial := 0
	s.next = func(client, op int) history.Request {
		key, other := "a", "b"
		if rng.IntN(2) == 0 {
			key, other = other, key
		}
		base := seen[client][key]
		if base == "" || rng.IntN(3) == 0 {
			return history.Request{Step: history.StepRead, Key: key}
		}
		serial++
		ops = append(ops, history.Operation{Client: client, Op: op, Intent: history.IntentPair, Key: key, Key2: other, Call: s.now, Return: s.now + 10})
		return history.Request{Step: history.StepWrite, Key: key, Value: strconv.Itoa(rng.IntN(2)), Tag: strconv.Itoa(serial), Base: base, Expect: "v" + base}
	}
	s.learn = func(r *history.Request) {
		if seen[r.Client] == nil {
			seen[r.Client] = map[string]string{}
		}
		switch {
		case r.Step == history.StepRead:
			seen[r.Client][r.Key] = r.Saw
		case r.Effect == history.Applied:
			seen[r.Client][r.Key] = r.Tag
		}
	}
	s.apply = func(r *history.Request) {
		answered(r, 200, history.OK, "")
		if r.Step == history.StepRead {
			r.Value, r.Saw = value[r.Key], tag[r.Key]
			return
		}
		other := "a"
		if r.Key == "a" {
			other = "b"
		}
		r.Effect = history.Applied
		switch {
		case r.Base != tag[r.Key]:
			answered(r, 412, history.Stale, history.Refused)
		case r.Value == "0" && value[other] == "0" && !chance(rng, careless):
			answered(r, 409, history.Serialization, history.Refused)
		default:
			value[r.Key], tag[r.Key] = r.Value, r.Tag
		}
	}
	s.last = []history.Request{{Step: history.StepRead, Key: "a"}, {Step: history.StepRead, Key: "b"}}
	return append(setups("1")[:2], s.run()...), ops
}

// families: one parent; a delete takes its children along, or is refused while
// there are some.
func families(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation) {
	parent, cascade := true, rng.IntN(2) == 0
	children := map[string]bool{}
	s := newSim(rng)
	serial := 0
	s.next = func(client, _ int) history.Request {
		serial++
		name := "p/c" + strconv.Itoa(1+rng.IntN(serial))
		switch draw := rng.IntN(10); {
		case draw < 5:
			return history.Request{Step: history.StepCreate, Key: "p/c" + strconv.Itoa(serial), Tag: strconv.Itoa(serial)}
		case draw < 6:
			return history.Request{Step: history.StepDelete, Key: "p", Tag: strconv.Itoa(serial)}
		case draw < 7:
			return history.Request{Step: history.StepDelete, Key: name, Tag: strconv.Itoa(serial)}
		case draw < 8:
			return history.Request{Step: history.StepRead, Key: name}
		case draw < 9:
			return history.Request{Step: history.StepRead, Key: "p"}
		}
		return history.Request{Step: history.StepList, Key: "p"}
	}
	s.apply = func(r *history.Request) {
		bad := chance(rng, careless)
		answered(r, 200, history.OK, "")
		switch {
		case r.Step == history.StepRead && r.Key == "p" && !parent, r.Step == history.StepRead && r.Key != "p" && !children[r.Key]:
			r.Status = 404
		case r.Step == history.StepList:
			var names []string
			for name := range children {
				names = append(names, strings.TrimPrefix(name, "p/"))
			}
			slices.Sort(names)
			r.Value = jsonList(names)
		case r.Step == history.StepCreate:
			r.Effect = history.Applied
			if !parent && !bad {
				answered(r, 409, history.Dependency, history.Refused)
				return
			}
			if parent != bad || !parent {
				children[r.Key] = true
			}
		case r.Step == history.StepDelete && r.Key == "p":
			r.Effect = history.Applied
			if !parent || len(children) > 0 && !cascade {
				answered(r, 409, history.Dependency, history.Refused)
				return
			}
			parent = false
			if !bad {
				clear(children)
			}
		case r.Step == history.StepDelete:
			r.Effect = history.Applied
			if !children[r.Key] {
				answered(r, 404, history.Rejected, history.Refused)
				return
			}
			delete(children, r.Key)
		}
	}
	s.last = []history.Request{{Step: history.StepRead, Key: "p"}, {Step: history.StepList, Key: "p"}}
	first := history.Request{Client: -1, Step: history.StepSetup, Key: "p", Status: 201, Class: history.OK, Effect: history.Applied, Call: -20, Return: -19}
	return append([]history.Request{first}, s.run()...), nil
}

// leases: a lock that expires after 12, with tokens that the resource checks.
func leases(rng *rand.Rand, careless float64) ([]history.Request, []history.Operation) {
	var holder string
	var until, fence, newest int64
	holds := make([]history.Request, 6)
	s := newSim(rng)
	serial := 0
	s.next = func(client, _ int) history.Request {
		h := holds[client]
		if h.Lock == "" {
			return history.Request{Step: history.StepLock}
		}
		switch draw := rng.IntN(8); {
		case draw < 3:
			holds[client] = history.Request{}
			return history.Request{Step: history.StepUnlock, Lock: h.Lock}
		case draw < 4:
			return history.Request{Step: history.StepRefresh, Lock: h.Lock}
		}
		serial++
		return history.Request{Step: history.StepWrite, Lock: h.Lock, Fence: h.Fence, Tag: strconv.Itoa(serial), Value: "x"}
	}
	s.apply = func(r *history.Request) {
		if holder != "" && s.now >= until {
			holder = ""
		}
		bad := chance(rng, careless)
		switch r.Step {
		case history.StepLock:
			if holder != "" && !bad {
				answered(r, 423, history.Locked, "")
				return
			}
			if fence++; bad {
				fence--
			}
			holder, until = strconv.FormatInt(s.now, 10)+"-"+strconv.Itoa(r.Client), s.now+12
			r.Lock, r.Fence = holder, strconv.FormatInt(fence, 10)
			answered(r, 200, history.OK, "")
		case history.StepUnlock:
			if holder != r.Lock {
				answered(r, 409, history.Locked, "")
				return
			}
			holder = ""
			answered(r, 204, history.OK, "")
		case history.StepRefresh:
			if holder != r.Lock {
				answered(r, 409, history.Locked, "")
				return
			}
			until = s.now + 12
			answered(r, 200, history.OK, "")
		case history.StepWrite:
			n, _ := strconv.ParseInt(r.Fence, 10, 64)
			if n < newest && !bad {
				answered(r, 412, history.Locked, history.Refused)
				return
			}
			newest = max(newest, n)
			answered(r, 200, history.OK, history.Applied)
		}
	}
	s.learn = func(r *history.Request) {
		if r.Step == history.StepLock && r.Class == history.OK {
			holds[r.Client] = *r
		}
	}
	return s.run(), nil
}
