package scenarios

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tussle/history/wire"
)

// text decodes a template or { env = "NAME", prefix = "Bearer " }.
func (d *decoder) text(path string, v any) Text {
	switch v := v.(type) {
	case string:
		if _, err := wire.ParseTemplate(v); err != nil {
			d.add(path, asMistake(err))
		}
		d.checkSecret(path, v)
		return Text{Template: v}
	case map[string]any:
		var out Text
		for _, k := range sortedNames(v) {
			at := join(path, k)
			s, ok := v[k].(string)
			switch {
			case k != "env" && k != "prefix":
				d.put(d.doc.problem(at, true), &mistake{message: fmt.Sprintf("unknown key %q in the value of %s", k, last(path)),
					hint: suggest(k, []string{"env", "prefix"}, "keys")})
			case !ok:
				d.wrong(at, v[k], "a text")
			case k == "env":
				out.Env = s
				d.checkEnv(at, s)
			default:
				out.Prefix = s
			}
		}
		if _, ok := v["env"]; !ok {
			d.add(path, &mistake{message: fmt.Sprintf("%s is a table without env", last(path)), expected: `a text, or { env = "NAME" }`})
		}
		return out
	}
	d.wrong(path, v, `a text, or { env = "NAME" }`)
	return Text{}
}

// checkEnv wants the environment variable to be there and not empty.
func (d *decoder) checkEnv(path, name string) {
	if v, ok := d.env(name); name == "" || !ok || v == "" {
		d.add(path, &mistake{message: fmt.Sprintf("the environment variable %q is not set", name),
			hint: fmt.Sprintf("export %s=... before the run", name)})
		d.problems[len(d.problems)-1].outside = len(d.problems) < maxProblems
	}
}

// secretHeaders name values that must come from the environment.
var secretHeaders = []string{"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"}

func (d *decoder) checkSecret(path, v string) {
	if !slices.Contains(secretHeaders, strings.ToLower(last(path))) || v == "" {
		return
	}
	if t, err := wire.ParseTemplate(v); err == nil && len(t.Vars()) == 0 {
		d.hide(path)
		d.add(path, &mistake{message: fmt.Sprintf("a secret stands in the file: %s", last(path)),
			expected: `{ env = "NAME", prefix = "Bearer " }`, hint: "put the value into an environment variable"})
	}
}

// hide keeps the value of path out of everything that is printed.
func (d *decoder) hide(path string) {
	if by, ok := d.doc.over[path]; ok {
		name, _, _ := strings.Cut(by, "=")
		d.doc.over[path] = name + "=***"
	} else if at, ok := d.doc.places[path]; ok {
		d.secrets = append(d.secrets, at.value)
	}
}

func (d *decoder) words(path string, v any) StringList {
	switch v := v.(type) {
	case string:
		return StringList{v}
	case []any:
		out := StringList{}
		for i, item := range v {
			s, ok := item.(string)
			if !ok {
				d.wrong(element(path, i), item, "a text")
				continue
			}
			out = append(out, s)
		}
		return out
	}
	d.wrong(path, v, "a text or a list of texts")
	return nil
}

const wantStatus = `a status such as 409, "4xx", "500-503", or a list of them`

func (d *decoder) statuses(path string, v any) StatusList {
	switch v := v.(type) {
	case []any:
		out := StatusList{}
		for i, item := range v {
			if _, nested := item.([]any); nested {
				d.wrong(element(path, i), item, wantStatus)
				continue
			}
			out = append(out, d.statuses(element(path, i), item)...)
		}
		return out
	case int64:
		if v < 100 || v > 599 {
			d.add(path, &mistake{message: fmt.Sprintf("%d is not an HTTP status", v), expected: wantStatus})
			return nil
		}
		return StatusList{{int(v), int(v)}}
	case string:
		if r, ok := statusRange(v); ok {
			return StatusList{r}
		}
		d.add(path, &mistake{message: fmt.Sprintf("%q is not an HTTP status", v), expected: wantStatus})
		return nil
	}
	d.wrong(path, v, wantStatus)
	return nil
}

// free checks a value of any form: a body or a value to compare with.
func (d *decoder) free(path string, v any, f field) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedNames(v) {
			d.free(join(path, k), v[k], f)
		}
	case []any:
		for i, item := range v {
			d.free(element(path, i), item, f)
		}
	case string:
		d.checkText(path, v, f)
	case int64, float64, bool:
	default:
		d.add(path, &mistake{message: fmt.Sprintf("%s is a date", last(path)), hint: "write it as a text"})
	}
}

