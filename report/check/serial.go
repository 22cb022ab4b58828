package check

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"tussle/history"
)

// SerialEquivalence is the property that explored pairs are judged by: every
// order of their statements ends as if the requests had run one after the
// other.
const SerialEquivalence = "serial-equivalence"

// Exploration is what was found out about one pair.
type Exploration struct {
	Pair        int      `json:"pair"`
	Strategy    string   `json:"strategy"`
	Steps       []string `json:"steps"`
	Wants       []string `json:"wants"`
	Store       string   `json:"store"`
	Verdict     Verdict  `json:"verdict"`
	Sentence    string   `json:"sentence"`
	Reason      string   `json:"reason"`        // of not-exercised and undecided, with what to change
	Alone       []int    `json:"alone"`         // statements of each request when it runs alone
	Orders      int64    `json:"orders"`        // that were carried out
	StandFor    int64    `json:"stand_for"`     // that they stand for
	NotSerial   int64    `json:"not_serial"`    // of Orders
	NotSerialOf int64    `json:"not_serial_of"` // that those stand for
	Refused     int64    `json:"refused"`       // a request was refused or failed, the state as if it had never run
	Broken      int64    `json:"broken"`        // orders that say nothing
	Complete    bool     `json:"complete"`
	Replay      bool     `json:"replay,omitempty"` // one order was followed again and again
	Preemptions int      `json:"preemptions"`
	Possible    int64    `json:"possible"`
	Others      int64    `json:"others"`  // statements that belong to no request
	Outside     int64    `json:"outside"` // times that a request was busy outside the store
	Varies      []string `json:"varies"`  // what differs by itself, and is not compared
	Notes       []string `json:"notes"`

	Findings []OrderFinding `json:"findings"` // the shortest first; at most 3
}

// OrderFinding is one order that is not serial, beside the serial ones.
type OrderFinding struct {
	Number      int64               `json:"number"`
	Choices     []int               `json:"choices"`
	Preemptions int                 `json:"preemptions"`
	Sentence    string              `json:"sentence"`
	Statements  []history.Statement `json:"statements"`
	Replies     []history.Reply     `json:"replies"`
	Final       []history.Reply     `json:"final"`
	Line        int64               `json:"line"`
	Repeated    int                 `json:"repeated"` // replays that ended the same way
	Replays     int                 `json:"replays"`
	Serial      []SerialOutcome     `json:"serial"`
}

// SerialOutcome is how the requests end one after the other.
type SerialOutcome struct {
	Name    string          `json:"name"` // "A, then B"
	Replies []history.Reply `json:"replies"`
	Final   []history.Reply `json:"final"`
}

// explored collects the orders of one pair.
type explored struct {
	pair   history.Pair
	orders []placed
	serial []placed
	replay []placed
}

type placed struct {
	*history.Order
	line int64
}

func (e *explored) add(o *history.Order, line int64) {
	switch o.Role {
	case history.RoleSerial:
		e.serial = append(e.serial, placed{o, line})
	case history.RoleReplay:
		e.replay = append(e.replay, placed{o, line})
	default:
		e.orders = append(e.orders, placed{o, line})
	}
}

// ending is how an order compares with serial ones.
type ending int

const (
	serialEnding  ending = iota // as one after the other
	refusedEnding               // as without those that were refused or failed
	oddEnding                   // as none of them
)

// yardstick holds the serial runs of a pair, one of each sequence, and what
// varies among runs of one sequence: that is compared nowhere.
type yardstick struct {
	runs   []*history.Order
	varies map[string]bool
	unsure string // why the runs are no measure
}

// measureOf learns from the serial runs. Where a place of an answer or of the
// final state differs between two runs of one sequence, it varies by itself.
func measureOf(serial []placed) yardstick {
	y := yardstick{varies: map[string]bool{}}
	first := map[string]map[string]string{}
	for _, p := range serial {
		if p.Broken != "" {
			continue
		}
		id := ""
		for _, r := range p.Ran {
			id += strconv.Itoa(r) + ","
		}
		now := places(p.Order)
		was, seen := first[id]
		if !seen {
			first[id] = now
			y.runs = append(y.runs, p.Order)
			continue
		}
		for _, place := range slices.Sorted(maps.Keys(union(was, now))) {
			a, here := was[place]
			b, there := now[place]
			if a != b || here != there {
				y.varies[place] = true
				if _, status := isStatus(place); status && y.unsure == "" {
					y.unsure = "the requests, one after the other, are not answered the same each time (" + place + ": " + a + ", then " + b + ")"
				}
			}
		}
	}
	if len(y.runs) == 0 && y.unsure == "" {
		y.unsure = "no run of the requests one after the other is recorded"
	}
	return y
}

