package dialect

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/retry"
	"tussle/runner/transport"
)

// Answer is what an answer said. Texts are valid until the next Read into the
// same Answer; Body also only until the connection is used again. Keep copies.
type Answer struct {
	Sent Sent // set before Read, from [Vars.Sent]; not reset

	Status int
	Class  history.Class
	Effect history.Effect // "" of steps that do not write
	Action Action         // of the rule that matched; "" is by class

	Value, Version, Tag, Token, Fence, Key                   Text
	HasValue, HasVersion, HasTag, HasToken, HasFence, HasKey bool

	Absent  bool          // read: there is none
	Granted time.Duration // lock: for how long; 0 when it did not tell
	Breach  string        // of an operation's step: what it expects and was not given
	Pending bool          // of an operation's step that is sent again until its answer says so: it does not yet
	Part    Part          // list: of which whole it is a part
	Missing string        // a configured capture that a successful or unreadable answer lacked
	Body    []byte        // decoded, a view of the response or of the Answer

	RetryAfter    time.Duration
	HasRetryAfter bool
	Problem       string          // of refusals: RFC 9457 type, or what the body has instead
	Detail        string          // of refusals and unreadable answers: at most 512 bytes of the body, masked
	Named         map[string]Text // further captures; nil when none are configured

	coding string // Content-Encoding that could not be undone
	unmet  string // the capture that makes a 2xx unreadable

	arena []byte
	plain bytes.Buffer // decompressed body
	gz    *gzip.Reader
}

// maxDetail is how much of a refusal's body is kept.
const maxDetail = 512

// reset empties the answer and keeps its memory.
func (a *Answer) reset() {
	named := a.Named
	clear(named)
	*a = Answer{Sent: a.Sent, Named: named, arena: a.arena[:0], plain: a.plain, gz: a.gz}
	a.plain.Reset()
}

// keep copies a text into the answer's memory.
func (a *Answer) keep(s string) string {
	if len(s) == 0 {
		return ""
	}
	from := len(a.arena)
	a.arena = append(a.arena, s...)
	return view(a.arena[from:])
}

// Read reads the step's answer into a.
func (d *Dialect) Read(name history.Step, resp *transport.Response, a *Answer) {
	a.reset()
	s := d.at(name)
	if s == nil {
		s = &step{Step: &wire.Step{Name: name}}
	}
	r := answer{resp: resp, status: resp.Status(), body: resp.Body()}
	a.Status = r.status
	if enc := resp.Header("Content-Encoding"); len(enc) > 0 {
		r.body = a.decode(view(enc), r.body)
		r.coding = a.coding
	}
	a.Body = r.body
	if a.Status >= 300 {
		if h := resp.Header("Retry-After"); len(h) > 0 {
			a.RetryAfter, a.HasRetryAfter = retry.ParseRetryAfter(view(h), d.now(resp))
		}
	}
	own := name
	name = d.As(name)
	d.classify(name, own, s, &r, a)
	if a.Class != history.OK {
		a.refused(&r, &d.opt)
		a.despite(&s.captures, &r)
		if k := s.captures.token.kind; name == history.StepLogin && k != fromBody && k != fromStatus {
			a.capture(&s.captures, &r) // a token may come with any status
		}
		return
	}
	if a.Absent {
		return
	}
	if s.until != nil {
		if a.Pending = s.until.breach(&r) != ""; a.Pending {
			return // what it captures is not there yet
		}
	}
	if a.Absent = r.status < 300 && s.captures.saysAbsent(&r); a.Absent {
		return
	}
	a.capture(&s.captures, &r)
	if name == history.StepList && (!own.Own() || len(s.items) > 0) {
		var doc []byte
		if r.json() {
			doc = bytes.Clone(r.body)
		}
		a.Part = partOf(resp.Headers("Link"), resp.Header("X-Total-Count"), doc)
		if s.next != nil {
			a.Part.Cursor = ""
			if t, ok := s.next.find(&r); ok && t.S != "null" {
				a.Part.Cursor = strings.Clone(t.S)
			}
			a.Part.Next, a.Part.Why = "", ""
		}
	}
	if a.Missing != "" && r.status < 300 && s.captures.lacksAll(a, name, &r) {
		a.Absent, a.Missing = true, ""
		return
	}
	if s.expect != nil {
		a.Breach = a.keep(s.expect.breach(&r))
	}
	if a.unmet != "" && r.status < 300 {
		a.Class, a.Effect, a.Missing = history.Unreadable, wire.DefaultEffect(name, r.status, history.Unreadable), a.unmet
		a.keepDetail(&r, &d.opt)
	}
}