// gone says what to write instead of words that tussle once had, by the key
// that they stand under or were.
var gone = map[string]string{
	"action wait":    `write action = "retry": it waits as the strategy's retry says, at least for a Retry-After`,
	"action refresh": "no lock is prolonged: write never, and give the lock step a ttl that outlasts think",
	"refresh":        "no lock is prolonged: give the lock step a ttl that outlasts think, and let granted say how long it lasts",
}

// checkText checks a text by its field's tags.
func (d *decoder) checkText(path, s string, f field) {
	if e := f.enum(); e != nil && !slices.Contains(e, s) {
		hint := didYouMean(s, e)
		if other := lockingHint(s); f.name == "locking" && other != "" {
			hint = other
		}
		if why := gone[f.name+" "+s]; why != "" {
			hint = why
		}
		d.add(path, &mistake{message: fmt.Sprintf("unknown %s %q", last(path), clip(s)),
			expected: strings.Join(e, ", "), hint: hint})
		return
	}
	var err error
	switch f.tags.Get("as") {
	case "template":
		_, err = wire.ParseTemplate(s)
	case "capture":
		if s != "" {
			var parsed wire.Capture
			if parsed, err = wire.ParseCapture(s); err == nil {
				err = jsonPath(parsed)
			}
		}
	case "request":
		if s != "" {
			err = checkRequest(s)
		}
	case "limit":
		_, err = parseLimit(s)
	case "regex":
		if _, err = regexp.Compile(s); err != nil {
			err = &mistake{message: fmt.Sprintf("%q is not a regular expression: %s", clip(s), strings.TrimPrefix(err.Error(), "error parsing regexp: "))}
		}
	case "url":
		if err = checkURL(s); strings.ContainsAny(s, "@?") {
			d.hide(path)
		}
	}
	if err != nil {
		d.add(path, asMistake(err))
	}
}

// checkRequest wants "METHOD /path".
func checkRequest(s string) error {
	const want = `a method and a path, such as "PUT /articles/{key}"`
	method, path, ok := strings.Cut(s, " ")
	path = strings.TrimLeft(path, " ")
	switch {
	case !ok || method == "":
		return &mistake{message: fmt.Sprintf("%q is not a request", clip(s)), expected: want}
	case strings.ToUpper(method) != method || strings.ContainsFunc(method, func(r rune) bool { return r < 'A' || r > 'Z' }):
		return &mistake{message: fmt.Sprintf("%q is not a method", clip(method)), expected: want, hint: "methods are written in capitals", length: len(method)}
	case !strings.HasPrefix(path, "/"):
		m := &mistake{message: fmt.Sprintf("the path %q does not begin with /", clip(path)), expected: want, offset: len(s) - len(path), length: len(path)}
		if strings.Contains(path, "://") {
			m.hint = "the host belongs into target.url"
		}
		return m
	case strings.ContainsAny(path, " \t\r\n"):
		return &mistake{message: "the path has blanks in it", expected: want, hint: "a blank in a URL is written %20", offset: len(s) - len(path), length: len(path)}
	}
	_, err := wire.ParseTemplate(s)
	return err
}

func checkURL(s string) error {
	const want = `a URL such as "http://127.0.0.1:8080"`
	u, err := url.Parse(s)
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = "***" + s[i:]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s = s[:i] + "?***"
	}
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return &mistake{message: fmt.Sprintf("%q is not an http URL", clip(s)), expected: want}
	case u.User != nil:
		return &mistake{message: "a secret stands in the file: the URL has a user", expected: want,
			hint: `put it into headers = { Authorization = { env = "NAME" } }`}
	case u.RawQuery != "" || u.Fragment != "":
		return &mistake{message: "the base URL has a query or a fragment", expected: want, hint: "a query belongs to a step"}
	}
	return nil
}

// jsonPath refuses JSONPath, whose paths begin with "$".
func jsonPath(c wire.Capture) error {
	rest, dollar := strings.CutPrefix(c.Path, "$")
	if c.Kind != "json" || !dollar || rest != "" && rest[0] != '.' && rest[0] != '[' {
		return nil
	}
	m := &mistake{message: fmt.Sprintf("%q is JSONPath, and no field has the name \"$\"", "json:"+clip(c.Path)),
		expected: `a path from the top of the answer, such as "json:items.0.stock"`}
	if field := strings.TrimLeft(rest, "."); field != "" && !strings.ContainsAny(field, "[]*?@") {
		m.hint = fmt.Sprintf("write %q", "json:"+field)
	}
	return m
}
