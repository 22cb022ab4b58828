// Package serial judges a history whose requests were sent one at a time: what
// tussle probe asked. As nothing overlaps, each answer has to be what one order
// of single steps gives; no search is needed, and no race can be found.
//
// A refusal counts for a promise only where the same step was accepted when it
// had to be, and an answer that tells nothing (none, a server error, a brake, a
// page instead of a document) counts neither for nor against one.
package serial

import (
	"slices"
	"strconv"
	"strings"

	"tussle/history"
	"tussle/report/check"
)

// Verdict of one row.
type Verdict string

// The verdicts. Only Violated fails a probe.
const (
	Holds        Verdict = "holds"
	Violated     Verdict = "violated"
	SameCause    Verdict = "same cause"   // violated, by what an earlier row has told
	NotPromised  Verdict = "not promised" // it would be violated, but the strategy does not promise it
	Noted        Verdict = "noted"        // worth knowing; no promise either way
	NotExercised Verdict = "not exercised"
)

// Row is one promise and what the server did.
type Row struct {
	Promise string
	Did     string
	Verdict Verdict
	Order   string   // of two clients' requests that shows it: "A read 200, B write 412"
	Curl    []string // the requests that show it, in order
	cause   cause
}

// Table is what was found about one strategy.
type Table struct {
	Strategy, Locking, Dialect string
	Scheme                     string // of a built-in target
	Rows                       []Row
	Requests                   int    // one at a time
	Walked                     int    // of them, to walk orders of two clients
	Races                      string // what only overlap can show; "" when nothing
}

// Violations counts the causes by which promises are violated.
func (t *Table) Violations() int {
	n := 0
	for _, r := range t.Rows {
		if r.Verdict == Violated {
			n++
		}
	}
	return n
}

// Judge collects a probe's record.
type Judge struct {
	header  history.Header
	block   map[int]int // strategy of each
	pending map[int][]history.Request
	asked   map[int][]*asked // by strategy, in order
	usual   *check.Judge     // the checkers of runs, on the orders
	blocks  map[int]history.Block
	retried map[int]int // requests of questions that were asked again, by strategy
}

// New returns a judge that has seen nothing.
func New() *Judge {
	return &Judge{block: map[int]int{}, pending: map[int][]history.Request{}, asked: map[int][]*asked{}, usual: check.New(), blocks: map[int]history.Block{}, retried: map[int]int{}}
}

// Add takes the next record, in file order.
func (j *Judge) Add(rec *history.Record) error {
	switch rec.Kind {
	case history.KindHeader:
		j.header = rec.Header
		return j.usual.Add(rec)
	case history.KindBlock:
		j.block[rec.Block.Block] = rec.Block.Strategy
		j.blocks[rec.Block.Block] = rec.Block
	case history.KindRequest:
		if rec.Request.Block >= 0 {
			j.pending[rec.Request.Block] = append(j.pending[rec.Request.Block], rec.Request)
		}
	case history.KindEvent:
		if rec.Event.Name != history.EventQuestion {
			return nil
		}
		n := rec.Event.Block
		q := newAsked(rec.Event.Attrs, j.pending[n])
		delete(j.pending, n)
		if q.attrs["retried"] != "" { // it was asked again
			j.retried[j.block[n]] += len(q.all)
			return nil
		}
		j.asked[j.block[n]] = append(j.asked[j.block[n]], q)
		q.block = n
	}
	return nil
}

// again gives an order in which nothing is amiss to the checkers of runs, as a
// block that has ended: two judges see more than one.
func (j *Judge) again(q *asked) error {
	b := j.blocks[q.block]
	b.End = b.Start + 1
	rec := &history.Record{Kind: history.KindBlock, Block: b}
	if err := j.usual.Add(rec); err != nil {
		return err
	}
	for _, o := range q.all {
		if o.unreadable() || o.unmade() {
			continue
		}
		if err := j.usual.Add(&history.Record{Kind: history.KindRequest, Request: o.Request}); err != nil {
			return err
		}
	}
	return nil
}

// Finish judges what was added, strategy by strategy.
func (j *Judge) Finish() []Table {
	var all []*probed
	for i := range j.header.Plan.Strategies {
		c := &probed{plan: &j.header.Plan, PlanStrategy: &j.header.Plan.Strategies[i], asked: j.asked[i]}
		c.learn()
		all = append(all, c)
		for _, q := range c.asked {
			if q.rule != "order" {
				continue
			}
			if w := c.walk(q); w.wrong == "" && w.unclear == "" && w.aside == "" {
				_ = j.again(q) // it fails of a header alone
			}
		}
	}
	usual := j.usual.Finish()
	var out []Table
	for i, c := range all {
		t := Table{Strategy: c.Name, Locking: c.Locking, Dialect: c.Dialect, Scheme: c.Options["scheme"], Races: races[c.Locking]}
		t.Requests = j.retried[i]
		for _, q := range c.asked {
			t.Requests += len(q.all)
			if q.rule == "order" {
				t.Walked += len(q.all)
			}
		}
		t.Rows = c.rows()
		t.Rows = append(t.Rows, c.unseen(t.Rows, usual[i])...)
		out = append(out, t)
	}
	return out
}