// lacksAll reports whether an answer says that there is none by lacking
// everything: with a status 2xx that is listed, or with an empty list where its
// first member was looked for.
func (c *captures) lacksAll(a *Answer, name history.Step, r *answer) bool {
	if a.HasValue || a.HasTag || a.HasVersion && c.version.kind != fromHeader || !r.json() {
		return false
	}
	return !a.HasVersion && slices.Contains(c.absent, r.status) ||
		name == history.StepRead && (c.value.leadsIntoNothing(r) || c.value.kind == noCapture && c.tag.leadsIntoNothing(r))
}

// now is the server's own time where it tells, for a Retry-After with a date.
func (d *Dialect) now(resp *transport.Response) time.Time {
	if h := resp.Header("Date"); len(h) > 0 {
		if t, err := http.ParseTime(string(h)); err == nil {
			return t
		}
	}
	return d.opt.Now()
}

// classify sets class, effect, action and whether the resource is absent.
func (d *Dialect) classify(name, own history.Step, s *step, r *answer, a *Answer) {
	garbled := false
	for i := range d.rules {
		rule := &d.rules[i]
		if !rule.fits(name, r.status) && !rule.fits(own, r.status) {
			continue
		}
		if !rule.matches(r) {
			garbled = garbled || rule.parses() && len(r.body) > 0 && !r.json()
			continue
		}
		a.Class, a.Action, a.Effect = rule.class, rule.action, rule.effect
		if !name.Writes() {
			a.Effect = ""
		} else if a.Effect == "" {
			a.Effect = wire.DefaultEffect(name, r.status, a.Class)
		}
		a.Absent = a.Class == history.OK && r.status >= 300 && slices.Contains(s.captures.absent, r.status)
		return
	}
	if r.status >= 300 && slices.Contains(s.captures.absent, r.status) {
		a.Class, a.Absent = history.OK, true
		a.Effect = wire.DefaultEffect(name, r.status, a.Class)
		return
	}
	if garbled && r.status < 300 {
		// The rules look into answers of this kind, so the status alone means
		// nothing: etcd says 200 to what it did and to what it refused.
		a.Class = history.Unreadable
		a.Effect = wire.DefaultEffect(name, r.status, a.Class)
		return
	}
	sent := a.Sent
	if !sent.Known {
		sent = s.Carries
	}
	status, mixed := r.status, false
	if status == 207 && name != history.StepRead && name != history.StepList {
		status, mixed = multiStatus(r)
	}
	a.Class = wire.DefaultClass(name, status, a.HasRetryAfter, wire.Presented{Version: sent.Version, Lock: sent.Lock, Parent: s.Parent})
	if a.Effect = wire.DefaultEffect(name, status, a.Class); mixed && name.Writes() {
		a.Effect = history.Unknown
	}
}

