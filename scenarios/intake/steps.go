package intake

import (
	"net/http"
	"slices"
	"strings"
)

// steps writes set-up, read, write, teardown and what identifies a state.
func (w *writer) steps() {
	w.prepare()
	w.setup()
	if w.r.Delete != nil {
		w.line("\n[target.teardown]")
		w.request(w.r.Delete, w.r.Path)
	}
	w.line("\n[target.read]")
	if w.r.Read == nil {
		w.guess("what is written at %s is read there", w.r.Path)
	}
	w.request(&Exchange{Method: http.MethodGet, Header: w.read.Header, URL: w.read.URL}, w.r.Path)
	if v := w.watched(); v != nil {
		at := orLeaf(shownAs(*v, w.shown), v)
		w.guess("%s is the field under test: clients change it, and nothing else does", at.capture())
		w.line("value   = %s", quote(at.capture()))
	} else {
		w.guess("no field that is written is read again: the whole body is compared")
		w.line("value   = \"body\"")
	}
	if w.version.capture != "" {
		if w.version.leaf != nil {
			w.guess("%s names the state: %s", w.version.capture, w.version.why)
		}
		w.line("version = %s", quote(w.version.capture))
	}
	w.writeStep()
	w.identify()
}

// watched is the field whose value the workload changes.
func (w *writer) watched() *leaf {
	if w.value != nil {
		return w.value
	}
	return w.tag
}

func orLeaf(a, b *leaf) leaf {
	if a != nil {
		return *a
	}
	return *b
}

// request writes a step's request line and the headers that are not a
// client's own.
func (w *writer) request(x *Exchange, path string) {
	w.line("request = %s", quote(x.Method+" "+basePath(w.source.Base)+w.fillParents(path)))
	var parts []string
	for _, name := range sortedHeaders(x.Header) {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case skipped(name), secretHeader(name), canonical == "Content-Type" && (x.Body == "" || isForm(x) || x.Header.Get(name) == "application/json"):
		default:
			parts = append(parts, key(canonical)+" = "+quote(literal(x.Header.Get(name))))
		}
	}
	if x == w.write && w.version.capture == "header:ETag" {
		parts = append(parts, `If-Match = "{version}"`)
	}
	if len(parts) > 0 {
		w.line("headers = { %s }", strings.Join(parts, ", "))
	}
	if x.URL != nil && x.URL.RawQuery != "" {
		var query []string
		for name, v := range x.URL.Query() {
			query = append(query, key(name)+" = "+quote(literal(v[0])))
		}
		slices.Sort(query)
		w.line("query   = { %s }", strings.Join(query, ", "))
	}
}

func sortedHeaders(h http.Header) []string {
	var out []string
	for name := range h {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// fillParents puts ids that are not made by prepare into the path as they were
// recorded.
func (w *writer) fillParents(path string) string {
	recorded := strings.Split(strings.Trim(strings.TrimPrefix(w.write.URL.Path, basePath(w.source.Base)), "/"), "/")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, "{id") || p == "{"+w.made+"}" {
			continue
		}
		parts[i] = "1"
		if i < len(recorded) && !strings.HasPrefix(recorded[i], "{") {
			parts[i] = recorded[i]
		}
	}
	return "/" + strings.Join(parts, "/")
}

// prepare makes what the path needs before the last id: the thing that it
// belongs to.
func (w *writer) prepare() {
	if len(w.r.Parents) == 0 {
		return
	}
	first, _, _ := strings.Cut(w.r.Path, "/{id1}")
	if parent := w.source.maker(first); parent != nil {
		w.line("\n[target.prepare]                     # once per run: what %s belongs to", w.r.Name())
		w.request(parent.Create, first)
		w.body(parent.Create, "body", w.names(parent.Create, "tussle-{run}", nil))
		w.key("capture = { id1 = %s }", parent)
		w.made = "id1"
	}
	if w.made == "" || len(w.r.Parents) > 1 {
		w.line("")
		w.guess("what stands before %s in the paths below exists: %s", w.r.Name(), w.fillParents(w.r.Collection))
	}
}

// keyOf is where the answer to a create has the id; sure tells whether an
// answer showed it there.
func keyOf(r *Resource) (capture string, sure bool) {
	x := r.Create
	at := lastSegment(x.AnswerHeader.Get("Location"))
	if r.ids[at] || at != "" && len(leaves(x.Answer)) == 0 {
		return "header:Location:last", true
	}
	all := leaves(x.Answer)
	for _, l := range all {
		if r.ids[l.text()] {
			return l.capture(), true
		}
	}
	if sure = len(all) > 0; !sure && r.Read != nil {
		all = leaves(r.Read.Answer)
	}
	for _, l := range all {
		if w := words(l.name()); idName(l.name()) || len(w) > 1 && w[len(w)-1] == "id" {
			return l.capture(), sure
		}
	}
	if at != "" {
		return "header:Location:last", true
	}
	return "json:id", false
}