func union(a, b map[string]string) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

// places lists every place at which an order's outcome can be compared: "A
// status", "A /left", "final /stock".
func places(o *history.Order) map[string]string {
	out := map[string]string{}
	for i := range o.Replies {
		if r := &o.Replies[i]; r.Sent {
			put(out, letter(i)+" ", r)
		}
	}
	for i := range o.Final {
		put(out, finalName(i), &o.Final[i])
	}
	return out
}

func put(out map[string]string, name string, r *history.Reply) {
	out[name+"status"] = strconv.Itoa(r.Status)
	for place, v := range r.Facts {
		out[name+place] = v
	}
}

func finalName(i int) string {
	if i == 0 {
		return "final "
	}
	return "final" + strconv.Itoa(i+1) + " "
}

func letter(i int) string { return string(rune('A' + i)) }

func isStatus(place string) (string, bool) {
	const suffix = " status"
	if len(place) > len(suffix) && place[len(place)-len(suffix):] == suffix {
		return place[:len(place)-len(suffix)], true
	}
	return "", false
}

// acknowledged, refused and unknown: what an answer says of its request.
func effectIn(r *history.Reply) history.Effect {
	switch {
	case r.Effect != "":
		return r.Effect
	case r.Status == 0:
		return history.Unknown
	case r.Class == history.OK:
		return history.Applied
	}
	return history.Refused
}

// compare finds the serial run that an order ends like. A request that was
// acknowledged has run; one that was refused has not, or is refused in the
// serial run as well, with the same answer; of one whose fate is not known,
// only the state tells.
func (y *yardstick) compare(o *history.Order) ending {
	out := oddEnding
	for _, run := range y.runs {
		if !y.like(o, run) {
			continue
		}
		if len(run.Ran) == len(o.Replies) {
			return serialEnding
		}
		out = refusedEnding
	}
	return out
}

func (y *yardstick) like(o, run *history.Order) bool {
	for i := range o.Replies {
		effect := effectIn(&o.Replies[i])
		if !slices.Contains(run.Ran, i) {
			if effect == history.Applied {
				return false
			}
			continue
		}
		if effect != history.Unknown && !y.same(letter(i)+" ", &o.Replies[i], &run.Replies[i]) {
			return false
		}
	}
	return y.sameState(o, run)
}

func (y *yardstick) sameState(o, run *history.Order) bool {
	if len(o.Final) != len(run.Final) {
		return false
	}
	for i := range o.Final {
		if !y.same(finalName(i), &o.Final[i], &run.Final[i]) {
			return false
		}
	}
	return true
}

// same compares two answers but for what varies by itself.
func (y *yardstick) same(name string, a, b *history.Reply) bool {
	x, z := map[string]string{}, map[string]string{}
	put(x, name, a)
	put(z, name, b)
	for place := range union(x, z) {
		if y.varies[place] {
			continue
		}
		v, here := x[place]
		w, there := z[place]
		if v != w || here != there {
			return false
		}
	}
	return true
}

// told reports whether anything of the final state is compared at all.
func (y *yardstick) told() bool {
	for _, run := range y.runs {
		for place := range places(run) {
			if _, status := isStatus(place); !status && len(place) > 5 && place[:5] == "final" && !y.varies[place] {
				return true
			}
		}
	}
	return false
}

// Odd tells, while a pair is explored, which orders do not end as one of the
// serial runs so far. It is what will be judged again from the whole history.
type Odd struct {
	serial []placed
	pair   int
}

// Add takes a serial run.
func (d *Odd) Add(o *history.Order) {
	if o.Pair != d.pair {
		d.pair, d.serial = o.Pair, nil
	}
	d.serial = append(d.serial, placed{Order: o})
}

// Is reports whether the order ends as none of the serial runs.
func (d *Odd) Is(o *history.Order) bool {
	y := measureOf(d.serial)
	return o.Broken == "" && y.unsure == "" && y.compare(o) == oddEnding
}

