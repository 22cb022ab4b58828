package check

import (
	"math"

	"tussle/history"
)

// request is a history.Request of one key in 72 bytes without a pointer:
// its texts are numbers of the key's [texts]. What no checker needs is left
// in the history; a finding names its line.
type request struct {
	call, ret int64 // ret as recorded: of an unanswered request, when it was given up
	line      uint32

	client, op int32
	attempt    uint16 // 65535 and more are one
	status     int16

	expect, version, tag, value, lock, fence, problem uint32

	ref  uint32 // of a read: the write that it saw; of a write: the state that it was built on; of an own step: its name
	name uint32 // the whole key, where a log holds several (parent-child)

	step   stepCode
	class  classCode
	effect effectCode
	fault  bool
}

type (
	stepCode   uint8
	classCode  uint8
	effectCode uint8
)

const (
	otherStep stepCode = iota
	read
	write
	create
	remove // history.StepDelete
	add
	appendStep
	list
	transfer
	lock
	unlock
	refresh
	setup // and reset
	own   // of an operation or observation of the user's; ref is its name
)

var steps = []history.Step{"", history.StepRead, history.StepWrite, history.StepCreate, history.StepDelete, history.StepAdd, history.StepAppend,
	history.StepList, history.StepTransfer, history.StepLock, history.StepUnlock, history.StepRefresh, history.StepSetup, "own"}

const (
	noEffect effectCode = iota
	applied
	refused
	unknown
	nothing // of a read: its answer said by its text that there is none
)

var effects = []history.Effect{"", history.Applied, history.Refused, history.Unknown, ""}

const (
	otherClass classCode = iota
	ok
	stale
	exists
	locked
	dependency
	serialization
	preconditionRequired
	throttled
	redirect
	rejected
	serverError
	timeout
	transport
	unreadable
)

var classes = append([]history.Class{""}, history.Classes...)

// writes reports whether the step changes the resource under test.
func (r *request) writes() bool {
	switch r.step {
	case write, create, remove, add, appendStep, transfer:
		return true
	}
	return false
}

// good reports whether the answer is one that tells the resource's state or
// grants what was asked for. An answer that could not be read does neither.
func (r *request) good() bool {
	return r.class == ok && r.status >= 200 && r.status < 300 && r.effect != nothing
}

// whole reports whether a list is not a part by its own words: what a part
// lacks may stand in another.
func (r *request) whole() bool { return r.problem == 0 }

// gone reports whether a read was told that there is no such resource.
func (r *request) gone() bool {
	return r.step == read && (r.effect == nothing || (r.class == ok || r.class == rejected || r.class == otherClass) && (r.status == 404 || r.status == 410))
}

// end is the latest instant at which the request may have had its effect: its
// return, or never ending when a write's effect is not known.
func (r *request) end() int64 {
	if r.effect == unknown {
		return forever
	}
	return r.ret
}

// forever and never bound all instants.
const (
	forever = int64(math.MaxInt64)
	never   = int64(math.MinInt64)
)

// keyLog holds the requests of one key (of a parent and its children) in one
// block, in file order.
type keyLog struct {
	block    int
	key      string
	requests []request // all of them, after join
	full     [][]request
	chunk    []request
	texts    texts
	granted  map[uint32]int64 // by line: ns for which a lock was granted, where the answer told
	told     about
	vars     map[int32]string // by request, where there are any
}

func stepOf(s history.Step) stepCode {
	switch s {
	case history.StepRead:
		return read
	case history.StepWrite:
		return write
	case history.StepReset:
		return setup
	}
	if s.Own() {
		return own
	}
	for i, name := range steps {
		if s == name {
			return stepCode(i)
		}
	}
	return otherStep
}

func classOf(c history.Class) classCode {
	switch c {
	case history.OK:
		return ok
	case history.Stale:
		return stale
	}
	for i, name := range classes {
		if c == name {
			return classCode(i)
		}
	}
	return otherClass
}

func effectOf(e history.Effect) effectCode {
	switch e {
	case history.Applied:
		return applied
	case history.Refused:
		return refused
	case history.Unknown:
		return unknown
	}
	return noEffect
}