// capture fills what the step's captures find.
func (a *Answer) capture(c *captures, r *answer) {
	if !c.some {
		return
	}
	must := &c.yields
	a.take(&c.value, r, &a.Value, &a.HasValue, "value", must.value)
	if a.take(&c.tag, r, &a.Tag, &a.HasTag, "tag", must.tag); a.Missing == "tag" && !must.tag {
		a.Missing = "" // what set-up wrote may carry none
	}
	if a.take(&c.version, r, &a.Version, &a.HasVersion, "version", must.version); c.mayLack && a.Missing == "version" {
		a.Missing = ""
	}
	a.take(&c.token, r, &a.Token, &a.HasToken, "token", must.token)
	a.take(&c.fence, r, &a.Fence, &a.HasFence, "fence", must.fence)
	a.take(&c.key, r, &a.Key, &a.HasKey, "key", must.key)
	if t, ok := c.granted.find(r); ok {
		if c.unitless(t) {
			a.Missing, a.unmet = unitOfGranted, unitOfGranted
		} else {
			a.Granted, _ = wire.Granted(t.S)
		}
	}
	for i := range c.named {
		n := &c.named[i]
		if a.Named == nil {
			a.Named = map[string]Text{}
		}
		var t Text
		var has bool
		if a.take(&n.capture, r, &t, &has, n.name, must.named); has {
			a.Named[n.name] = t
		}
	}
}

// despite takes what a refusal carries for the next request: a token against
// forged requests comes with any status.
func (a *Answer) despite(c *captures, r *answer) {
	for i := range c.named {
		switch n := &c.named[i]; n.kind {
		case fromCookie, fromInput, fromMeta, fromHeader:
			if t, ok := n.find(r); ok {
				if a.Named == nil {
					a.Named = map[string]Text{}
				}
				a.Named[n.name] = Text{S: a.keep(t.S), Raw: t.Raw}
			}
		}
	}
}

func (a *Answer) take(c *capture, r *answer, to *Text, has *bool, name string, must bool) {
	if c.kind == noCapture {
		return
	}
	t, ok := c.find(r)
	if !ok {
		if a.Missing == "" {
			a.Missing = name
		}
		if must && a.unmet == "" {
			a.unmet = name
		}
		return
	}
	*to, *has = Text{S: a.keep(t.S), Raw: t.Raw}, true
}

// refused keeps what a refusal says about itself.
func (a *Answer) refused(r *answer, opt *Options) {
	if len(r.body) == 0 {
		return
	}
	a.Problem = problem(r)
	if a.Problem != "" {
		a.Problem = a.keep(a.Problem)
	}
	if r.json() {
		if ms, ok := millis(r); ok {
			a.RetryAfter, a.HasRetryAfter = ms, true
		}
	}
	a.keepDetail(r, opt)
}

// keepDetail keeps the head of the body.
func (a *Answer) keepDetail(r *answer, opt *Options) {
	detail := view(r.body)
	if r.coding != "" {
		detail = "Content-Encoding: " + r.coding
	}
	if opt.Window != nil {
		detail = opt.Window(detail, maxDetail)
	}
	if opt.Mask != nil {
		a.Problem = opt.Mask(a.Problem)
	}
	a.Detail = a.keep(cut(detail))
}

// cut is at most [maxDetail] bytes of valid UTF-8.
func cut(s string) string {
	if len(s) > maxDetail {
		end := maxDetail
		for end > maxDetail-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
		s = strings.ToValidUTF8(s[:min(len(s), maxDetail)], "")
	}
	return s
}

// decode undoes gzip, at most to [transport.MaxAnswer]. What cannot be decoded
// is no body. The names of codings know no case (RFC 9110, 8.4.1).
func (a *Answer) decode(encoding string, body []byte) []byte {
	name := strings.ToLower(strings.TrimSpace(encoding))
	if name == "" || name == "identity" || len(body) == 0 {
		return body
	}
	a.coding = encoding
	if name != "gzip" && name != "x-gzip" {
		return nil
	}
	var err error
	if a.gz == nil {
		a.gz, err = gzip.NewReader(bytes.NewReader(body))
	} else {
		err = a.gz.Reset(bytes.NewReader(body))
	}
	if err != nil {
		a.gz = nil
		return nil
	}
	if _, err := io.Copy(&a.plain, io.LimitReader(a.gz, transport.MaxAnswer+1)); err != nil || a.plain.Len() > transport.MaxAnswer {
		return nil
	}
	a.coding = ""
	return a.plain.Bytes()
}
