package locking

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/retry"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// server is a register for each key, spoken to without a network.
type server struct {
	value   map[string]int
	version map[string]int
	holder  map[string]string
	grants  int
	log     []string
	script  func(a Ask) *dialect.Answer // answers instead, when it returns one
}

func newServer(keys ...string) *server {
	s := &server{value: map[string]int{}, version: map[string]int{}, holder: map[string]string{}}
	for _, k := range keys {
		s.value[k], s.version[k] = 100, 1
	}
	return s
}

func text(i int) dialect.Text { return dialect.Text{S: strconv.Itoa(i), Raw: true} }

func (s *server) answer(m *Machine) *dialect.Answer {
	a := m.Ask
	k := a.Key.ID
	line := string(a.Step) + " " + k
	if s.script != nil {
		if out := s.script(a); out != nil {
			s.log = append(s.log, line+": "+string(out.Class))
			return out
		}
	}
	out := &dialect.Answer{Status: 200, Class: history.OK}
	if a.Step.Writes() {
		out.Effect = history.Applied
	}
	refuse := func(c history.Class) {
		out = &dialect.Answer{Status: 409, Class: c}
		if a.Step.Writes() {
			out.Effect = history.Refused
		}
	}
	switch a.Step {
	case history.StepRead:
		out.Value, out.Version, out.Tag = text(s.value[k]), text(s.version[k]), dialect.Text{S: "t" + strconv.Itoa(s.version[k])}
	case history.StepLock:
		if s.holder[k] != "" {
			refuse(history.Locked)
			break
		}
		s.grants++
		s.holder[k] = strconv.Itoa(s.grants)
		out.Token, out.Fence = dialect.Text{S: s.holder[k]}, text(s.grants)
	case history.StepUnlock:
		if s.holder[k] != a.Lock {
			refuse(history.Locked)
			break
		}
		delete(s.holder, k)
	case history.StepWrite:
		if a.Expect != "" && a.Expect != strconv.Itoa(s.version[k]) {
			refuse(history.Stale)
			break
		}
		v, _ := m.Vars.Get(dialect.Value)
		s.value[k], _ = strconv.Atoi(v.S)
		s.version[k]++
		out.Version = text(s.version[k])
	case history.StepAdd:
		n, _ := strconv.Atoi(a.Value)
		s.value[k] += n
	}
	s.log = append(s.log, line+": "+string(out.Class))
	return out
}