// races says what only overlap can show.
var races = map[string]string{
	"optimistic":  "whether comparing and writing are one step",
	"pessimistic": "whether a lock is given to one of two that ask at once",
	"server-side": "whether the server's own reading and writing are one step",
}

// probed is all that was asked about one strategy.
type probed struct {
	plan *history.Plan
	*history.PlanStrategy
	asked    []*asked
	accepted map[history.Step]bool
	created  int  // status of a create that found nothing there
	faithful bool // a value that was written came back as it was sent
}

// learn finds out what the server does with what is sent.
func (c *probed) learn() {
	c.accepted = map[history.Step]bool{}
	for _, q := range c.asked {
		for i, o := range q.all {
			if o.ok() {
				c.accepted[o.Step] = true
			}
			if o.Step == history.StepCreate && o.ok() && o.role != "two" && c.created == 0 {
				c.created = o.Status
			}
			if i > 0 && o.Step == history.StepRead && o.ok() && o.Value != "" {
				if w := q.all[i-1]; w.Step == history.StepWrite && w.ok() && w.Value == o.Value {
					c.faithful = true
				}
			}
		}
	}
}

// rows applies every rule to the last answers to its question, and tells one
// cause once.
func (c *probed) rows() []Row {
	var out []Row
	put := func(promise string, a answer) {
		r := Row{Promise: promise, Did: a.did, Verdict: a.verdict, Order: a.order, cause: a.cause}
		if a.cause != "" {
			r.Verdict = c.breach(a.cause)
		}
		for i := range out {
			if r.Verdict == Violated && out[i].Verdict == Violated && out[i].cause == r.cause {
				r.Verdict = SameCause
				r.Did += ", as above: " + out[i].Promise
			}
		}
		if r.Verdict == Violated || r.Verdict == NotPromised || r.Verdict == NotExercised {
			for _, o := range a.shows {
				if o.curl != "" {
					r.Curl = append(r.Curl, o.curl)
				}
			}
		}
		out = append(out, r)
	}
	last := map[string]*asked{}
	for _, q := range c.asked {
		last[q.rule] = q
	}
	if q := last["preflight"]; q != nil {
		curl := []*one{{curl: q.attrs["curl.0"]}}
		put("one operation alone goes through", answer{verdict: NotExercised, did: q.attrs["why"], shows: curl})
	}
	for _, r := range rules {
		if q := last[r.question]; q != nil {
			if a := r.judge(c, q); a.did != "" {
				put(r.promise, a)
			}
		}
	}
	for _, g := range c.groups() {
		put(g.promise(), c.orders(g))
	}
	return out
}

// unseen are promises that the checkers of runs find broken in the orders,
// where no row says so.
func (c *probed) unseen(rows []Row, usual []check.Property) []Row {
	var out []Row
	for _, p := range usual {
		if p.Verdict != check.Violated || !p.Promised || p.Name == "progress" || slices.ContainsFunc(rows, func(r Row) bool { return r.Verdict == Violated }) {
			continue
		}
		r := Row{Promise: p.Name, Did: "violated " + strconv.FormatInt(p.Violations, 10) + "x", Verdict: Violated}
		if len(p.Findings) > 0 {
			r.Did = p.Findings[0].Sentence
			for _, q := range p.Findings[0].Requests {
				r.Curl = append(r.Curl, q.Curl)
			}
		}
		out = append(out, r)
	}
	return out
}

// cause is what is wrong in the server; several rows may show it.
type cause string

const (
	condition cause = "a change on a state that is gone is accepted"
	version   cause = "a version names two states"
	twice     cause = "a name is given away twice"
	staleRead cause = "a read is stale"
	gone      cause = "an accepted write is gone"
	lied      cause = "what was refused was done"
	needless  cause = "a change is refused though nothing had changed"
	phantom   cause = "a read shows what nobody wrote"
	twoHold   cause = "two hold one lock"
	unguarded cause = "the lock does not keep others out"
	lapsed    cause = "a former holder's write is accepted"
	stolen    cause = "others can unlock"
	leaked    cause = "what is free stays locked"
	doneTwice cause = "one request is carried out twice"
	sum       cause = "the sum is wrong"
	fence     cause = "fencing numbers do not grow"
)

// data are the properties that speak of what is kept.
var data = []string{"no-lost-update", "counter-bounds", "append-only", "create-once", "lifecycle", "parent-child", "conservation", "write-skew", "register"}