// key writes where the id stands in the answer to a create.
func (w *writer) key(name string, r *Resource) {
	capture, sure := keyOf(r)
	if !sure {
		w.guess("the answer has the id at %s", capture)
	}
	w.line(name, quote(capture))
}

func (w *writer) setup() {
	w.line("\n[target.setup]                       # a fresh one for each key, strategy and block")
	if c := w.r.Create; c != nil {
		w.request(c, w.r.Collection)
		change := w.names(c, perKey, w.initial(c))
		chosen := false // by the client, in the body
		for _, l := range bodyLeaves(c) {
			if w.isKey(l) && w.r.ids[l.text()] {
				change[strings.Join(l.path, "\x00")], chosen = `"{key}"`, true
			}
		}
		w.body(c, "body", change)
		if chosen {
			return
		}
		w.key("key     = %s                  # the server gives the id; from here on it is {key}", w.r)
		return
	}
	if w.madeByName() {
		w.guess("PUT makes what is not there yet, under a name of our own")
		x := *w.write
		x.Method = http.MethodPut
		w.request(&x, w.r.Path)
		w.body(&x, "body", w.names(&x, perKey, w.initial(&x)))
		return
	}
	w.guess("POST %s makes one, of the same fields, and answers with its id", w.r.Collection)
	x := *w.write
	x.Method = http.MethodPost
	w.request(&x, w.r.Collection)
	w.body(&x, "body", w.names(&x, perKey, w.initial(&x)))
	w.line("key     = \"json:id\"")
}

// madeByName tells ids that a client may choose from those that look as a
// server counts them.
func (w *writer) madeByName() bool {
	for id := range w.r.ids {
		if placeOfID.MatchString(id) || strings.HasPrefix(id, "{") {
			return false
		}
	}
	return w.write.Method == http.MethodPut
}

// initial are the values of a fresh resource.
func (w *writer) initial(x *Exchange) map[string]string {
	out := map[string]string{}
	for _, l := range bodyLeaves(x) {
		at := strings.Join(l.path, "\x00")
		if v := w.watched(); v != nil && l.name() == v.name() {
			out[at] = `"{value}"`
		}
		if w.value != nil && w.tag != nil && l.name() == w.tag.name() {
			out[at] = `"{tag}"`
		}
		if w.version.leaf != nil && l.name() == w.version.leaf.name() {
			out[at] = "" // the server gives the first one
		}
	}
	return out
}

// perKey is a text that each key of each block has for itself.
const perKey = "tussle-{run}-{block}-{n}"

// names gives texts that a service may want only once a text of their own.
func (w *writer) names(x *Exchange, own string, change map[string]string) map[string]string {
	out := map[string]string{}
	for at, v := range change {
		out[at] = v
	}
	for _, l := range bodyLeaves(x) {
		at := strings.Join(l.path, "\x00")
		if _, ok := out[at]; ok || !l.isText() || !oneWord(l.name(), unique...) || secretField(l.name()) {
			continue
		}
		out[at] = quote(own)
		if oneWord(l.name(), "email") {
			out[at] = quote(own + "@example.com")
		}
	}
	return out
}

// isKey tells the field of a body that repeats the id of the path.
func (w *writer) isKey(l leaf) bool { return idName(l.name()) && l.depth() <= 2 && l.text() != "" }

func (w *writer) writeStep() {
	w.line("\n[target.write]")
	w.request(w.write, w.r.Path)
	change := map[string]string{}
	for i := range w.sent {
		l := &w.sent[i]
		at := strings.Join(l.path, "\x00")
		switch v := w.watched(); {
		case w.isKey(*l):
			change[at] = `"{key}"`
		case v != nil && slices.Equal(v.path, l.path):
			change[at] = `"{value}"`
		case w.value != nil && w.tag != nil && slices.Equal(w.tag.path, l.path):
			change[at] = `"{tag}"`
		case w.version.leaf != nil && l.name() == w.version.leaf.name():
			change[at] = `"{version}"`
		case l.isText() && oneWord(l.name(), unique...) && !secretField(l.name()):
			change[at] = `"{tag}"`
			if oneWord(l.name(), "email") {
				change[at] = `"{tag}@example.com"`
			}
		}
	}
	w.body(w.write, "body", change)
	switch {
	case w.version.capture == "header:ETag" && w.write.AnswerHeader.Get("ETag") != "":
		w.line("version = \"header:ETag\"")
	case w.version.leaf != nil:
		if l := shownAs(*w.version.leaf, leaves(w.write.Answer)); l != nil {
			w.line("version = %s", quote(l.capture()))
		}
	}
}

func (w *writer) identify() {
	switch {
	case w.value != nil && w.tag != nil:
		w.line("\n[target.identify]                    # how a read tells which write it saw")
		at := orLeaf(shownAs(*w.tag, w.shown), w.tag)
		w.guess("%s keeps any text that is written", at.capture())
		w.line("by  = \"tag\"")
		w.line("tag = %s", quote(at.capture()))
	case w.value == nil && w.tag != nil:
		w.line("\n[target.identify]")
		w.line("by = \"value\"                         # every write has a text of its own")
	}
}