func machine(t testing.TB, kind, work string, change func(*Config)) *Machine {
	t.Helper()
	conditional := scenarios.Step{Request: "PUT /{key}", Headers: map[string]scenarios.Text{"If-Match": {Template: "{version}"}}, Body: "{value}"}
	steps := map[string]scenarios.Step{"read": {Request: "GET /{key}"}, "write": conditional, "add": {Request: "POST /{key}"},
		"lock": {Request: "LOCK /{key}"}, "unlock": {Request: "UNLOCK /{key}"}, "create": {Request: "PUT /{key}"}, "delete": {Request: "DELETE /{key}"}}
	d, err := dialect.Compile(steps, nil, scenarios.Identify{By: "tag"}, dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := workload.New(scenarios.Workload{Kind: work, Keys: 2, Amount: 1, Initial: 100}, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := retry.New(scenarios.Retry{Policy: "fixed", Base: scenarios.Duration(time.Millisecond), Attempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Locking: kind, Workload: w, Dialect: d, Retry: p, Identify: "tag", Ordered: true,
		Names: []Name{{"k0", "b0-k0"}, {"k1", "b0-k1"}}}
	if change != nil {
		change(&c)
	}
	return New(c)
}

// drive runs one operation to its end.
func drive(t testing.TB, m *Machine, s *server, op workload.Op, n int) Action {
	t.Helper()
	act := m.Start(op, n)
	for range 1000 {
		switch act.Do {
		case Done:
			return act
		case Send:
			act = m.Answer(s.answer(m))
		case Wait:
			act = m.Woke()
		}
	}
	t.Fatal("the operation does not end")
	return act
}

func update(key int) workload.Op {
	return workload.Op{Intent: history.IntentUpdate, Key: key, Key2: -1, Amount: 1}
}

func TestEachKindTakesItsStepsInOrder(t *testing.T) {
	move := workload.Op{Intent: history.IntentTransfer, Key: 1, Key2: 0, Amount: 5}
	both := workload.Op{Intent: history.IntentPair, Key: 0, Key2: 1}
	cases := []struct {
		kind, work string
		op         workload.Op
		want       string
	}{
		{"optimistic", "counter", update(0), "read k0, write k0"},
		{"none", "counter", update(0), "read k0, write k0"},
		{"pessimistic", "counter", update(0), "lock k0, read k0, write k0, unlock k0"},
		{"server-side", "counter", update(0), "add k0"},
		{"optimistic", "transfer", move, "read k1, write k1, read k0, write k0"},
		{"pessimistic", "transfer", move, "lock k0, lock k1, read k1, read k0, write k1, write k0, unlock k1, unlock k0"},
		{"optimistic", "pair", both, "read k0, read k1, write k0"},
		{"pessimistic", "counter", workload.Op{Intent: history.IntentRead, Key2: -1}, "read k0"},
	}
	for _, c := range cases {
		s := newServer("k0", "k1")
		act := drive(t, machine(t, c.kind, c.work, nil), s, c.op, 0)
		if act.Outcome != history.Committed {
			t.Errorf("%s %s: %v %s", c.kind, c.work, act.Outcome, act.Reason)
		}
		if got := strings.ReplaceAll(strings.Join(s.log, ", "), ": ok", ""); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.kind, c.work, got, c.want)
		}
	}
	t.Run("given order", func(t *testing.T) {
		s := newServer("k0", "k1")
		drive(t, machine(t, "pessimistic", "transfer", func(c *Config) { c.Ordered = false }), s, move, 0)
		if got := s.log[0]; got != "lock k1: ok" {
			t.Errorf("the first request is %q, want the lock of the first account", got)
		}
	})
}

func TestAnOptimisticWriteCarriesWhatItRead(t *testing.T) {
	m := machine(t, "optimistic", "counter", nil)
	s := newServer("k0")
	m.Start(update(0), 7)
	m.Answer(s.answer(m))
	want := Ask{Step: history.StepWrite, Key: Name{"k0", "b0-k0"}, Attempt: 1, Base: "t1", Expect: "1", Tag: "0.7.1", Value: "101"}
	if d := cmp.Diff(want, m.Ask); d != "" {
		t.Error(d)
	}
	m = machine(t, "none", "counter", nil)
	m.Start(update(0), 7)
	m.Answer(s.answer(m))
	want.Expect = ""
	if d := cmp.Diff(want, m.Ask); d != "" {
		t.Errorf("none: %s", d)
	}
}

// Lock-step: all read, then all write, until everyone has committed. Exactly
// N(N+1)/2 writes, and client i needs at most N attempts (literature 2.3).
func TestLockStepBurstObeysTheExactLaw(t *testing.T) {
	for _, n := range []int{2, 5, 16} {
		s := newServer("k0")
		var ms []*Machine
		acts := make([]Action, n)
		for i := range n {
			ms = append(ms, machine(t, "optimistic", "counter", func(c *Config) {
				c.Client = i
				c.Retry, _ = retry.New(scenarios.Retry{Policy: "fixed", Attempts: 100})
			}))
			acts[i] = ms[i].Start(update(0), 0)
		}
		for range 10 * n {
			for i := range ms {
				switch acts[i].Do {
				case Send:
					acts[i] = ms[i].Answer(s.answer(ms[i]))
				case Wait:
					acts[i] = ms[i].Woke()
				}
			}
		}
		writes := 0
		for _, l := range s.log {
			if strings.HasPrefix(l, "write") {
				writes++
			}
		}
		if want := n * (n + 1) / 2; writes != want {
			t.Errorf("N=%d: %d writes, want %d", n, writes, want)
		}
		for i, m := range ms {
			if acts[i].Outcome != history.Committed || m.Attempts > n || m.Conflicts != m.Attempts-1 {
				t.Errorf("N=%d client %d: %v after %d attempts, %d conflicts", n, i, acts[i].Outcome, m.Attempts, m.Conflicts)
			}
		}
		if s.value["k0"] != 100+n {
			t.Errorf("N=%d: value %d", n, s.value["k0"])
		}
	}
}

func refusal(step history.Step, c history.Class, e history.Effect, times int) func(Ask) *dialect.Answer {
	return func(a Ask) *dialect.Answer {
		if a.Step != step || times == 0 {
			return nil
		}
		times--
		return &dialect.Answer{Status: 409, Class: c, Effect: e}
	}
}

func TestALockIsGivenBackHoweverTheAttemptEnds(t *testing.T) {
	cases := map[string]struct {
		script  func(Ask) *dialect.Answer
		outcome history.Outcome
		log     string
	}{
		"the write is refused once": {refusal(history.StepWrite, history.Stale, history.Refused, 1), history.Committed,
			"lock k0: ok, read k0: ok, write k0: stale, unlock k0: ok, lock k0: ok, read k0: ok, write k0: ok, unlock k0: ok"},
		"the write is rejected": {refusal(history.StepWrite, history.Rejected, history.Refused, 1), history.Failed,
			"lock k0: ok, read k0: ok, write k0: rejected, unlock k0: ok"},
		"the write is not answered": {refusal(history.StepWrite, history.Timeout, history.Unknown, 1), history.OutcomeUnknown,
			"lock k0: ok, read k0: ok, write k0: timeout, unlock k0: ok"},
		"the lock is refused for good": {refusal(history.StepLock, history.Locked, "", 9), history.GaveUp,
			"lock k0: locked, lock k0: locked, lock k0: locked"},
		"the unlock is refused": {refusal(history.StepUnlock, history.Locked, "", 1), history.Committed,
			"lock k0: ok, read k0: ok, write k0: ok, unlock k0: locked"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer("k0")
			s.script = c.script
			act := drive(t, machine(t, "pessimistic", "counter", nil), s, update(0), 0)
			if act.Outcome != c.outcome {
				t.Errorf("outcome %v (%s), want %v", act.Outcome, act.Reason, c.outcome)
			}
			if got := strings.Join(s.log, ", "); got != c.log {
				t.Errorf("requests: %s\nwant: %s", got, c.log)
			}
		})
	}
}

