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

	Absent  bool   // read: there is none
	Missing string // a configured capture that a successful answer lacked
	Body    []byte // decoded, a view of the response or of the Answer

	RetryAfter    time.Duration
	HasRetryAfter bool
	Problem       string          // of refusals: RFC 9457 type, or what the body has instead
	Detail        string          // of refusals: at most 512 bytes of the body, masked
	Named         map[string]Text // further captures; nil when none are configured

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
		s = &step{name: name}
	}
	r := answer{resp: resp, status: resp.Status(), body: resp.Body()}
	a.Status = r.status
	if enc := resp.Header("Content-Encoding"); len(enc) > 0 {
		r.body = a.decode(view(enc), r.body)
	}
	a.Body = r.body
	if a.Status >= 300 {
		if h := resp.Header("Retry-After"); len(h) > 0 {
			a.RetryAfter, a.HasRetryAfter = retry.ParseRetryAfter(view(h), d.now(resp))
		}
	}
	d.classify(name, s, &r, a)
	if a.Class != history.OK {
		a.refused(&r, &d.opt)
		if k := s.captures.token.kind; name == history.StepLogin && k != fromBody && k != fromStatus {
			a.capture(&s.captures, &r) // a token may come with any status
		}
		return
	}
	if a.Absent {
		return
	}
	a.capture(&s.captures, &r)
	if a.Missing != "" && r.status < 300 && slices.Contains(s.captures.absent, r.status) &&
		!a.HasValue && !a.HasVersion && !a.HasTag && r.json() {
		a.Absent, a.Missing = true, "" // a status 2xx that is listed says so by lacking everything
	}
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
func (d *Dialect) classify(name history.Step, s *step, r *answer, a *Answer) {
	garbled := false
	for i := range d.rules {
		rule := &d.rules[i]
		if !rule.fits(name, r.status) {
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
			a.Effect = DefaultEffect(name, r.status, a.Class)
		}
		a.Absent = a.Class == history.OK && r.status >= 300 && slices.Contains(s.captures.absent, r.status)
		return
	}
	if r.status >= 300 && slices.Contains(s.captures.absent, r.status) {
		a.Class, a.Absent = history.OK, true
		a.Effect = DefaultEffect(name, r.status, a.Class)
		return
	}
	if garbled && r.status < 300 {
		// The rules look into answers of this kind, so the status alone means
		// nothing: etcd says 200 to what it did and to what it refused.
		a.Class, a.Effect = NoAnswer(name, false, true)
		return
	}
	sent := a.Sent
	if !sent.Known {
		sent = s.carries
	}
	a.Class = DefaultClass(name, r.status, a.HasRetryAfter, Presented{sent.Version, sent.Lock, s.parent})
	a.Effect = DefaultEffect(name, r.status, a.Class)
}

// capture fills what the step's captures find.
func (a *Answer) capture(c *captures, r *answer) {
	if !c.some {
		return
	}
	if a.take(&c.tag, r, &a.Tag, &a.HasTag, "tag"); !a.HasTag {
		a.Missing = "" // what set-up wrote may carry none
	}
	a.take(&c.value, r, &a.Value, &a.HasValue, "value")
	if a.take(&c.version, r, &a.Version, &a.HasVersion, "version"); c.mayLack && a.Missing == "version" {
		a.Missing = ""
	}
	a.take(&c.token, r, &a.Token, &a.HasToken, "token")
	a.take(&c.fence, r, &a.Fence, &a.HasFence, "fence")
	a.take(&c.key, r, &a.Key, &a.HasKey, "key")
	for i := range c.named {
		n := &c.named[i]
		if a.Named == nil {
			a.Named = map[string]Text{}
		}
		var t Text
		var has bool
		if a.take(&n.capture, r, &t, &has, n.name); has {
			a.Named[n.name] = t
		}
	}
}

func (a *Answer) take(c *capture, r *answer, to *Text, has *bool, name string) {
	if c.kind == noCapture {
		return
	}
	t, ok := c.find(r)
	if !ok {
		if a.Missing == "" {
			a.Missing = name
		}
		return
	}
	*to, *has = Text{a.keep(t.S), t.Raw}, true
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
	detail := view(r.body)
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
// is no body.
func (a *Answer) decode(encoding string, body []byte) []byte {
	if encoding != "gzip" && encoding != "x-gzip" || len(body) == 0 {
		return body
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
	return a.plain.Bytes()
}
