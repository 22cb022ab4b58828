package dialect

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"tussle/history"
	"tussle/history/wire"
)

// At most so much is told of what an answer has.
const (
	maxNames = 10
	maxName  = 40 // characters
)

// Missing says what of the step's captures the answer, as it was last read,
// lacks, and what it has instead: "json:meta.rev is not there; the answer has:
// data, id, meta". Names of members are told, masked, and never their values.
// It is "" when the answer lacks nothing; a login always has to give a token.
func (d *Dialect) Missing(name history.Step, a *Answer) string {
	s := d.at(name)
	if s == nil {
		return ""
	}
	mask := d.opt.Mask
	if mask == nil {
		mask = func(s string) string { return s }
	}
	c := s.captures.missed(a)
	switch {
	case a.Missing == unitOfGranted && a.unmet == unitOfGranted:
		return mask(s.captures.granted.text) + " is a number without a unit; write " + mask(s.captures.granted.text) + ":ms or " + mask(s.captures.granted.text) + ":seconds"
	case c == nil && name == history.StepLogin && !a.HasToken && wire.ValidJSON(a.Body):
		return "nothing says where it is; the answer " + has(gjson.ParseBytes(a.Body), mask)
	case c == nil:
		return ""
	}
	if !wire.ValidJSON(a.Body) {
		switch {
		case a.coding != "":
			return mask(c.text) + " is not there; the answer is encoded as " + mask(memberName(a.coding, mask)) + ", and that could not be undone"
		case len(a.Body) > wire.MaxDepth && c.kind == fromJSON && !wire.Shallow(a.Body):
			return mask(c.text) + " was not looked for; the answer is nested more than 5,000 deep"
		case len(a.Body) == 0:
			return mask(c.text) + " is not there; the answer has no body"
		case c.kind == fromJSON:
			return mask(c.text) + " is not there; the answer is not JSON"
		}
		return mask(c.text) + " is not there"
	}
	doc := gjson.ParseBytes(a.Body)
	why := "is not there"
	if c.kind == fromJSON {
		switch found := c.json.Get(doc.Raw); {
		case found.Type == gjson.Null && found.Exists():
			why = "is null"
		case found.Exists():
			why = "is there, but the filter cannot read it"
		}
	}
	out := fmt.Sprintf("%s %s; the answer %s", mask(c.text), why, has(doc, mask))
	if c.kind == fromJSON {
		if at, inner := reaches(doc, c.path); at != "" {
			out += fmt.Sprintf("; %s %s", mask(at), has(inner, mask))
		}
	}
	return out
}

// missed is the capture whose name is a.Missing.
func (c *captures) missed(a *Answer) *capture {
	for _, f := range []struct {
		name string
		c    *capture
		has  bool
	}{
		{"value", &c.value, a.HasValue}, {"version", &c.version, a.HasVersion}, {"tag", &c.tag, a.HasTag},
		{"token", &c.token, a.HasToken}, {"fence", &c.fence, a.HasFence}, {"key", &c.key, a.HasKey},
	} {
		if f.name == a.Missing && f.c.kind != noCapture && !f.has {
			return f.c
		}
	}
	for i := range c.named {
		if c.named[i].name == a.Missing {
			return &c.named[i].capture
		}
	}
	return nil
}

// has says what a JSON value is or has.
func has(v gjson.Result, mask func(string) string) string {
	switch {
	case v.IsArray():
		return fmt.Sprintf("is a list of %d", len(v.Array()))
	case !v.IsObject():
		return "is no object"
	}
	var names []string
	more := 0
	v.ForEach(func(k, _ gjson.Result) bool {
		if len(names) == maxNames {
			more++
			return true
		}
		names = append(names, memberName(k.Str, mask))
		return true
	})
	switch {
	case len(names) == 0:
		return "is an empty object"
	case more > 0:
		return fmt.Sprintf("has: %s and %d more", strings.Join(names, ", "), more)
	}
	return "has: " + strings.Join(names, ", ")
}

// memberName is a member's name on one line: masked first and cut then, for
// half a secret would not be known to the mask.
func memberName(name string, mask func(string) string) string {
	text := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, mask(name)))
	if len(text) > maxName {
		text = append(text[:maxName], '…')
	}
	return string(text)
}