// judge says what the orders of a pair show.
func (e *explored) judge(strategy string, cut bool) Exploration {
	p := &e.pair
	x := Exploration{Pair: p.Pair, Strategy: strategy, Steps: p.Steps, Wants: p.Wants, Store: p.Store, Alone: p.Alone, Complete: p.Complete, Replay: p.Replay,
		Preemptions: p.Preemptions, Possible: p.Possible, Others: p.Others, Outside: p.Outside, Varies: []string{}, Notes: []string{}, Findings: []OrderFinding{}}
	y := measureOf(e.serial)
	x.Varies = append(x.Varies, slices.Sorted(maps.Keys(y.varies))...)
	var odd []placed
	for _, o := range e.orders {
		if o.Broken != "" {
			x.Broken++
			if x.Reason == "" {
				x.Reason = "an order could not be carried out: " + o.Broken
			}
			continue
		}
		x.Orders++
		x.StandFor += max(1, o.Weight)
		if y.unsure != "" {
			continue
		}
		switch y.compare(o.Order) {
		case refusedEnding:
			x.Refused++
		case oddEnding:
			x.NotSerial++
			x.NotSerialOf += max(1, o.Weight)
			odd = append(odd, o)
		}
	}
	e.findings(&x, &y, odd)
	e.verdict(&x, &y, cut)
	x.Sentence = e.sentence(&x)
	return x
}

// findings shows the odd orders that are easiest to follow and, where they
// were replayed, that repeat.
func (e *explored) findings(x *Exploration, y *yardstick, odd []placed) {
	slices.SortStableFunc(odd, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Preemptions, b.Preemptions), cmp.Compare(len(a.Choices), len(b.Choices)), slices.Compare(a.Choices, b.Choices))
	})
	var shown []OrderFinding
	for _, o := range odd {
		f := OrderFinding{Number: o.Number, Choices: o.Choices, Preemptions: o.Preemptions, Statements: o.Statements, Replies: o.Replies,
			Final: o.Final, Line: o.line}
		for _, r := range e.replay {
			if r.Number == o.Number {
				f.Replays++
				if r.Broken == "" && y.compare(r.Order) == oddEnding {
					f.Repeated++
				}
			}
		}
		for _, run := range y.runs {
			if len(run.Ran) == len(o.Replies) {
				f.Serial = append(f.Serial, SerialOutcome{Name: inWords(run.Ran), Replies: run.Replies, Final: run.Final})
			}
		}
		f.Sentence = tellOrder(y, o.Order, &f)
		shown = append(shown, f)
	}
	slices.SortStableFunc(shown, func(a, b OrderFinding) int { return cmp.Compare(standing(&a), standing(&b)) })
	x.Findings = append(x.Findings, shown[:min(len(shown), 3)]...)
}

// standing puts findings that were repeated before those that nobody repeated,
// and last those that do not repeat.
func standing(f *OrderFinding) int {
	switch {
	case f.Replays > 0 && f.Repeated == f.Replays:
		return 0
	case f.Replays == 0:
		return 1
	}
	return 2
}

// verdict weighs it all. Only what was seen, and repeats where it was tried
// again, is violated.
func (e *explored) verdict(x *Exploration, y *yardstick, cut bool) {
	p := &e.pair
	none := func(reason string) { x.Verdict, x.Reason = NotExercised, reason }
	open := func(reason string) { x.Verdict, x.Reason = Undecided, reason }
	silent := -1
	for i, n := range p.Alone {
		if n == 0 && silent < 0 {
			silent = i
		}
	}
	sum := 0
	for _, n := range p.Alone {
		sum += n
	}
	switch {
	case x.NotSerial > 0 && standing(&x.Findings[0]) < 2:
		x.Verdict, x.Reason = Violated, ""
	case x.NotSerial > 0:
		open("orders that were not serial were serial when they were repeated; does something else change the data meanwhile?")
	case len(e.serial) > 0 && sum == 0:
		none("no statement of the requests came through the relay: does the application read the address that it was given (target.store.give)?")
	case len(e.serial) > 0 && silent >= 0:
		none("request " + letter(silent) + " sends no statement when it runs alone, so there is nothing to put into an order")
	case p.Stopped != "":
		open("the exploration did not come to its end: " + p.Stopped)
	case cut:
		open("the record of it is cut off")
	case y.unsure != "":
		open(y.unsure)
	case !y.told():
		open("nothing of the state that was read afterwards is the same from run to run, so states cannot be compared; name a read that shows what matters")
	case x.Broken > 0:
		open(x.Reason)
	case p.Strayed > 0:
		open(count(p.Strayed, "order") + " could not be repeated as asked for; does the application send other statements each time?")
	case x.Orders == 0:
		none("no order was carried out")
	case p.Choices == 0:
		none("there was never a statement of both requests to choose from: the application lets one request at a time reach its store (one connection, or a lock of its own)")
	default:
		x.Verdict, x.Reason = Holds, ""
	}
}
