package wire

import (
	"fmt"
	"maps"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/sjson"

	"tussle/history"
)

// Options are what [Compile] needs to know besides the requests.
type Options struct {
	Gzip bool // ask for gzip
	// Getenv finds the values of secrets. Without it they are marked, see
	// [Secret], and what comes out may be shown and not sent.
	Getenv func(name string) (string, bool)
}

// Compile makes the steps of a strategy ready, by name. The error names the
// step and the key.
func Compile(requests map[string]history.PlanRequest, o Options) (map[history.Step]*Step, error) {
	out := map[history.Step]*Step{}
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		r := requests[name]
		if name == string(history.StepRefresh) && r.TTL == 0 {
			r.TTL = requests[string(history.StepLock)].TTL // prolonged for as long as it was asked for
		}
		c := compiler{&o}
		s, err := c.compile(history.Step(name), &r)
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", name, err)
		}
		out[s.Name] = s
	}
	version, err := ParseCapture(requests[string(history.StepRead)].Captures["version"])
	if err == nil && version.Kind == "json" {
		for _, s := range out {
			s.versionInside(version.Path)
		}
	}
	return out, nil
}

type compiler struct{ *Options }

func (c *compiler) compile(name history.Step, r *history.PlanRequest) (*Step, error) {
	if r.Method == "" || !strings.HasPrefix(r.Path, "/") {
		return nil, fmt.Errorf("request is %q, expected a method and a path such as \"PUT /articles/{key}\"", strings.TrimSpace(r.Method+" "+r.Path))
	}
	s := &Step{Name: name, method: r.Method}
	var err error
	if s.target, err = compileText(r.Path, inPath, r); err != nil {
		return nil, err
	}
	inQueryNow := false
	for i := range s.target.parts {
		p := &s.target.parts[i]
		if p.literal() {
			inQueryNow = inQueryNow || strings.Contains(p.lit, "?")
			p.lit = literalTarget(p.lit)
		} else if inQueryNow {
			p.place = inQuery
		}
	}
	base, err := url.Parse(r.Base)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if base.Host != "" {
		s.origin = base.Scheme + "://" + base.Host
	}
	if path := strings.TrimRight(base.EscapedPath(), "/"); path != "" {
		s.target.parts = append([]part{{lit: literalTarget(path)}}, s.target.parts...)
		s.target.finish()
	}
	for _, q := range r.Query {
		t, err := c.field(q, inQuery, r)
		if err != nil {
			return nil, err
		}
		for i := range t.parts {
			if t.parts[i].literal() && !t.parts[i].mark {
				t.parts[i].lit = string(percent(nil, t.parts[i].lit, queryByte))
			}
		}
		s.query = append(s.query, field{string(percent(nil, q.Name, queryByte)), t})
	}
	contentType := ""
	for _, h := range r.Headers {
		t, err := c.field(h, inHeader, r)
		if err != nil {
			return nil, err
		}
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		if name == "Content-Type" {
			contentType = h.Value
		}
		s.headers = append(s.headers, field{name, t})
	}
	if err := c.compileBody(s, r, contentType); err != nil {
		return nil, err
	}
	if r.Choose != "" {
		t, err := compileText(r.Choose, inPlain, r)
		if err != nil {
			return nil, err
		}
		s.choose = &t
	}
	if c.Gzip {
		s.addHeader("Accept-Encoding", "gzip")
	}
	s.Carries = Sent{Version: s.uses(Version), Lock: s.uses(Lock) || s.uses(Fence)}
	s.Parent = s.uses(Parent)
	s.idempotent = s.uses(IdempotencyKey)
	s.Own = s.named()
	return s, nil
}

