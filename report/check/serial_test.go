package check

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"tussle/history"
)

// trial is one order in short: who was told what, and what was read afterwards.
// "200 left=7" is an answer, "-" one that never came, "" a request that was
// not sent.
type trial struct {
	ran     []int // nil: an order that was explored
	a, b    string
	final   string
	replay  bool
	number  int64
	weight  int64
	broken  string
	choices []int
}

func replyOf(text string) history.Reply {
	if text == "" {
		return history.Reply{}
	}
	r := history.Reply{Step: history.StepAdd, Sent: true, Facts: map[string]string{}}
	if text == "-" {
		r.Class, r.Effect = history.Timeout, history.Unknown
		return r
	}
	words := strings.Fields(text)
	r.Status, _ = strconv.Atoi(words[0])
	switch {
	case r.Status < 300:
		r.Class, r.Effect = history.OK, history.Applied
	case r.Status < 500:
		r.Class, r.Effect = history.Stale, history.Refused
	default:
		r.Class, r.Effect = history.ServerError, history.Unknown
	}
	for _, w := range words[1:] {
		name, v, _ := strings.Cut(w, "=")
		r.Facts["/"+name] = v
		if name == "stock" {
			r.Value = v
		}
	}
	return r
}

// explorationOf judges some runs of a pair of requests with two statements
// each.
func explorationOf(t *testing.T, pair history.Pair, runs ...trial) Exploration {
	t.Helper()
	j := New()
	add := func(rec history.Record) {
		if err := j.Add(&rec); err != nil {
			t.Fatal(err)
		}
	}
	h := history.Header{Schema: 1, Plan: history.Plan{Strategies: []history.PlanStrategy{{Name: "it", Promises: []string{SerialEquivalence}}}}}
	add(history.Record{Kind: history.KindHeader, Header: h})
	for i, r := range runs {
		o := &history.Order{Role: history.RoleOrder, Ran: r.ran, Number: r.number, Weight: r.weight, Broken: r.broken, Choices: r.choices,
			Replies: []history.Reply{replyOf(r.a), replyOf(r.b)}, Final: []history.Reply{replyOf("200 " + r.final)},
			Statements: []history.Statement{{Of: 0, SQL: "SELECT stock FROM items"}, {Of: 1, SQL: "SELECT stock FROM items"},
				{Of: 0, SQL: "UPDATE items SET stock = 7", Tag: "UPDATE 1"}, {Of: 1, SQL: "UPDATE items SET stock = 6", Tag: "UPDATE 1"}}}
		switch {
		case r.ran != nil:
			o.Role = history.RoleSerial
		case r.replay:
			o.Role = history.RoleReplay
		}
		add(history.Record{Kind: history.KindOrder, Order: o, Line: int64(i + 2)})
	}
	add(history.Record{Kind: history.KindPair, Pair: &pair})
	add(history.Record{Kind: history.KindEvent, Event: history.Event{Name: history.EventEnd}})
	list := j.Explorations()
	if len(list) != 1 {
		t.Fatalf("%d pairs", len(list))
	}
	properties := j.Finish()
	if len(properties) != 1 || len(properties[0]) != 1 || properties[0][0].Name != SerialEquivalence {
		t.Fatalf("properties: %+v", properties)
	}
	if p := properties[0][0]; p.Verdict != list[0].Verdict || (p.Verdict == Violated) != (len(p.Findings) > 0) {
		t.Errorf("the property is %s with %d findings, the pair is %s", p.Verdict, len(p.Findings), list[0].Verdict)
	}
	return list[0]
}

// whole is a pair that was explored to its end.
func whole() history.Pair {
	return history.Pair{Steps: []string{"add", "add"}, Complete: true, Preemptions: -1, Alone: []int{2, 2}, Choices: 9, Possible: 6}
}

// both, alone: what two requests that take 3 and 4 off a stock of 10 are told
// one after the other; each sequence twice.
func serialRuns(extra func(n int) string) []trial {
	var out []trial
	for n := range 2 {
		x := extra(n)
		out = append(out,
			trial{ran: []int{}, final: "stock=10" + x},
			trial{ran: []int{0}, a: "200 left=7" + x, final: "stock=7" + x},
			trial{ran: []int{1}, b: "200 left=6" + x, final: "stock=6" + x},
			trial{ran: []int{0, 1}, a: "200 left=7" + x, b: "200 left=3" + x, final: "stock=3" + x},
			trial{ran: []int{1, 0}, a: "200 left=3" + x, b: "200 left=6" + x, final: "stock=3" + x})
	}
	return out
}

