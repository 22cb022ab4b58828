package dialect

import (
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// captureKind says where in an answer a text is.
type captureKind uint8

const (
	noCapture captureKind = iota
	fromJSON
	fromHeader
	fromXML
	fromBody
	fromRegex
	fromStatus
	fromCookie
	fromInput // of an HTML form
	fromMeta  // of an HTML page
)

// capture is one compiled capture.
type capture struct {
	kind    captureKind
	text    string // as written
	path    string
	json    wire.JSONPath  // of fromJSON
	regex   *regexp.Regexp // of fromRegex; its one group is the text
	filters []wire.CaptureFilter
	made    bool // the path has literals (!) or modifiers (@), whose results need not be JSON
	token   bool // a Lock-Token header: the brackets are no part of the token
	names   bool // it names a state, a lock or a resource: null names none
}

// unitOfGranted is what an answer lacks that grants a number without a unit.
const unitOfGranted = "granted"

// unitless reports whether a granted time that the scenario names is a bare
// number: of seconds or of milliseconds is not for us to guess.
func (c *captures) unitless(t Text) bool {
	if len(c.granted.filters) > 0 || c.granted.kind == noCapture {
		return false
	}
	_, err := strconv.ParseFloat(t.S, 64)
	return err == nil
}

// captures are those of one step.
type captures struct {
	value, version, tag, token, fence, key, granted capture
	named                                           []namedCapture
	absent                                          []int        // statuses
	without                                         []absentText // what a 2xx answer says when there is none
	some                                            bool         // there is one at all
	mayLack                                         bool         // the version of a write need not be answered
	yields                                          yields       // what the step's answer must tell
}

type namedCapture struct {
	name string
	capture
}

func (c *captures) compile(name history.Step, table *scenarios.Step, identify scenarios.Identify) error {
	tag := table.Tag
	if tag == "" && (name == history.StepRead || name == history.StepCreate) {
		tag = identify.Tag // the answer to a create may show whose object there is
	}
	for _, f := range []struct {
		key, text string
		to        *capture
	}{
		{"value", table.Value, &c.value}, {"version", table.Version, &c.version}, {"tag", tag, &c.tag},
		{"token", table.Token, &c.token}, {"fence", table.Fence, &c.fence}, {"key", table.Key, &c.key},
		{"granted", table.Granted, &c.granted},
	} {
		if f.text == "" {
			continue
		}
		var err error
		if *f.to, err = compileCapture(f.text); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		f.to.names = f.to != &c.value
		c.some = true
	}
	for _, n := range slices.Sorted(maps.Keys(table.Capture)) {
		cp, err := compileCapture(table.Capture[n])
		if err != nil {
			return fmt.Errorf("capture %s: %w", n, err)
		}
		c.named = append(c.named, namedCapture{n, cp})
		c.some = true
	}
	// RFC 9110, 9.3.4, lets a server leave the new version out of the answer
	// to a PUT; only who tells writes apart by it cannot do without.
	c.mayLack = name != history.StepRead && identify.By != "version"
	if name == history.StepLock && table.Granted == "" {
		c.granted = sentTTL(table.Body)
		c.some = c.some || c.granted.kind != noCapture
	}
	c.compileAbsence(name, table.Absent)
	c.yields = yieldsOf(name, identify.By)
	return nil
}

func compileCapture(s string) (capture, error) {
	p, err := wire.ParseCapture(s)
	if err != nil {
		return capture{}, err
	}
	c := capture{text: s, path: p.Path, made: p.Kind == "json" && strings.ContainsAny(p.Path, "!@")}
	switch p.Kind {
	case "json":
		c.kind, c.json = fromJSON, wire.PathOf(p.Path)
	case "header":
		c.kind = fromHeader
		c.path = textproto.CanonicalMIMEHeaderKey(p.Path)
		c.token = c.path == "Lock-Token"
	case "xml":
		c.kind = fromXML
	case "body":
		c.kind = fromBody
	case "regex":
		c.kind = fromRegex
		if c.regex, err = regexp.Compile(p.Path); err != nil {
			return c, fmt.Errorf("capture %q: %w", s, err)
		}
	case "status":
		c.kind = fromStatus
	case "cookie":
		c.kind = fromCookie
	case "input":
		c.kind = fromInput
	case "meta":
		c.kind = fromMeta
	default:
		return c, fmt.Errorf("capture %q is of no known kind", s)
	}
	c.filters = p.Undo()
	return c, nil
}

// answer is a response as captures and rules see it: decoded, and parsed no
// more than once.
type answer struct {
	resp    *transport.Response
	status  int
	body    []byte
	checked bool   // whether valid is known
	valid   bool   // the body is JSON
	coding  string // of a body that could not be decoded
}

// json reports whether the body is JSON.
func (r *answer) json() bool {
	if !r.checked {
		r.checked, r.valid = true, wire.ValidJSON(r.body)
	}
	return r.valid
}

// find returns the text that the capture names, as a view of the response.
func (c *capture) find(r *answer) (Text, bool) {
	var t Text
	ok := false
	switch c.kind {
	case fromJSON:
		if r.json() {
			t, ok = jsonText(c.json.Get(view(r.body)))
			if c.made && t.Raw && !gjson.Valid(t.S) {
				t.Raw = false
			}
		}
	case fromHeader:
		if h := r.resp.Header(c.path); h != nil {
			t.S, ok = view(h), true
			if c.token {
				t.S = wire.LockToken(t.S)
			}
		}
	case fromXML:
		elements(r.body, c.path, func(text string) bool { t.S, ok = text, true; return false })
	case fromBody:
		t.S, ok = strings.Trim(view(r.body), " \t\r\n"), len(r.body) > 0
		t.Raw = ok && jsonValue(t.S) && r.json()
	case fromRegex:
		// A group that took no part in the match, as in (a)|b, found nothing.
		if at := c.regex.FindSubmatchIndex(r.body); at != nil && at[2] >= 0 {
			t.S, ok = view(r.body[at[2]:at[3]]), true
		}
	case fromStatus:
		t, ok = Text{S: strconv.Itoa(r.status), Raw: true}, true
	case fromCookie:
		t.S, ok = setCookie(r.resp, c.path)
	case fromInput, fromMeta:
		t.S, ok = inHTML(r.body, c.kind == fromMeta, c.path)
	}
	if c.names && (t.S == "" || t.Raw && t.S == "null") {
		return Text{}, false // names nothing
	}
	for _, f := range c.filters {
		if !ok {
			break
		}
		t.S, ok = f(t.S)
		t.Raw = false
	}
	return t, ok
}

// jsonText is a result as a text: strings without quotes, the rest as it
// stands in the document, so that large numbers keep their digits.
func jsonText(r gjson.Result) (Text, bool) {
	switch {
	case !r.Exists():
		return Text{}, false
	case r.Type == gjson.String:
		if halfPair(r.Raw) { // decoded, all of them would be one character
			return Text{S: r.Raw[1 : len(r.Raw)-1]}, true
		}
		return Text{S: r.Str}, true
	case r.Raw == "":
		return Text{S: r.String(), Raw: true}, true // a path's own result, such as the length "#"
	}
	return Text{S: strings.Trim(r.Raw, " \t\r\n"), Raw: true}, true
}

// halfPair reports whether a JSON string may hold an escaped half of a pair
// that makes one character, alone: it stands for no text.
func halfPair(raw string) bool {
	for {
		i := strings.Index(raw, `\u`)
		if i < 0 || i+6 > len(raw) {
			return false
		}
		if raw[i+2]|0x20 != 'd' || raw[i+3] < '8' {
			raw = raw[i+2:]
			continue
		}
		if next := raw[i+6:]; raw[i+3]|0x20 > 'b' || !strings.HasPrefix(next, `\u`) || len(next) < 6 || next[2]|0x20 != 'd' || next[3]|0x20 < 'c' {
			return true
		}
		raw = raw[i+12:]
	}
}

// jsonValue reports whether a whole body is taken for JSON that is no string.
func jsonValue(s string) bool {
	if s == "" {
		return false
	}
	switch c := s[0]; {
	case c == '{', c == '[', c == '-', c >= '0' && c <= '9':
		return true
	}
	return s == "true" || s == "false" || s == "null"
}
