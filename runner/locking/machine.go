package locking

import (
	"strconv"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/draw"
	"tussle/runner/retry"
	"tussle/runner/texts"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// Do is what the driver is to do next.
type Do int

const (
	Send Do = iota // send the machine's Ask
	Wait           // until Action.For has passed, then call Woke
	Done           // the operation has ended
)

// Action is the machine's answer to an event.
type Action struct {
	Do      Do
	For     time.Duration // Wait
	Backoff bool          // the wait is for a retry, not for thinking
	Outcome history.Outcome
	Reason  string
}

// Initial is the tag of the state that set-up gives a key.
const Initial = "init"

// Ask is the request that is to be sent, in the history's words.
type Ask struct {
	Step    history.Step
	Which   int // 0: the operation's Key, 1: its Key2
	Key     Name
	Attempt int
	Base    string
	Expect  string
	Tag     string
	Value   string
	Lock    string
	Fence   string
}

// Name is a key as the target knows it (ID, put into URLs) and as the history
// knows it (unique in the run).
type Name struct{ ID, Record string }

// Config is what does not change between the operations of a client.
type Config struct {
	Locking  string
	Workload workload.Workload
	Dialect  *dialect.Dialect
	Retry    retry.Policy
	Identify string // tag, version, value, none
	Seed     draw.Seed
	Client   int
	Block    int
	Run      string
	Own      string // before every tag and idempotency key that is sent: no other block, strategy or run sends the same
	Think    scenarios.Spread
	Names    []Name // of the block's keys
	Ordered  bool   // lock two keys in sorted order
	// RetryUnknown tries an unanswered write again, as it is.
	RetryUnknown bool
	// ListAll makes a plain read one of all keys at once.
	ListAll bool
	// IdempotencyKey sends one key for all attempts of an operation.
	IdempotencyKey bool
}

// Machine walks one operation after the other for one client.
type Machine struct {
	Config
	Vars dialect.Vars // of the request to send
	Ask  Ask

	// Counts of the operation so far.
	Attempts, Conflicts int
	Waited              time.Duration
	Committed           bool   // the deciding write was acknowledged
	Known               bool   // a rule of the scenario made the refusal final
	Breach              string // what an answer to an operation of the user's did not say
	Livelock            string // why the operation gave up as it made no way; "" when it did not

	op       workload.Op
	n        int // number of the operation
	moves    []Move
	at, leg  int // current move; first move of the current leg
	state    retry.State
	seen     [2]workload.Seen
	base     [2]string // identity of what this attempt read
	read     [2]bool
	version  [2]dialect.Text
	body     [2]dialect.Text
	lock     [2]dialect.Text
	fence    [2]dialect.Text
	held     [2]bool
	unlocks  []int // locks that are being given back
	after    Action
	same     bool // the next attempt is the same request again
	legs     int  // legs that were applied
	conflict bool
	named    []named
	stuckOn  string // version that was refused as stale, though it was read again
	stuck    int    // times in a row
	blurred  int    // answers of the operation that could not be read
	resend   bool   // the wait is for sending the present request again
	polls    int    // how often the present request was answered and says nothing yet
	uuid     string // of the operation; "" until a step needs it
	texts    texts.Arena
}

// New returns the machine of one client.
func New(c Config) *Machine { return &Machine{Config: c} }

// Start begins the client's n-th operation.
func (m *Machine) Start(op workload.Op, n int) Action {
	m.op, m.n = op, n
	m.texts.Reset()
	m.named = m.named[:0]
	m.Known, m.Breach = false, ""
	if op.Own != nil {
		m.moves = ownMoves(&op, m.Locking, m.moves[:0])
		for _, v := range op.Values {
			m.named = append(m.named, named{v.Name, v.Text})
		}
	} else {
		m.moves = Kinds[m.Locking](&m.op, m.Workload, m.Ordered)
	}
	if m.ListAll && op.Intent == history.IntentRead {
		m.moves = listAll
	}
	m.at, m.leg, m.legs = 0, 0, 0
	m.resend, m.same, m.polls, m.uuid = false, false, 0, ""
	m.Attempts, m.Conflicts, m.Waited, m.Committed, m.Livelock = 0, 0, 0, false, ""
	m.stuckOn, m.stuck, m.blurred = "", 0, 0
	m.state = retry.State{Tokens: m.state.Tokens}
	m.held = [2]bool{}
	m.unlocks = m.unlocks[:0]
	return m.attempt()
}

// Observe takes the number of an operation that is not walked: a final read.
func (m *Machine) Observe(n int) { m.n = n }

// attempt begins a pass at the current leg.
func (m *Machine) attempt() Action {
	m.Attempts++
	m.conflict = false
	m.at, m.polls = m.leg, 0
	if m.leg == 0 {
		m.seen, m.base, m.read = [2]workload.Seen{}, [2]string{}, [2]bool{}
		m.version, m.body = [2]dialect.Text{}, [2]dialect.Text{}
	}
	return m.move()
}

// move performs the current move.
func (m *Machine) move() Action {
	if m.at == len(m.moves) {
		m.state = m.Retry.Succeeded(m.state)
		return Action{Do: Done, Outcome: history.Committed}
	}
	mv := m.moves[m.at]
	if mv.Leg {
		m.leg = m.at
	}
	switch {
	case mv.Think:
		think := m.Think
		if m.op.Own != nil {
			think = mv.For
		}
		d := workload.Draw(think, m.Seed, draw.Think, m.Client, m.n, m.Attempts)
		if d <= 0 {
			m.at++
			return m.move()
		}
		return Action{Do: Wait, For: d}
	case mv.Change:
		return m.change(mv.Key)
	}
	return m.send(mv.Step, mv.Key, "", dialect.Text{}, "")
}

// change sends what the workload makes of what was read.
func (m *Machine) change(which int) Action {
	tag := m.tag()
	c, ok, reason := m.Workload.Change(&m.op, &m.seen, which, tag)
	if !ok {
		out := history.GaveUp
		if m.legs > 0 {
			out, reason = history.Failed, "half done: "+reason
		}
		return m.giveBack(Action{Do: Done, Outcome: out, Reason: reason})
	}
	return m.send(c.Step, which, tag, dialect.Text{S: c.Body, Raw: c.Raw}, c.Record)
}

// send prepares variables and the history's words for one request.
func (m *Machine) send(step history.Step, which int, tag string, value dialect.Text, record string) Action {
	key := m.op.Key
	if which == 1 {
		key = m.op.Key2
	}
	name := m.Names[key]
	v := &m.Vars
	v.Reset()
	a := Ask{Step: step, Which: which, Key: name, Attempt: m.Attempts}
	if m.Dialect.Writes(step) {
		if tag == "" {
			tag = m.tag()
		}
		if value.S == "" && step != history.StepDelete && !step.Own() {
			value, record = m.sideValue(step, tag)
		}
		a.Tag, a.Value = tag, record
		v.Set(dialect.Tag, dialect.Text{S: m.own(tag)})
		if m.read[which] && m.seen[which].Exists {
			a.Base = m.base[which]
			if a.Base == "" {
				a.Base = Initial // read, but nothing that names the state: nobody had written yet
			}
		}
		if m.Locking != "none" {
			if m.version[which].S != "" && m.Dialect.Uses(step, dialect.Version) {
				v.Set(dialect.Version, m.version[which])
				a.Expect = m.version[which].S
			}
		}
		if m.IdempotencyKey {
			once := wire.Once(m.Run, m.Block, m.Client, m.n)
			if m.Block < 0 { // the preflight of each strategy has the same number
				once = m.Own + once
			}
			v.Set(dialect.IdempotencyKey, dialect.Text{S: once})
		}
	}
	if value.S != "" {
		v.Set(dialect.Value, value)
	}
	if m.body[which].S != "" {
		v.Set(dialect.ReadBody, m.body[which])
	}
	if m.held[which] {
		a.Lock, a.Fence = m.lock[which].S, m.fence[which].S
		v.Set(dialect.Lock, m.lock[which])
		if m.fence[which].S != "" {
			v.Set(dialect.Fence, m.fence[which])
		}
	}
	if m.op.Key2 >= 0 {
		v.Set(dialect.From, dialect.Text{S: m.Names[m.op.Key].ID})
		v.Set(dialect.To, dialect.Text{S: m.Names[m.op.Key2].ID})
	}
	switch {
	case step == history.StepTransfer, step == history.StepAdd:
		v.Set(dialect.Amount, number(m.op.Amount))
	case m.op.Child != "" && step == history.StepCreate:
		v.Set(dialect.Parent, dialect.Text{S: name.ID})
		v.Set(dialect.Name, dialect.Text{S: m.op.Child})
		a.Key = Name{ID: name.ID, Record: name.Record + "/" + m.op.Child}
	}
	if m.op.Child == "" {
		v.Set(dialect.Name, dialect.Text{S: name.ID})
	}
	v.Set(dialect.Key, dialect.Text{S: name.ID})
	m.place(v, step)
	if step == history.StepLock {
		if token, ok := m.Dialect.Chosen(v); ok {
			a.Lock = m.texts.Keep(token.S)
			v.Set(dialect.Lock, dialect.Text{S: a.Lock})
		}
	}
	m.Ask = a
	return Action{Do: Send}
}

// place sets the variables that say where in the run a request is, as far as
// the step mentions them, and what earlier steps of the operation captured by
// name.
func (m *Machine) place(v *dialect.Vars, step history.Step) {
	for _, p := range [...]struct {
		x dialect.Var
		n int
	}{{dialect.Client, m.Client}, {dialect.Op, m.n}, {dialect.N, m.n}, {dialect.Attempt, m.Attempts}, {dialect.Block, m.Block}} {
		if m.Dialect.Uses(step, p.x) {
			v.Set(p.x, number(int64(p.n)))
		}
	}
	v.Set(dialect.Run, dialect.Text{S: m.Run})
	if m.Dialect.Uses(step, dialect.UUID) {
		v.Set(dialect.UUID, dialect.Text{S: m.once()})
	}
	for _, c := range m.named {
		v.SetNamed(c.name, c.text)
	}
}

// once is the {uuid} of the operation.
func (m *Machine) once() string {
	if m.uuid == "" {
		run := m.Run
		if m.Block < 0 { // the preflight of each strategy has the same number
			run = m.Own
		}
		m.uuid = wire.UUIDOf(run, m.Block, m.Client, m.n)
	}
	return m.uuid
}

// named is a capture by name.
type named struct {
	name string
	text dialect.Text
}

// keepNamed keeps the captures that the scenario named itself.
func (m *Machine) keepNamed(a *dialect.Answer) {
	for name, t := range a.Named {
		t.S = m.texts.Keep(t.S)
		known := false
		for i := range m.named {
			if m.named[i].name == name {
				m.named[i].text, known = t, true
			}
		}
		if !known {
			m.named = append(m.named, named{name, t})
		}
	}
}

// sideValue is what a server-side step sends where others send what they read.
func (m *Machine) sideValue(step history.Step, tag string) (dialect.Text, string) {
	switch step {
	case history.StepAdd, history.StepTransfer:
		n := strconv.FormatInt(m.op.Amount, 10)
		return dialect.Text{S: n, Raw: true}, n
	case history.StepAppend:
		return dialect.Text{S: tag}, tag
	}
	return dialect.Text{S: "v" + tag}, "v" + tag
}

func number(n int64) dialect.Text { return dialect.Text{S: strconv.FormatInt(n, 10), Raw: true} }

// own is a tag as it is sent. A target may carry out one reference once, for
// good; the history, in which keys are of one block, leaves out what is the
// same in all of them.
func (m *Machine) own(tag string) string {
	if m.Own == "" {
		return tag
	}
	return m.texts.End(append(append(m.texts.Begin(), m.Own...), tag...))
}

// tag is unique to this write in the block. Under an idempotency key all
// attempts are one write and must be the same to the byte; and a request that
// is sent again because its answer was lost is still the one write that was
// wanted.
func (m *Machine) tag() string {
	attempt := m.Attempts
	if m.IdempotencyKey || m.RetryUnknown && m.Locking == "server-side" {
		attempt = 1
	}
	b := m.texts.Begin()
	b = strconv.AppendInt(b, int64(m.Client), 10)
	b = strconv.AppendInt(append(b, '.'), int64(m.n), 10)
	b = strconv.AppendInt(append(b, '.'), int64(attempt), 10)
	return m.texts.End(b)
}

// Woke continues after a Wait.
func (m *Machine) Woke() Action {
	if m.resend {
		m.resend = false
		return m.move()
	}
	if m.after.Do == Wait { // the wait before the next attempt is over
		m.after = Action{}
		if m.same {
			return m.sameAgain()
		}
		return m.attempt()
	}
	m.at++
	return m.move()
}

// sameAgain sends the request that was refused once more, byte for byte. It is
// an attempt of its own, which kept its locks and what it had read.
func (m *Machine) sameAgain() Action {
	m.same, m.conflict = false, false
	m.Attempts++
	m.Ask.Attempt = m.Attempts
	return Action{Do: Send}
}

// Answer continues after a Send: with the answer, or, when none came, with
// the class and effect of its absence.
func (m *Machine) Answer(a *dialect.Answer) Action {
	if len(m.unlocks) > 0 {
		return m.gaveBack()
	}
	which := m.Ask.Which
	if a.Class != history.OK {
		return m.refused(a)
	}
	m.keep(which, a)
	switch m.Ask.Step {
	case history.StepLock:
		m.held[which] = true
		if m.lock[which].S == "" {
			m.lock[which] = dialect.Text{S: m.Ask.Lock} // the client chose it
		}
	case history.StepUnlock:
		m.held[which] = false
	}
	if m.Ask.Step.Own() && m.Breach == "" {
		m.Breach = m.texts.Keep(a.Breach)
	}
	if m.Dialect.Writes(m.Ask.Step) {
		if a.Effect == history.Unknown && !m.polled() {
			return m.unknown("the answer leaves open whether the write was applied")
		}
		m.legs++
	}
	if a.Pending {
		return m.poll()
	}
	m.polls = 0
	m.at++
	if m.lastWriteDone() {
		m.Committed = true
	}
	return m.move()
}

// lastWriteDone reports whether only unlocks are left.
func (m *Machine) lastWriteDone() bool {
	for _, mv := range m.moves[m.at:] {
		if mv.Step != history.StepUnlock {
			return false
		}
	}
	return true
}

// keep copies what later steps need out of the answer.
func (m *Machine) keep(which int, a *dialect.Answer) {
	m.keepNamed(a)
	if m.Ask.Step.Own() {
		m.keepOwn(a)
	}
	switch m.Ask.Step {
	case history.StepRead:
		m.seen[which] = workload.Seen{Exists: !a.Absent, Value: m.texts.Keep(a.Value.S), Raw: a.Value.Raw}
		m.version[which] = dialect.Text{S: m.texts.Keep(a.Version.S), Raw: a.Version.Raw}
		m.read[which] = true
		m.base[which] = ""
		switch m.Identify {
		case "tag":
			m.base[which] = m.texts.Keep(a.Tag.S)
		case "version":
			m.base[which] = m.version[which].S
		case "value":
			m.base[which] = m.seen[which].Value
		}
		if m.Dialect.Uses(history.StepWrite, dialect.ReadBody) {
			m.body[which] = dialect.Text{S: m.texts.Keep(string(a.Body)), Raw: true}
		}
	case history.StepLock:
		m.lock[which] = dialect.Text{S: m.texts.Keep(a.Token.S), Raw: a.Token.Raw}
		m.fence[which] = dialect.Text{S: m.texts.Keep(a.Fence.S), Raw: a.Fence.Raw}
	}
}

// Op returns the number of the current operation.
func (m *Machine) Op() int { return m.n }
