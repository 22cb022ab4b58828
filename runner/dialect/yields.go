package dialect

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"tussle/history"
	"tussle/scenarios"
)

// yields says what a 2xx answer to a step must tell. One that does not is no
// success of that step: a proxy's page, a torn body, a lock without its token.
type yields struct{ value, version, tag, token, fence, key, named bool }

func yieldsOf(name history.Step, identify string) yields {
	switch name {
	case history.StepRead:
		return yields{value: true, named: true} // and the tag, where set-up left one; the version, where something needs it
	case history.StepList:
		return yields{value: true, named: true}
	case history.StepLock:
		return yields{token: true, fence: true, named: true}
	case history.StepCreate:
		return yields{version: identify == "version", key: true}
	case history.StepWrite, history.StepAdd, history.StepAppend, history.StepTransfer:
		// RFC 9110, 9.3.4, lets a server leave the new version out of the answer
		// to a PUT; only who tells writes apart by it cannot do without.
		return yields{version: identify == "version"}
	case history.StepSetup, history.StepReset:
		return yields{key: true}
	}
	return yields{}
}

// tagged reports whether every state of a key carries a tag: what makes the
// key writes one, and so does every step by which the server changes it.
func (d *Dialect) tagged() bool {
	maker := d.at(history.StepSetup)
	for _, name := range []history.Step{history.StepReset, history.StepCreate} {
		if maker == nil {
			maker = d.at(name)
		}
	}
	if maker == nil || !maker.Uses(Tag) {
		return false
	}
	for _, name := range []history.Step{history.StepAdd, history.StepTransfer} {
		if s := d.at(name); s != nil && !s.Uses(Tag) {
			return false
		}
	}
	return true
}

// presents reports whether some step sends the variable.
func (d *Dialect) presents(x Var) bool {
	for _, s := range d.steps {
		if s != nil && d.Uses(s.Name, x) {
			return true
		}
	}
	return false
}

// absentText is one way in which a 2xx answer says that there is none.
type absentText struct {
	path   string
	equals any
	exists *bool
	body   *string
}

func (c *captures) compileAbsence(name history.Step, list scenarios.Absence) {
	for _, a := range list {
		if a.Status != 0 {
			c.absent = append(c.absent, a.Status)
		} else {
			c.without = append(c.without, absentText{a.JSON, a.Equals, a.Exists, a.Body})
		}
	}
	if c.absent == nil && name == history.StepRead {
		c.absent = []int{404, 410}
	}
}

// saysAbsent reports whether a 2xx answer says by its text that there is none.
func (c *captures) saysAbsent(r *answer) bool {
	for i := range c.without {
		if c.without[i].holds(r) {
			return true
		}
	}
	return false
}

func (t *absentText) holds(r *answer) bool {
	if r.coding != "" || t.body != nil && strings.Trim(view(r.body), " \t\r\n") != *t.body {
		return false
	}
	if t.path == "" {
		return true
	}
	if !r.json() {
		return false
	}
	found := gjson.Get(view(r.body), t.path)
	if there := found.Exists() && found.Type != gjson.Null; t.exists != nil && *t.exists != there {
		return false
	}
	switch want := t.equals.(type) {
	case nil:
		return true
	case []any:
		return found.IsArray() && len(want) == 0 && len(found.Array()) == 0
	case map[string]any:
		return found.IsObject() && len(want) == 0 && len(found.Map()) == 0
	}
	text, ok := jsonText(found)
	return ok && equal(text, t.equals)
}

// leadsIntoNothing reports whether a capture looks for a member of a list that
// is empty, which is how a search says that there is none.
func (c *capture) leadsIntoNothing(r *answer) bool {
	if c.kind != fromJSON || !r.json() {
		return false
	}
	at, inner := reaches(gjson.Parse(view(r.body)), c.path)
	if at == "" {
		inner = gjson.Parse(view(r.body))
	}
	return at != c.path && inner.IsArray() && len(inner.Array()) == 0
}

// multiStatus is what a 207 answer to a change or to a lock comes to (RFC 4918,
// 13): the first refusal in it, or else 207; mixed when some parts of it were
// refused and others not.
func multiStatus(r *answer) (status int, mixed bool) {
	status = 207
	refused, others := 0, 0
	elements(r.body, "response/status", func(text string) bool {
		switch inner := statusIn(text); {
		case inner >= 400 && inner < 600:
			if refused++; refused == 1 {
				status = inner
			}
		default:
			others++
		}
		return true
	})
	return status, refused > 0 && others > 0
}

// statusIn reads "HTTP/1.1 423 Locked".
func statusIn(line string) int {
	words := strings.Fields(line)
	if len(words) < 2 || len(words[1]) != 3 {
		return 0
	}
	n := 0
	for _, d := range words[1] {
		if d < '0' || d > '9' {
			return 0
		}
		n = n*10 + int(d-'0')
	}
	return n
}

// sentTTL finds the member of a JSON body in which a lock is asked for a time,
// and captures the member of that name from the answer, in the same unit: most
// servers that grant another time say so where they were asked. noCapture when
// there is no such member.
func sentTTL(body any) capture {
	var found capture
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(strings.TrimPrefix(path+"."+name, "."), v[name])
			}
		case string:
			unit, ok := strings.CutPrefix(v, "{ttl")
			unit, closed := strings.CutSuffix(unit, "}")
			if !ok || !closed || found.kind != noCapture || strings.ContainsAny(path, `\*?#|@!{}[]()`) {
				return
			}
			if c, err := compileCapture("json:" + path + unit); err == nil {
				found = c
			}
		}
	}
	walk("", body)
	return found
}

// reaches returns the part of a plain path that the document has, and what stands
// there; "" when it has not even the first member.
func reaches(doc gjson.Result, path string) (string, gjson.Result) {
	at := ""
	for _, name := range strings.Split(path, ".") {
		if name == "" || strings.ContainsAny(name, `\*?#|@!{}[]():`) || !doc.IsObject() && !doc.IsArray() {
			break
		}
		next := doc.Get(name)
		if !next.Exists() || next.Type == gjson.Null {
			break
		}
		at, doc = strings.TrimPrefix(at+"."+name, "."), next
	}
	return at, doc
}

// TellsCreates reports whether a 2xx answer to a create means that it made the
// object: the request demands that there is none (RFC 9110, 13.1.2), or a rule
// picks out the 2xx answers that hand out what is there.
func (d *Dialect) TellsCreates() bool {
	s := d.at(history.StepCreate)
	if s == nil {
		return false
	}
	for name, text := range s.table.Headers {
		if strings.EqualFold(name, "If-None-Match") && text.Template != "" {
			return true
		}
	}
	for i := range d.rules {
		if r := &d.rules[i]; r.class != history.OK && len(r.steps) > 0 && (r.fits(history.StepCreate, 200) || r.fits(history.StepCreate, 201) || r.fits(history.StepCreate, 204)) {
			return true
		}
	}
	return false
}