// add stores r, and returns it as stored; what a foreign history leaves out is filled in from the status.
func (l *keyLog) add(r *history.Request, line int64) *request {
	t := &l.texts
	q := request{
		call: r.Call, ret: r.Return, line: uint32(line), client: int32(r.Client), op: int32(r.Op), attempt: uint16(min(r.Attempt, 65535)),
		expect: t.id(r.Expect), version: t.id(r.Version), tag: t.id(r.Tag), value: t.id(r.Value), lock: t.id(r.Lock), fence: t.id(r.Fence),
		problem: t.id(r.Problem), status: int16(r.Status), step: stepOf(r.Step), class: classOf(r.Class), effect: effectOf(r.Effect), fault: r.Fault != "",
	}
	switch {
	case q.step == own:
		q.ref = t.id(string(r.Step))
	case q.writes():
		q.ref = t.id(r.Base)
	default:
		q.ref = t.id(r.Saw)
	}
	if r.Key != l.key {
		q.name = t.id(r.Key)
	}
	if q.step == list { // which has no problem of its own
		q.problem = t.id(r.Part)
	}
	if q.step == create && q.problem == 0 { // so has an accepted one
		q.problem = t.id(r.Saw)
	}
	if r.Absent && !q.writes() {
		q.effect = nothing
	}
	if r.TTL > 0 {
		if l.granted == nil {
			l.granted = map[uint32]int64{}
		}
		l.granted[q.line] = r.TTL
	}
	if q.class == otherClass {
		q.class = classByStatus(r.Status, q.step, q.expect != 0)
	}
	if q.effect == noEffect && q.writes() {
		q.effect = effectByStatus(r.Status)
	}
	if len(l.chunk) == cap(l.chunk) {
		if l.chunk != nil {
			l.full = append(l.full, l.chunk)
		}
		l.chunk = make([]request, 0, min(max(8, 2*cap(l.chunk)), chunkSize))
	}
	if r.Vars != "" {
		at := len(l.chunk)
		for _, c := range l.full {
			at += len(c)
		}
		l.keep(r, at)
	}
	l.chunk = append(l.chunk, q)
	return &l.chunk[len(l.chunk)-1]
}

// chunkSize is how many requests are kept in one piece while records come in:
// one growing slice would be copied over and over.
const chunkSize = 8192

// join makes one slice of the chunks, when no more records come.
func (l *keyLog) join() {
	if len(l.full) == 0 {
		l.requests, l.chunk = l.chunk, nil
		return
	}
	n := len(l.chunk)
	for _, c := range l.full {
		n += len(c)
	}
	l.requests = make([]request, 0, n+n/16) // the next block may have a few more, and gets the room
	for i, c := range l.full {
		l.requests = append(l.requests, c...)
		l.full[i] = nil
	}
	l.requests = append(l.requests, l.chunk...)
	l.full, l.chunk = nil, nil
}

// reset empties the log for another key. It leaves the room that was taken.
func (l *keyLog) reset() {
	*l = keyLog{chunk: l.requests[:0], texts: l.texts.empty()}
}

// request returns request i in the history's own form, for a finding.
func (l *keyLog) request(i int32) history.Request {
	q := &l.requests[i]
	t := &l.texts
	r := history.Request{Block: l.block, Client: int(q.client), Op: int(q.op), Attempt: int(q.attempt), Step: steps[q.step], Key: l.key,
		Call: q.call, Return: q.ret, Status: int(q.status), Class: classes[q.class], Effect: effects[q.effect], Expect: t.text(q.expect),
		Version: t.text(q.version), Tag: t.text(q.tag), Value: t.text(q.value), Lock: t.text(q.lock), Fence: t.text(q.fence), Problem: t.text(q.problem), Vars: l.vars[i]}
	r.Absent, r.TTL = q.effect == nothing, l.granted[q.line]
	switch {
	case q.step == own:
		r.Step = history.Step(t.text(q.ref))
	case q.writes():
		r.Base = t.text(q.ref)
	default:
		r.Saw = t.text(q.ref)
	}
	switch {
	case q.step == list:
		r.Problem, r.Part = "", r.Problem
	case q.step == create && q.good():
		r.Problem, r.Saw = "", r.Problem
	}
	if q.name != 0 {
		r.Key = t.text(q.name)
	}
	return r
}
