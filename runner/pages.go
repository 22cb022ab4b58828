package runner

import (
	"bytes"
	"encoding/json"
	"net/url"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/locking"
	"tussle/runner/transport"
)

// A list may come in so many pages; what goes on after them is not read.
const maxPages = 200

// pages puts together a list that a target cuts into pages. What has come so
// far is the value of each answer, and it is marked as a part until the last.
type pages struct {
	from  string // target of the page that is asked; "" is the first
	next  string // of the one after it, when the answer said where
	items []json.RawMessage
	lacks string // why what has come is not the whole
}

// turn makes the request one for the page.
func (p *pages) turn(req *transport.Request) {
	if p.from != "" {
		req.SetTarget([]byte(p.from))
	}
	p.from, p.next = string(req.Target()), ""
}

// take adds the answer's members to those that have come, and puts all of them
// into the answer.
func (p *pages) take(base *url.URL, a *dialect.Answer) {
	p.lacks = ""
	var items []json.RawMessage
	if a.Class != history.OK || !a.HasValue || json.Unmarshal([]byte(a.Value.S), &items) != nil {
		return
	}
	p.items = append(p.items, items...)
	p.lacks = a.Part.Lacks(len(p.items))
	switch next, why := p.onward(base, a.Part.Next); {
	case why != "":
		p.lacks = why
	case len(items) > 0: // an empty page leads nowhere
		p.next = next
	}
	if len(p.items) > len(items) {
		a.Value.S = "[" + string(bytes.Join(raw(p.items), []byte(","))) + "]"
	}
}

// onward is the target of the page after this one; why says that it cannot be
// asked for. Both are empty where there is none.
func (p *pages) onward(base *url.URL, next string) (target, why string) {
	if next == "" {
		return "", ""
	}
	at, err := base.Parse(p.from)
	if err == nil {
		at, err = at.Parse(next)
	}
	if err != nil || at.Host != base.Host || at.Scheme != base.Scheme {
		return "", "the next page is not at " + base.Scheme + "://" + base.Host
	}
	return at.RequestURI(), ""
}

func raw(items []json.RawMessage) [][]byte {
	out := make([][]byte, len(items))
	for i := range items {
		out[i] = items[i]
	}
	return out
}

// listsAll reports whether the step list shows all accounts of a transfer
// workload at one instant: it names none of them.
func listsAll(kind string, d *dialect.Dialect) bool {
	return kind == "transfer" && d.Has(history.StepList) && !d.Uses(history.StepList, dialect.Key) && !d.Uses(history.StepList, dialect.Parent) &&
		!d.Uses(history.StepList, dialect.Name)
}

// balances puts what a list of all accounts says into the form of the record:
// an object of the block's keys. An answer of another form is not readable.
func balances(a *dialect.Answer, names []locking.Name) {
	if a.Class != history.OK || !a.HasValue {
		return
	}
	by, ok := balancesOf(a.Value.S, a.Key.S)
	if !ok {
		a.Class, a.Missing = history.Unreadable, "value"
		return
	}
	own := make(map[string]json.RawMessage, len(names))
	for _, name := range names {
		if n, there := by[name.ID]; there {
			own[name.Record] = n
		}
	}
	text, err := json.Marshal(own)
	if err != nil {
		a.Class, a.Missing = history.Unreadable, "value"
		return
	}
	a.Value = dialect.Text{S: string(text), Raw: true}
}

// balancesOf reads an object of balances by account, or a list of balances
// beside a list of accounts in the same order.
func balancesOf(value, keys string) (map[string]json.RawMessage, bool) {
	var by map[string]json.RawMessage
	if keys == "" {
		return by, json.Unmarshal([]byte(value), &by) == nil && by != nil
	}
	var amounts, names []json.RawMessage
	if json.Unmarshal([]byte(value), &amounts) != nil || json.Unmarshal([]byte(keys), &names) != nil || len(amounts) != len(names) {
		return nil, false
	}
	by = make(map[string]json.RawMessage, len(names))
	for i, raw := range names {
		name := string(raw) // a number is its digits
		if json.Unmarshal(raw, &name) != nil {
			name = string(raw)
		}
		by[name] = amounts[i]
	}
	return by, true
}
