package intake

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Draft is a scenario that is yet to be tried.
type Draft struct {
	Resource string // "/articles/{key}"
	Name     string
	Text     string   // TOML
	Guesses  []string // what was taken for granted, in the order of the file
	Secrets  []string // variables of the environment that it reads
}

// Draft writes the scenario of one resource.
func (s *Source) Draft(r *Resource) *Draft {
	w := &writer{source: s, r: r, draft: &Draft{Resource: r.Path, Name: r.Name()}}
	w.plan()
	w.head()
	w.target()
	w.steps()
	w.load()
	w.draft.Text = w.b.String()
	return w.draft
}

// writer holds what one draft has decided.
type writer struct {
	source *Source
	r      *Resource
	draft  *Draft
	b      strings.Builder

	read, write *Exchange // with the answer that stands for what a read shows
	shown, sent []leaf
	value, tag  *leaf // of the write's body
	version     guess
	made        string // the place in the path that prepare fills: "id1"
}

// plan decides which fields are written and which tell what was written.
func (w *writer) plan() {
	w.write, w.read = w.r.Write, w.r.Read
	if w.read == nil || len(leaves(w.read.Answer)) == 0 {
		known := Exchange{Method: http.MethodGet, Header: w.write.Header, AnswerHeader: w.write.AnswerHeader}
		for _, text := range []string{w.write.Answer, w.answerOfCreate(), w.write.Body} {
			if known.Answer == "" && len(leaves(text)) > 0 {
				known.Answer = text
			}
		}
		w.read = &known
	}
	w.shown, w.sent = leaves(w.read.Answer), bodyLeaves(w.write)
	w.value = pick(w.sent, w.shown, countable, leaf.integer, true, nil)
	w.tag = pick(w.sent, w.shown, free, leaf.isText, true, nil)
	seen := *w.r
	seen.Read = w.read
	w.version = findVersion(&seen)
}

func (w *writer) answerOfCreate() string {
	if w.r.Create == nil {
		return ""
	}
	return w.r.Create.Answer
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// guess marks the line that follows.
func (w *writer) guess(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.draft.Guesses = append(w.draft.Guesses, text)
	w.line("# guess: %s", text)
}

func (w *writer) head() {
	w.line("# A draft from %s. Lines below \"guess\" were taken for granted: check them first.", madeFrom(w.write.Where, w.source.Format))
	w.line("#")
	w.line("#   tussle validate %s.toml     every problem at once, with its place", w.draft.Name)
	w.line("#   tussle probe %s.toml        two clients, a second or two: which promises are kept?", w.draft.Name)
	w.line("#   tussle run %s.toml --fail-on-loss", w.draft.Name)
	for _, n := range w.source.Notes {
		w.line("# note: %s", n)
	}
	w.line("\nname        = %s", quote(w.draft.Name))
	w.line("description = %s", quote("does a change get lost when many clients write the same of "+w.r.Collection+"?"))
}

func madeFrom(where, format string) string {
	if where == "" {
		return format
	}
	return where + " (" + format + ")"
}

func (w *writer) target() {
	w.line("\n[target]")
	if w.write.Examples {
		w.guess("this is the server of the document; tussle writes to it, so give a test instance")
	}
	u, err := url.Parse(w.source.Base)
	base := w.source.Base
	if err == nil {
		base = u.Scheme + "://" + u.Host
	}
	w.line("url = %s", quote(base))
	w.line("# command = [\"./api\", \"--port\", \"8080\"]     # started, awaited and stopped by tussle")
	login := w.source.findLogin(w.r)
	creds := w.r.credentials()
	if login != nil {
		creds = slices.DeleteFunc(creds, func(c credential) bool { return c.header == "Authorization" })
	}
	if len(creds) > 0 {
		w.line("\n[[target.identity]]                  # secrets come from the environment only")
		var parts []string
		for _, c := range creds {
			prefix := ""
			if c.prefix != "" {
				prefix = ", prefix = " + quote(c.prefix)
			}
			parts = append(parts, fmt.Sprintf("%s = { env = %s%s }", key(c.header), quote(c.env), prefix))
			w.draft.Secrets = append(w.draft.Secrets, c.env)
		}
		w.line("headers = { %s }", strings.Join(parts, ", "))
	}
	if login != nil {
		w.line("\n[target.login]                       # once per identity, and again after a 401")
		w.line("request = %s", quote("POST "+login.exchange.URL.Path))
		w.body(login.exchange, "body", nil)
		w.line("token   = %s", quote(login.token.capture()))
	}
}

// body writes a request's body with templates in the places that change.
func (w *writer) body(x *Exchange, name string, change map[string]string) {
	all := maps.Clone(change)
	if all == nil {
		all = map[string]string{}
	}
	for _, l := range bodyLeaves(x) {
		if at := strings.Join(l.path, "\x00"); all[at] == "" && secretField(l.name()) {
			env := envName(l.name())
			if !slices.Contains(w.draft.Secrets, env) {
				w.draft.Secrets = append(w.draft.Secrets, env)
			}
			all[at] = "{ env = " + quote(env) + " }"
		}
	}
	if isForm(x) {
		var parts []string
		for _, l := range bodyLeaves(x) {
			v, ok := all[l.name()]
			if !ok {
				v = quote(url.QueryEscape(l.text()))
			}
			parts = append(parts, url.QueryEscape(l.name())+"="+strings.Trim(v, `"`))
		}
		w.line("headers = { Content-Type = \"application/x-www-form-urlencoded\" }")
		w.line("%s    = %s", name, quote(strings.Join(parts, "&")))
		return
	}
	if v, ok := parse(x.Body); ok {
		w.line("%s    = %s", name, inline(v, nil, all))
	} else if x.Body != "" {
		w.line("%s    = %s", name, quote(literal(x.Body)))
	}
}

func (w *writer) load() {
	w.line("\n[workload]")
	if w.value != nil {
		w.line("kind  = \"counter\"                    # every operation adds 1 to what it read")
	} else {
		w.line("kind  = \"register\"                   # every operation writes a text of its own")
	}
	w.line("keys  = 4")
	w.line("think = \"2ms\"                        # between the read and the write")
	w.line("\n[load]")
	w.line("clients  = 8")
	w.line("duration = \"500ms\"                   # of one block of one strategy")
	w.line("repeat   = 2")
	if w.version.capture != "" {
		w.line("\n[[strategy]]")
		w.line("name    = \"conditional\"              # read, think, write under the condition that nothing changed")
		w.line("locking = \"optimistic\"")
	}
	blind := []string{"[[strategy]]", `name    = "last-write-wins"          # the same without a condition: what is lost today`, `locking = "none"`}
	w.line("")
	if w.write.Header.Get("If-Match") != "" {
		blind[1] = `name    = "last-write-wins"          # the same without a condition, if the API takes that`
		for i := range blind {
			blind[i] = "# " + blind[i]
		}
	}
	w.line("%s", strings.Join(blind, "\n"))
}