func TestAConflictInTheSecondLegRepeatsOnlyThatLeg(t *testing.T) {
	s := newServer("k0", "k1")
	left := 1
	s.script = func(a Ask) *dialect.Answer {
		if a.Step == history.StepWrite && a.Key.ID == "k1" && left > 0 {
			left--
			return &dialect.Answer{Status: 412, Class: history.Stale, Effect: history.Refused}
		}
		return nil
	}
	m := machine(t, "optimistic", "transfer", nil)
	act := drive(t, m, s, workload.Op{Intent: history.IntentTransfer, Key: 0, Key2: 1, Amount: 5}, 0)
	want := "read k0: ok, write k0: ok, read k1: ok, write k1: stale, read k1: ok, write k1: ok"
	if got := strings.Join(s.log, ", "); act.Outcome != history.Committed || got != want || s.value["k0"] != 95 || s.value["k1"] != 105 {
		t.Errorf("%v: %s, values %v", act.Outcome, got, s.value)
	}
	if m.Attempts != 2 || m.Conflicts != 1 {
		t.Errorf("%d attempts, %d conflicts", m.Attempts, m.Conflicts)
	}
}

func TestWhatExistsIsNotClaimedAgain(t *testing.T) {
	s := newServer()
	s.script = func(a Ask) *dialect.Answer {
		if a.Step == history.StepRead {
			return &dialect.Answer{Status: 404, Class: history.OK, Absent: true}
		}
		return &dialect.Answer{Status: 412, Class: history.Exists, Effect: history.Refused}
	}
	m := machine(t, "optimistic", "create-once", nil)
	act := drive(t, m, s, workload.Op{Intent: history.IntentCreate, Key: 0, Key2: -1}, 0)
	if act.Outcome != history.GaveUp || m.Attempts != 1 || m.Conflicts != 1 {
		t.Errorf("%v after %d attempts, %d conflicts", act.Outcome, m.Attempts, m.Conflicts)
	}
}

