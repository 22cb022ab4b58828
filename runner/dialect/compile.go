package dialect

import (
	"fmt"
	"net/textproto"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/tidwall/sjson"

	"tussle/history"
	"tussle/scenarios"
)

// Options are what a dialect needs to know besides the scenario's tables.
type Options struct {
	BasePath string // path of the target's URL, put before every request's
	// ContentType is that of bodies that are texts, where the step states none;
	// somebody else sends it.
	ContentType string

	Gzip   bool                             // ask for gzip
	Mask   func(string) string              // hides secrets in curl lines and in what is told of answers
	Window func(s string, n int) string     // does it in the first n bytes of a text, of an answer's body
	Getenv func(name string) (string, bool) // os.LookupEnv when nil
	Now    func() time.Time                 // time.Now when nil; used only for a Retry-After with a date but without a Date header
}

// Dialect renders the steps of one strategy and reads their answers. It is
// not changed after [Compile], so that all clients share it.
type Dialect struct {
	steps [numSteps]*step
	rules []rule
	opt   Options
}

// step is one compiled step table.
type step struct {
	name    history.Step
	table   scenarios.Step
	method  string
	target  text
	query   []field
	headers []field
	body    *node // nil: no body
	edits   []edit
	whole   bool   // the body is the document that was read
	inside  bool   // the version that was read goes back within that document
	only    bool   // and is presented nowhere else
	version string // where in it the version is

	captures captures
	carries  Sent // what the templates could carry
	parent   bool // the step names a parent resource

	idempotent bool // a template places the idempotency key
}

// field is a header or a query parameter.
type field struct {
	name string
	text text
}

// Compile compiles the steps of a strategy, by name ("read", "login"), with
// the rules and the identification of its writes. The error names the step
// and the key.
func Compile(steps map[string]scenarios.Step, outcomes []scenarios.Outcome, identify scenarios.Identify, opt Options) (*Dialect, error) {
	if opt.Getenv == nil {
		opt.Getenv = os.LookupEnv
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.BasePath = strings.TrimRight(opt.BasePath, "/")
	d := &Dialect{opt: opt}
	names := make([]string, 0, len(steps))
	for name := range steps {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		i := index(history.Step(name))
		if i < 0 {
			return nil, fmt.Errorf("step %q is not known", name)
		}
		table := steps[name]
		if name == string(history.StepRefresh) && table.TTL == 0 {
			table.TTL = steps[string(history.StepLock)].TTL // prolonged for as long as it was asked for
		}
		c := compiler{opt: &d.opt}
		s, err := c.compileStep(history.Step(name), table)
		if err == nil {
			err = s.captures.compile(history.Step(name), &table, identify)
		}
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", name, err)
		}
		d.steps[i] = s
	}
	if read := d.at(history.StepRead); read != nil {
		for _, s := range d.steps {
			if s != nil {
				s.versionInside(&read.captures.version)
			}
		}
	}
	if read := d.at(history.StepRead); read != nil {
		read.captures.yields.tag = d.tagged()
		read.captures.yields.version = identify.By == "version" || d.presents(Version)
	}
	for i, o := range outcomes {
		r, err := compileRule(o)
		if err != nil {
			return nil, fmt.Errorf("outcome %d: %w", i+1, err)
		}
		d.rules = append(d.rules, r)
	}
	return d, nil
}

type compiler struct{ opt *Options }

