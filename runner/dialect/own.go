package dialect

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"tussle/history"
	"tussle/history/wire"
	"tussle/scenarios"
)

// addOwn adds a step of a user's operation or observation. A method that is
// safe (RFC 9110, 9.2.1; WebDAV's PROPFIND and REPORT besides) only reads.
func (d *Dialect) addOwn(name history.Step, s *step) error {
	method, _, _ := strings.Cut(strings.TrimSpace(s.table.Request), " ")
	s.as = history.StepWrite
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT":
		s.as = history.StepList
	}
	if err := s.captures.compile(s.as, &s.table, scenarios.Identify{}); err != nil {
		return err
	}
	s.captures.yields = yields{named: true} // what later steps and invariants need
	s.captures.mayLack = true
	for _, e := range []struct {
		key  string
		want scenarios.Expectation
		to   **expectation
	}{{"expect", s.table.Want, &s.expect}, {"until", s.table.Until, &s.until}} {
		if e.want.Text == "" {
			continue
		}
		c, err := compileCapture(e.want.Capture)
		if err != nil {
			return fmt.Errorf("%s: %w", e.key, err)
		}
		*e.to = &expectation{c, e.want}
	}
	if s.table.Next != "" {
		c, err := compileCapture(s.table.Next)
		if err != nil {
			return fmt.Errorf("next: %w", err)
		}
		s.next = &c
	}
	for _, field := range slices.Sorted(maps.Keys(s.table.Items)) {
		p, err := wire.ParseCapture(s.table.Items[field])
		if err != nil {
			return fmt.Errorf("capture %s: %w", field, err)
		}
		s.items = append(s.items, itemField{field, wire.PathOf(p.Path)})
	}
	if d.own == nil {
		d.own = map[history.Step]*step{}
	}
	d.own[name] = s
	return nil
}

// itemField is a capture within one item of a list.
type itemField struct {
	name string
	path wire.JSONPath
}

// expectation is what an accepted answer must say.
type expectation struct {
	capture capture
	want    scenarios.Expectation
}

// breach says what an answer says instead; "" when it says what is wanted.
func (e *expectation) breach(r *answer) string {
	t, ok := e.capture.find(r)
	switch {
	case !ok:
		return e.want.Text + " was expected, and " + e.want.Capture + " is not in the answer"
	case e.want.Op == "" || compares(t.S, e.want.Op, e.want.Value):
		return ""
	}
	return e.want.Text + " was expected, and it is " + strings.ToValidUTF8(t.S[:min(len(t.S), 80)], "\uFFFD")
}

// compares compares as numbers where both are.
func compares(got, op, want string) bool {
	c := strings.Compare(got, want)
	if x, err := strconv.ParseFloat(got, 64); err == nil {
		if y, err := strconv.ParseFloat(want, 64); err == nil {
			switch {
			case x < y:
				c = -1
			case x > y:
				c = 1
			default:
				c = 0
			}
		}
	}
	switch op {
	case "==":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// Named is a text that was captured by name.
type Named struct {
	Name string
	Text Text
}

// Object is captured texts as a JSON object, in the order given.
func Object(texts []Named) string {
	b := []byte{'{'}
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		name, _ := json.Marshal(t.Name)
		b = append(append(b, name...), ':')
		if t.Text.Raw && json.Valid([]byte(t.Text.S)) {
			b = append(b, t.Text.S...)
			continue
		}
		text, _ := json.Marshal(t.Text.S)
		b = append(b, text...)
	}
	return string(append(b, '}'))
}

// Listed reports whether an observation is a list of items, which may come in pages.
func (d *Dialect) Listed(name history.Step) bool {
	s := d.own[name]
	return s != nil && len(s.items) > 0
}

// Follows reports whether a step goes where a redirect leads.
func (d *Dialect) Follows(name history.Step) bool {
	s := d.at(name)
	return s != nil && s.table.Follow
}

// Polls reports whether a step is sent again until its answer says so.
func (d *Dialect) Polls(name history.Step) bool {
	s := d.own[name]
	return s != nil && s.until != nil
}

// Chosen is the token that the client chooses for a lock.
func (d *Dialect) Chosen(v *Vars) (Text, bool) {
	if s := d.at(history.StepLock); s != nil {
		return s.Chosen(v)
	}
	return Text{}, false
}

// Items are the items of a list as the record has them.
func Items(rows []string) string { return `{"items":[` + strings.Join(rows, ",") + `]}` }

// Observed is what an observation's answer captured, as a JSON object.
func Observed(a *Answer) string {
	var texts []Named
	for _, field := range slices.Sorted(maps.Keys(a.Named)) {
		texts = append(texts, Named{field, a.Named[field]})
	}
	return Object(texts)
}

// Rows are the items of a list's answer, each a JSON object of what was captured
// within; ok is false when there is no list.
func (d *Dialect) Rows(name history.Step, a *Answer) (rows []string, ok bool) {
	s := d.own[name]
	list := gjson.Parse(a.Named[scenarios.ItemsName].S)
	if !list.IsArray() {
		return nil, false
	}
	for _, item := range list.Array() {
		var row []Named
		for _, f := range s.items {
			if v := f.path.Get(item.Raw); v.Exists() {
				row = append(row, Named{f.name, Text{S: v.Raw, Raw: true}})
			}
		}
		rows = append(rows, Object(row))
	}
	return rows, true
}