// A rule that says "retry" sends the same request again: the lock is kept, and
// nothing is read.
func TestRetryKeepsLocksAndReads(t *testing.T) {
	s := newServer()
	writes := 0
	var sent []string
	s.script = func(a Ask) *dialect.Answer {
		if a.Step != history.StepWrite {
			return nil
		}
		if writes++; writes == 3 {
			return nil
		}
		sent = append(sent, a.Tag)
		return &dialect.Answer{Status: 409, Class: history.Serialization, Effect: history.Refused, Action: dialect.Retry}
	}
	m := machine(t, "pessimistic", "counter", nil)
	act := drive(t, m, s, update(0), 0)
	want := "lock k0: ok, read k0: ok, write k0: serialization, write k0: serialization, write k0: ok, unlock k0: ok"
	if got := strings.Join(s.log, ", "); act.Outcome != history.Committed || got != want || m.Attempts != 3 || m.Conflicts != 2 {
		t.Errorf("%v after %d attempts, %d conflicts: %s", act.Outcome, m.Attempts, m.Conflicts, got)
	}
	if len(sent) != 2 || sent[0] != sent[1] {
		t.Errorf("the same request carries the tags %v", sent)
	}
	s.log, writes = nil, -1000 // for ever: the policy ends it, and the lock is given back
	s.script = func(a Ask) *dialect.Answer {
		if a.Step != history.StepWrite {
			return nil
		}
		return &dialect.Answer{Status: 409, Class: history.Serialization, Effect: history.Refused, Action: dialect.Retry}
	}
	act = drive(t, m, s, update(0), 1)
	if last := s.log[len(s.log)-1]; act.Outcome != history.GaveUp || last != "unlock k0: ok" {
		t.Errorf("%v after %d attempts: %s", act.Outcome, m.Attempts, last)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	m := machine(t, "optimistic", "counter", nil)
	m.Start(update(0), 0)
	act := m.Answer(&dialect.Answer{Status: 429, Class: history.Throttled, RetryAfter: time.Second, HasRetryAfter: true})
	if act.Do != Wait || act.For < time.Second || m.Conflicts != 0 {
		t.Errorf("%+v, %d conflicts", act, m.Conflicts)
	}
}

func TestTheSteadyStateDoesNotAllocate(t *testing.T) {
	for _, kind := range []string{"optimistic", "pessimistic"} {
		m := machine(t, kind, "counter", nil)
		read := &dialect.Answer{Status: 200, Class: history.OK, Value: text(7), Version: text(3), Tag: dialect.Text{S: "a.b.c"}}
		lock := &dialect.Answer{Status: 200, Class: history.OK, Token: dialect.Text{S: "tok"}, Fence: text(9)}
		write := &dialect.Answer{Status: 200, Class: history.OK, Effect: history.Applied}
		n := 0
		got := testing.AllocsPerRun(200, func() {
			n++
			act := m.Start(update(0), n)
			for act.Do == Send {
				switch m.Ask.Step {
				case history.StepRead:
					act = m.Answer(read)
				case history.StepLock:
					act = m.Answer(lock)
				default:
					act = m.Answer(write)
				}
			}
		})
		if got > 0 {
			t.Errorf("%s: %v allocations an operation", kind, got)
		}
	}
}

// Reads give version 1 again and again, and every write with it is refused.
func TestAnOperationThatMakesNoWayGivesUp(t *testing.T) {
	for name, c := range map[string]struct{ version, want string }{
		"weak":   {`W/"1"`, "weak entity tag"},
		"strong": {`"1"`, "reads lag behind"},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine(t, "optimistic", "counter", patient)
			s := newServer("k0")
			s.script = func(a Ask) *dialect.Answer {
				if a.Step == history.StepRead {
					return &dialect.Answer{Status: 200, Class: history.OK, Value: text(7), Version: dialect.Text{S: c.version}}
				}
				return &dialect.Answer{Status: 412, Class: history.Stale, Effect: history.Refused}
			}
			act := drive(t, m, s, update(0), 0)
			if act.Outcome != history.GaveUp || m.Attempts != LivelockAfter || m.Livelock == "" || act.Reason != m.Livelock {
				t.Errorf("%v after %d attempts: %q, livelock %q", act.Outcome, m.Attempts, act.Reason, m.Livelock)
			}
			if !strings.HasPrefix(act.Reason, "livelock: the version "+c.version+" was refused") || !strings.Contains(act.Reason, c.want) {
				t.Errorf("reason %q, want %q in it", act.Reason, c.want)
			}
			if m.Start(update(0), 1); m.Livelock != "" {
				t.Error("the next operation is in the old livelock")
			}
		})
	}
}

// Contention is no livelock: after each refusal another version is read.
func TestContentionIsNoLivelock(t *testing.T) {
	m := machine(t, "optimistic", "counter", patient)
	s := newServer("k0")
	n := 0
	s.script = func(a Ask) *dialect.Answer {
		if a.Step == history.StepRead {
			n++
			return &dialect.Answer{Status: 200, Class: history.OK, Value: text(7), Version: text(n)}
		}
		return &dialect.Answer{Status: 412, Class: history.Stale, Effect: history.Refused}
	}
	act := drive(t, m, s, update(0), 0)
	if act.Outcome != history.GaveUp || m.Attempts != 100 || m.Livelock != "" || act.Reason != "stale after 100 attempts" {
		t.Errorf("%v after %d attempts: %q, livelock %q", act.Outcome, m.Attempts, act.Reason, m.Livelock)
	}
}

func patient(c *Config) { c.Retry, _ = retry.New(scenarios.Retry{Policy: "fixed", Attempts: 100}) }