func (c *compiler) compileStep(name history.Step, table scenarios.Step) (*step, error) {
	s := &step{name: name, table: table}
	method, target, ok := strings.Cut(strings.TrimSpace(table.Request), " ")
	target = strings.TrimSpace(target)
	if !ok || !strings.HasPrefix(target, "/") {
		return nil, fmt.Errorf("request is %q, expected a method and a path such as \"PUT /articles/{key}\"", table.Request)
	}
	s.method = method
	var err error
	if s.target, err = compileText(target, inPath, &table); err != nil {
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
	if c.opt.BasePath != "" {
		s.target.parts = append([]part{{lit: literalTarget(c.opt.BasePath)}}, s.target.parts...)
		s.target.finish()
	}
	for _, name := range sortedKeys(table.Query) {
		var t text
		var err error
		if table.Query[name].Env != "" {
			t, err = c.secret(table.Query[name], inQuery)
		} else {
			t, err = compileText(table.Query[name].Template, inQuery, &table)
		}
		if err != nil {
			return nil, err
		}
		for i := range t.parts {
			if t.parts[i].literal() {
				t.parts[i].lit = string(percent(nil, t.parts[i].lit, queryByte))
			}
		}
		s.query = append(s.query, field{string(percent(nil, name, queryByte)), t})
	}
	contentType := ""
	for _, name := range sortedKeys(table.Headers) {
		h := table.Headers[name]
		var t text
		if h.Env != "" {
			t, err = c.secret(h, inHeader)
		} else {
			t, err = compileText(h.Template, inHeader, &table)
		}
		if err != nil {
			return nil, err
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		if name == "Content-Type" {
			contentType = h.Template
		}
		s.headers = append(s.headers, field{name, t})
	}
	if err := c.compileBody(s, contentType); err != nil {
		return nil, err
	}
	if c.opt.Gzip {
		s.addHeader("Accept-Encoding", "gzip")
	}
	s.carries = Sent{Version: s.uses(Version), Lock: s.uses(Lock) || s.uses(Fence)}
	s.parent = s.uses(Parent)
	s.idempotent = s.uses(IdempotencyKey)
	return s, nil
}

func (c *compiler) compileBody(s *step, contentType string) error {
	given := contentType != ""
	switch body := s.table.Body.(type) {
	case nil:
	case string:
		if body == "" {
			break
		}
		if !given && c.opt.ContentType != "" {
			contentType, given = c.opt.ContentType, true
		}
		t, kind, err := compileBodyText(body, contentType, &s.table)
		if err != nil {
			return err
		}
		if s.whole = t.single && t.parts[0].ref.fixed == ReadBody; s.whole {
			t.parts[0].raw = true
			kind = "application/json"
		}
		s.body, contentType = &node{text: &t}, kind
	default:
		n, err := c.compileNode(body, &s.table)
		if err != nil {
			return err
		}
		if s.body = &n; !given {
			contentType = "application/json"
		}
	}
	if len(s.table.Set)+len(s.table.Unset) > 0 && !s.whole {
		return fmt.Errorf("set and unset change a document that was read, so body must be \"{read.body}\"")
	}
	for _, path := range s.table.Unset {
		p := pathOf(path)
		s.edits = append(s.edits, edit{path: p.first()})
	}
	for _, path := range sortedKeys(s.table.Set) {
		n, err := c.compileNode(s.table.Set[path], &s.table)
		if err != nil {
			return err
		}
		p := pathOf(path)
		s.edits = append(s.edits, edit{p.first(), &n})
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
func (s *step) versionInside(version *capture) {
	at := version.json.first()
	if !s.whole || version.kind != fromJSON {
		return
	}
	for _, e := range s.edits {
		if e.path == version.path || e.path == at {
			return
		}
	}
	if _, err := sjson.Delete("{}", at); err != nil && s.uses(Version) {
		return // a path that only reads; the version is presented elsewhere
	}
	s.inside, s.only, s.carries.Version, s.version = true, !s.uses(Version), true, at
}

// addHeader adds a header that the table does not state.
func (s *step) addHeader(name, value string) {
	for _, h := range s.headers {
		if h.name == name {
			return
		}
	}
	s.headers = append(s.headers, field{name, text{parts: []part{{lit: value}}}})
}

// secret is a text from the environment: a literal that is shown as its
// variable's name.
func (c *compiler) secret(t scenarios.Text, at place) (text, error) {
	value, ok := c.opt.Getenv(t.Env)
	if !ok {
		return text{}, fmt.Errorf("the environment variable %s is not set", t.Env)
	}
	value = t.Prefix + value
	if at == inHeader {
		value = string(headerText(nil, value))
	}
	return text{parts: []part{{lit: value}}, secret: t.Prefix + "$" + t.Env}, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
