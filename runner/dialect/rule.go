package dialect

import (
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"tussle/history"
	"tussle/history/wire"
	"tussle/scenarios"
)

// Action is what a rule says should follow an answer; "" leaves it to the
// answer's class.
type Action string

const (
	Reread Action = "reread" // give locks back, begin a new attempt with its read
	Retry  Action = "retry"  // the same request again: locks are kept, nothing is read
	Never  Action = "never"  // give up
)

var actions = []Action{"", Reread, Retry, Never}

// rule is one compiled outcome.
type rule struct {
	steps  []string
	status []scenarios.StatusRange
	header *match
	json   *match
	xml    *match
	body   *match
	items  *items

	class  history.Class
	effect history.Effect
	action Action
}

// match is a condition on texts of the answer.
type match struct {
	name    string // header or XML path
	path    wire.JSONPath
	equals  any
	regex   *regexp.Regexp
	suffix  string
	exists  bool // it is there, whatever it is
	missing bool // it is not there
}

type items struct {
	path, field wire.JSONPath
	equals      any
	all         bool
}

func compileRule(o scenarios.Outcome) (rule, error) {
	r := rule{steps: o.Step, status: o.Status, class: history.Class(o.Class), effect: history.Effect(o.Effect), action: Action(o.Action)}
	if !slices.Contains(history.Classes, r.class) {
		return r, fmt.Errorf("class is %q, expected one of %v", o.Class, history.Classes)
	}
	if !slices.Contains([]history.Effect{"", history.Applied, history.Refused, history.Unknown}, r.effect) {
		return r, fmt.Errorf("effect is %q, expected applied, refused or unknown", o.Effect)
	}
	if !slices.Contains(actions, r.action) {
		return r, fmt.Errorf("action is %q, expected one of %v", o.Action, actions[1:])
	}
	var err error
	for _, m := range []struct {
		from *scenarios.Match
		to   **match
		name func(*scenarios.Match) string
	}{
		{o.Header, &r.header, func(m *scenarios.Match) string { return textproto.CanonicalMIMEHeaderKey(m.Name) }},
		{o.JSON, &r.json, func(m *scenarios.Match) string { return m.Path }},
		{o.XML, &r.xml, func(m *scenarios.Match) string { return m.Name }},
		{o.Body, &r.body, func(*scenarios.Match) string { return "" }},
	} {
		if m.from == nil {
			continue
		}
		if *m.to, err = compileMatch(m.from, m.name(m.from)); err != nil {
			return r, err
		}
	}
	if o.Items != nil {
		r.items = &items{wire.PathOf(o.Items.Path), wire.PathOf(o.Items.Field), o.Items.Equals, o.Items.Match == "all"}
	}
	return r, nil
}

func compileMatch(m *scenarios.Match, name string) (*match, error) {
	out := &match{name: name, path: wire.PathOf(name), equals: m.Equals, suffix: m.Suffix}
	if m.Regex != "" {
		re, err := regexp.Compile(m.Regex)
		if err != nil {
			return nil, fmt.Errorf("regex: %w", err)
		}
		out.regex = re
	}
	out.exists = m.Exists != nil && *m.Exists || m.Absent != nil && !*m.Absent
	out.missing = m.Absent != nil && *m.Absent || m.Exists != nil && !*m.Exists
	return out, nil
}

// fits reports whether the rule is about such an answer at all.
func (r *rule) fits(name history.Step, status int) bool {
	if len(r.steps) > 0 && !slices.Contains(r.steps, string(name)) {
		return false
	}
	for _, s := range r.status {
		if s.From <= status && status <= s.To {
			return true
		}
	}
	return len(r.status) == 0
}

// parses reports whether the rule needs the body to be JSON.
func (r *rule) parses() bool { return r.json != nil || r.items != nil }

// matches reports whether all conditions of a rule that fits hold.
func (r *rule) matches(a *answer) bool {
	if r.header != nil {
		h := a.resp.Header(r.header.name)
		if !r.header.holds(Text{S: view(h)}, h != nil) {
			return false
		}
	}
	if r.body != nil && !r.body.holds(Text{S: strings.Trim(view(a.body), " \t\r\n")}, len(a.body) > 0) {
		return false
	}
	if r.json != nil {
		if !a.json() { // says nothing about what a garbled answer meant
			return false
		}
		if !r.json.holds(jsonText(r.json.path.Get(view(a.body)))) {
			return false
		}
	}
	if r.xml != nil && !r.xml.holdsXML(a.body) {
		return false
	}
	return r.items == nil || a.json() && r.items.hold(view(a.body))
}

// holds reports whether the condition holds of a text that is or is not there.
func (m *match) holds(t Text, there bool) bool {
	if m.missing || !there {
		return m.missing && !there
	}
	return (m.equals == nil || equal(t, m.equals)) &&
		(m.regex == nil || m.regex.MatchString(t.S)) &&
		strings.HasSuffix(t.S, m.suffix)
}

// holdsXML: some element of that name fulfils the condition, or in
// well-formed XML none is there.
func (m *match) holdsXML(b []byte) bool {
	there, holds := false, false
	whole := elements(b, m.name, func(text string) bool {
		there = true
		holds = m.holds(Text{S: text}, true)
		return !holds
	})
	if m.missing {
		return whole && !there
	}
	return holds
}

func (i *items) hold(doc string) bool {
	list := i.path.Get(doc)
	if !list.IsArray() {
		return false
	}
	n, hits := 0, 0
	list.ForEach(func(_, item gjson.Result) bool {
		n++
		if i.field.Text != "" {
			item = i.field.Get(item.Raw)
		}
		if t, ok := jsonText(item); ok && (i.equals == nil || equal(t, i.equals)) {
			hits++
		}
		return true
	})
	return hits > 0 && (!i.all || hits == n)
}

// equal compares a text of the answer with a value of the scenario. Numbers
// are equal by value, whether the answer has them as numbers or as texts, as
// some gateways write 64-bit integers; true and false are not texts.
func equal(t Text, want any) bool {
	switch w := want.(type) {
	case string:
		return t.S == w
	case bool:
		return t.S == strconv.FormatBool(w)
	case int64:
		return number(t.S, float64(w), strconv.FormatInt(w, 10))
	case int:
		return number(t.S, float64(w), strconv.Itoa(w))
	case float64:
		return number(t.S, w, strconv.FormatFloat(w, 'g', -1, 64))
	}
	return false
}

func number(s string, want float64, text string) bool {
	if s == text {
		return true
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && f == want && want < 1<<53 && want > -1<<53
}