func (c *compiler) compileBody(s *Step, r *history.PlanRequest, contentType string) error {
	given := contentType != ""
	if fields, parts := r.Form, r.Multipart != nil; fields != nil || parts {
		if parts {
			fields = r.Multipart
		}
		var err error
		if s.form, err = c.compileForm(fields, parts, r); err != nil {
			return err
		}
		if r.Body != nil || r.Form != nil && parts {
			return fmt.Errorf("a step has one of body, form and multipart")
		}
		if !given || parts { // the boundary is ours to say
			s.setHeader("Content-Type", s.form.contentType())
		}
		return nil
	}
	switch body := r.Body.(type) {
	case nil:
	case string:
		if body == "" {
			break
		}
		if !given && r.ContentType != "" {
			contentType, given = r.ContentType, true
		}
		t, kind, err := compileBodyText(body, contentType, r)
		if err != nil {
			return err
		}
		if s.whole = t.single && t.parts[0].ref.fixed == ReadBody; s.whole {
			t.parts[0].raw = true
			kind = "application/json"
		}
		s.body, contentType = &node{text: &t}, kind
	default:
		n, err := c.compileNode(body, r)
		if err != nil {
			return err
		}
		if s.body = &n; !given {
			contentType = "application/json"
		}
	}
	if len(r.Set)+len(r.Unset) > 0 && !s.whole {
		return fmt.Errorf("set and unset change a document that was read, so body must be \"{read.body}\"")
	}
	for _, path := range r.Unset {
		p := PathOf(path)
		s.edits = append(s.edits, edit{path: p.First()})
	}
	for _, path := range slices.Sorted(maps.Keys(r.Set)) {
		n, err := c.compileNode(r.Set[path], r)
		if err != nil {
			return err
		}
		p := PathOf(path)
		s.edits = append(s.edits, edit{p.First(), &n})
	}
	if s.body != nil && !given && contentType != "" {
		s.addHeader("Content-Type", contentType)
	}
	return nil
}

// versionInside finds out whether the version that was read goes back inside
// the document: then the step presents it without naming {version}, and leaves
// it out when there is none to present, as a blind write does, also when it
// names {version} besides. An edit of that very path has the last word.
func (s *Step) versionInside(path string) {
	if !s.whole {
		return
	}
	p := PathOf(path)
	at := p.First()
	for _, e := range s.edits {
		if e.path == path || e.path == at {
			return
		}
	}
	if _, err := sjson.Delete("{}", at); err != nil && s.uses(Version) {
		return // a path that only reads; the version is presented elsewhere
	}
	s.inside, s.only, s.Carries.Version, s.version = true, !s.uses(Version), true, at
}

// addHeader adds a header that the table does not state.
func (s *Step) addHeader(name, value string) {
	for _, h := range s.headers {
		if h.name == name {
			return
		}
	}
	s.headers = append(s.headers, field{name, text{parts: []part{{lit: value}}}})
}

// setHeader sets a header, in place of one that the table states.
func (s *Step) setHeader(name, value string) {
	s.headers = slices.DeleteFunc(s.headers, func(h field) bool { return h.name == name })
	s.addHeader(name, value)
}

// field compiles a template or a secret.
func (c *compiler) field(f history.PlanField, at place, r *history.PlanRequest) (text, error) {
	if f.Env != "" {
		return c.secret(f.Env, f.Prefix, at)
	}
	return compileText(f.Value, at, r)
}

// secret is a text from the environment: a literal, or its mark.
func (c *compiler) secret(env, prefix string, at place) (text, error) {
	if c.Getenv == nil {
		return text{parts: []part{{lit: prefix}, {lit: Secret(env), mark: true}}, secret: true}, nil
	}
	value, ok := c.Getenv(env)
	if !ok {
		return text{}, fmt.Errorf("the environment variable %s is not set", env)
	}
	value = prefix + value
	if at == inHeader {
		value = string(headerText(nil, value))
	}
	return text{parts: []part{{lit: value}}, secret: true}, nil
}

// Uses reports whether a template of the step has the variable, or, of the
// version, whether the document that is sent back does.
func (s *Step) Uses(x Var) bool { return s.uses(x) || x == Version && s.inside }

func (s *Step) uses(x Var) bool {
	found := false
	s.each(func(r ref) { found = found || r.fixed == x })
	return found
}

// named lists the variables that are not fixed.
func (s *Step) named() []string {
	var names []string
	s.each(func(r ref) {
		if r.fixed == NoVar && !slices.Contains(names, r.name) {
			names = append(names, r.name)
		}
	})
	return names
}

// each calls f for every variable of the step's templates.
func (s *Step) each(f func(ref)) {
	s.target.each(f)
	for i := range s.query {
		s.query[i].text.each(f)
	}
	for i := range s.headers {
		s.headers[i].text.each(f)
	}
	if s.body != nil {
		s.body.each(f)
	}
	if s.form != nil {
		s.form.each(f)
	}
	if s.choose != nil {
		s.choose.each(f)
	}
	for i := range s.edits {
		if s.edits[i].node != nil {
			s.edits[i].node.each(f)
		}
	}
}