// breach is Violated where the strategy promises what the cause breaks. Locks
// promise by their nature that nobody gets past them before they lapse.
func (c *probed) breach(why cause) Verdict {
	broken := data
	switch why {
	case version:
		broken = append([]string{"one-version-one-state"}, data...)
	case staleRead:
		if broken = []string{"session-guarantees", "register"}; c.Locking == "pessimistic" {
			broken = append(broken, data...) // what is read under the lock is built upon
		}
	case gone:
		broken = append([]string{"durability"}, data...)
	case lied:
		broken = append([]string{"honest-refusals"}, data...)
	case needless:
		broken = []string{"progress", "honest-refusals"}
	case leaked:
		broken = []string{"progress", "mutual-exclusion"}
	case twoHold, unguarded, stolen:
		if c.Locking == "pessimistic" {
			return Violated
		}
	case lapsed, fence:
		broken = append([]string{"fencing"}, data...)
	}
	if slices.ContainsFunc(c.Promises, func(p string) bool { return slices.Contains(broken, p) }) {
		return Violated
	}
	return NotPromised
}

// answer is what a rule says.
type answer struct {
	verdict Verdict
	cause   cause // set: it is broken
	did     string
	order   string
	shows   []*one
}

func holds(did string) answer { return answer{verdict: Holds, did: did} }
func noted(did string) answer { return answer{verdict: Noted, did: did} }
func unasked(did string, shows ...*one) answer {
	return answer{verdict: NotExercised, did: did, shows: shows}
}
func broken(c cause, did string, s ...*one) answer { return answer{cause: c, did: did, shows: s} }

// asked is one question with the answers to it.
type asked struct {
	rule  string
	block int
	attrs map[string]string
	all   []*one
}

// one is a request and its part in the question.
type one struct {
	history.Request
	role, curl string
}

func newAsked(attrs map[string]string, requests []history.Request) *asked {
	q := &asked{rule: attrs["rule"], attrs: attrs}
	roles := strings.Split(attrs["roles"], ",")
	for i, r := range requests {
		o := &one{Request: r, curl: attrs["curl."+strconv.Itoa(i)]}
		if i < len(roles) {
			o.role = roles[i]
		}
		if o.role != "asked again" {
			q.all = append(q.all, o)
		}
	}
	return q
}

// at is the last request of a role, nil when it was not sent.
func (q *asked) at(role string) *one {
	for i := len(q.all) - 1; i >= 0; i-- {
		if q.all[i].role == role {
			return q.all[i]
		}
	}
	return nil
}

// every are all requests of a role.
func (q *asked) every(role string) []*one {
	var out []*one
	for _, o := range q.all {
		if o.role == role {
			out = append(out, o)
		}
	}
	return out
}

// need returns the requests of the roles, or why they tell nothing.
func (q *asked) need(roles ...string) ([]*one, *answer) {
	var out []*one
	for _, role := range roles {
		o := q.at(role)
		if o == nil {
			why := q.stopped()
			return nil, &why
		}
		if o.silent() {
			why := unasked(string(o.Step)+": "+o.said(), o)
			return nil, &why
		}
		out = append(out, o)
	}
	return out, nil
}

// stopped says why a question was not asked to its end.
func (q *asked) stopped() answer {
	if len(q.all) == 0 {
		return unasked("there was nothing to ask")
	}
	for i := len(q.all) - 1; i >= 0; i-- {
		if o := q.all[i]; !o.ok() {
			return unasked("not asked, as the "+string(o.Step)+" before it got "+o.said(), o)
		}
	}
	return unasked("not asked: the workload's bounds or the answers leave no such request")
}

func (o *one) unreadable() bool {
	return o.Class == "unreadable" || strings.HasPrefix(o.Error, "unreadable")
}

func (o *one) unmade() bool { return strings.HasPrefix(o.Error, "the request cannot be made") }

// silent reports whether nothing is known of what the server did or means.
func (o *one) silent() bool {
	switch o.Class {
	case history.ServerError, history.Timeout, history.Transport, history.Throttled:
		return true
	}
	return o.Status == 0 || o.unreadable()
}

func (o *one) ok() bool { return o.Class == history.OK && !o.silent() }

// refused reports whether the server said no.
func (o *one) refused() bool {
	return !o.silent() && (o.Class.Conflict() || o.Class == history.PreconditionRequired || o.Class == history.Rejected)
}

// absent reports whether a read was told that there is nothing.
func (o *one) absent() bool {
	return o.Class == history.OK && (o.Status == 404 || o.Status == 410)
}

// said is the answer in a word.
func (o *one) said() string {
	switch {
	case o.unmade():
		return "nothing: " + o.Error
	case o.Status == 0 && o.Class == history.Timeout:
		return "no answer in time"
	case o.Status == 0:
		return "no answer: the connection was closed (did the server break down on it?)"
	case o.unreadable():
		return strconv.Itoa(o.Status) + ", " + o.Error
	case o.Status/100 == 2 && !o.ok():
		return strconv.Itoa(o.Status) + ", which means " + string(o.Class)
	}
	return strconv.Itoa(o.Status)
}