func unchanged(int) string { return "" }

func TestSerialEquivalence(t *testing.T) {
	varying := func(n int) string { return " at=t" + strconv.Itoa(n) + " id=" + strconv.Itoa(100+n) }
	for _, c := range []struct {
		name   string
		extra  func(int) string
		orders []trial
		change func(*history.Pair)
		want   Verdict
		says   string
	}{
		{"as A, then B", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, nil, Holds, "the only order ends as one after the other"},
		{"as B, then A", unchanged, []trial{{a: "200 left=3", b: "200 left=6", final: "stock=3"}, {a: "200 left=7", b: "200 left=3", final: "stock=3"}}, nil, Holds, "all 2 orders end"},
		{"one overwrites the other", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=6"}}, nil, Violated,
			"The shortest: A SELECT, B SELECT, A UPDATE, B UPDATE; B's UPDATE overwrites A's. Both were answered 200; one after the other would leave 3, it left 6."},
		{"the state is right, the answers cannot both be", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=3"}}, nil, Violated, "not together"},
		{"an answer that no order gives", unchanged, []trial{{a: "200 left=9", b: "200 left=3", final: "stock=3"}}, nil, Violated, "A was told 9"},

		{"one refused: the other alone", unchanged, []trial{{a: "200 left=7", b: "409", final: "stock=7"}}, nil, Holds, "1 of them with a request refused"},
		{"one refused, and yet it took effect", unchanged, []trial{{a: "200 left=7", b: "409", final: "stock=3"}}, nil, Violated, "B was answered 409"},
		{"one refused, and the other did not take effect", unchanged, []trial{{a: "200 left=7", b: "409", final: "stock=10"}}, nil, Violated, "it left 10"},
		{"both refused: as none", unchanged, []trial{{a: "409", b: "409", final: "stock=10"}}, nil, Holds, "refused"},
		{"both refused, one took effect", unchanged, []trial{{a: "409", b: "409", final: "stock=7"}}, nil, Violated, "Both were answered 409"},

		{"one failed: it may have run", unchanged, []trial{{a: "200 left=7", b: "500", final: "stock=3"}, {a: "200 left=7", b: "500", final: "stock=7"}, {a: "200 left=3", b: "500", final: "stock=3"}}, nil, Holds, ""},
		{"one failed: half of it", unchanged, []trial{{a: "200 left=7", b: "500", final: "stock=5"}}, nil, Violated, "it left 5"},
		{"one was not answered: either", unchanged, []trial{{a: "-", b: "200 left=6", final: "stock=6"}, {a: "-", b: "200 left=3", final: "stock=3"}}, nil, Holds, ""},
		{"neither was answered, both half", unchanged, []trial{{a: "-", b: "-", final: "stock=4"}}, nil, Violated, "Neither was answered"},

		{"times and ids vary by themselves", varying, []trial{{a: "200 left=7 at=t9 id=7", b: "200 left=3 at=t9 id=8", final: "stock=3 at=t9 id=9"}}, nil, Holds, ""},
		{"what varies does not hide what does not", varying, []trial{{a: "200 left=7 at=t9 id=7", b: "200 left=6 at=t9 id=8", final: "stock=6 at=t9 id=9"}}, nil, Violated, "it left 6"},
		{"everything varies: nothing is compared", func(n int) string { return "" }, nil, func(p *history.Pair) {}, NotExercised, "no order"},

		{"no statement came", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Alone = []int{0, 0} }, NotExercised, "does the application read the address"},
		{"one sends no statement", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Alone = []int{2, 0} }, NotExercised, "request B sends no statement"},
		{"one connection", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Choices = 0 }, NotExercised, "one connection"},
		{"interrupted", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Stopped = "interrupted" }, Undecided, "did not come to its end"},
		{"interrupted, after a finding", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=6"}}, func(p *history.Pair) { p.Stopped = "interrupted" }, Violated, ""},
		{"some orders strayed", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Strayed = 1 }, Undecided, "could not be repeated"},
		{"an order that says nothing", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}, {a: "-", b: "-", final: "stock=4", broken: "it hung"}}, nil, Undecided, "it hung"},
		{"bounded", unchanged, []trial{{a: "200 left=7", b: "200 left=3", final: "stock=3"}}, func(p *history.Pair) { p.Complete, p.Preemptions = false, 2 }, Holds, "all with at most 2 preemptions among them, of at most 6"},

		{"odd, and it repeats", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=6", number: 4}, {replay: true, a: "200 left=7", b: "200 left=6", final: "stock=6", number: 4}}, nil, Violated, ""},
		{"odd once, and not again", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=6", number: 4}, {replay: true, a: "200 left=7", b: "200 left=3", final: "stock=3", number: 4}}, nil, Undecided, "serial when they were repeated"},
		{"two odd, one repeats", unchanged, []trial{{a: "200 left=7", b: "200 left=6", final: "stock=6", number: 4, choices: []int{0}}, {a: "200 left=7", b: "200 left=6", final: "stock=6", number: 5, choices: []int{0, 1}},
			{replay: true, a: "200 left=7", b: "200 left=3", final: "stock=3", number: 4}, {replay: true, a: "200 left=7", b: "200 left=6", final: "stock=6", number: 5}}, nil, Violated, ""},
	} {
		pair := whole()
		if c.change != nil {
			c.change(&pair)
		}
		x := explorationOf(t, pair, append(serialRuns(c.extra), c.orders...)...)
		if x.Verdict != c.want || !strings.Contains(x.Sentence, c.says) {
			t.Errorf("%s: %s, want %s: %s", c.name, x.Verdict, c.want, x.Sentence)
		}
		if x.Verdict == Violated && (len(x.Findings) == 0 || len(x.Findings[0].Serial) != 2) {
			t.Errorf("%s: no finding beside the two serial outcomes", c.name)
		}
	}
}

// Where the requests, one after the other, do not end the same each time,
// nothing can be said of other orders.
func TestSerialRunsThatDoNotRepeat(t *testing.T) {
	runs := serialRuns(unchanged)
	runs[8].b = "409"
	x := explorationOf(t, whole(), append(runs, trial{a: "200 left=7", b: "200 left=6", final: "stock=6"})...)
	if x.Verdict != Undecided || !strings.Contains(x.Reason, "not answered the same each time") {
		t.Errorf("%s: %s", x.Verdict, x.Sentence)
	}
	runs = serialRuns(func(n int) string { return "" })
	for i := range runs {
		runs[i].final = fmt.Sprintf("stock=%d", i)
	}
	x = explorationOf(t, whole(), append(runs, trial{a: "200 left=7", b: "200 left=3", final: "stock=3"})...)
	if x.Verdict != Undecided || !strings.Contains(x.Reason, "states cannot be compared") {
		t.Errorf("%s: %s", x.Verdict, x.Sentence)
	}
}

// Time that moves on between the serial runs is learned from those after the
// orders: a date that stood still before them is no finding.
func TestAClockThatTicksDuringTheOrdersAccusesNobody(t *testing.T) {
	runs := serialRuns(func(int) string { return " day=1" })
	order := trial{a: "200 left=7 day=2", b: "200 left=3 day=2", final: "stock=3 day=2"}
	later := serialRuns(func(int) string { return " day=2" })[:5]
	if x := explorationOf(t, whole(), append(append(runs, order), later...)...); x.Verdict != Holds {
		t.Errorf("%s: %s", x.Verdict, x.Sentence)
	}
	if x := explorationOf(t, whole(), append(runs, order)...); x.Verdict != Violated {
		t.Errorf("without them, it would be %s", x.Verdict)
	}
}

// The one that explores asks the same judge which orders to look at twice.
func TestOddIsWhatIsJudgedLater(t *testing.T) {
	odd := &Odd{}
	for _, r := range serialRuns(unchanged) {
		odd.Add(&history.Order{Ran: r.ran, Replies: []history.Reply{replyOf(r.a), replyOf(r.b)}, Final: []history.Reply{replyOf("200 " + r.final)}})
	}
	of := func(a, b, final string) *history.Order {
		return &history.Order{Replies: []history.Reply{replyOf(a), replyOf(b)}, Final: []history.Reply{replyOf("200 " + final)}}
	}
	for o, want := range maps.All(map[*history.Order]bool{
		of("200 left=7", "200 left=3", "stock=3"): false, of("200 left=7", "409", "stock=7"): false, of("200 left=7", "200 left=6", "stock=6"): true,
	}) {
		if odd.Is(o) != want {
			t.Errorf("%+v: odd is %v", o.Replies, !want)
		}
	}
}
