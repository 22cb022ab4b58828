package wire

import (
	"fmt"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"tussle/history"
)

// Step is one step, ready to be made into requests. It is not changed after
// [Compile], so that all clients share it.
type Step struct {
	Name    history.Step
	Carries Sent     // what the templates could carry
	Parent  bool     // the step names a parent resource
	Own     []string // variables that its templates have and that captures define

	method  string
	origin  string // scheme and host
	target  text
	query   []field
	headers []field
	body    *node // nil: no body, or a form
	form    *form // nil: no form
	choose  *text // of a lock: the token that the client chooses
	edits   []edit
	whole   bool   // the body is the document that was read
	inside  bool   // the version that was read goes back within that document
	only    bool   // and is presented nowhere else
	version string // where in it the version is

	idempotent bool // a template places the idempotency key
}

// field is a header or a query parameter.
type field struct {
	name string
	text text
}

// Sink takes a request as it is rendered. The bytes are valid during the call.
type Sink interface {
	SetMethod(method string)
	SetTarget(target []byte)
	SetHeader(name string, value []byte) // name is in canonical form
	SetBody(body []byte)
}

// Render builds the step's request from the variables. A header, query
// parameter or body member whose only variable is unset is left out; any
// other unset variable is an error. Nothing is allocated once v's scratch
// memory has grown, except for documents that are changed before they are
// sent back.
func (s *Step) Render(v *Vars, req Sink) error {
	req.SetMethod(s.method)
	v.tmp = v.tmp[:0]
	b, err := s.appendTarget(v.buf[:0], v)
	if v.buf = b; err != nil {
		return fmt.Errorf("step %s: %w", s.Name, err)
	}
	req.SetTarget(b)
	for i := range s.headers {
		h := &s.headers[i]
		if h.text.omitted(v) {
			continue
		}
		b, err = h.text.append(v.buf[:0], v)
		if v.buf = b; err != nil {
			return fmt.Errorf("step %s: header %s: %w", s.Name, h.name, err)
		}
		req.SetHeader(h.name, b)
	}
	if key, ok := v.Get(IdempotencyKey); ok && !s.idempotent && s.Name.Writes() {
		v.buf = wrap(v.buf[:0], `"`, key.S, `"`) // a string of RFC 8941, as the draft on the header has it
		req.SetHeader("Idempotency-Key", v.buf)
	}
	if s.hasBody(v) {
		b, err = s.appendBody(v.body[:0], v)
		if err != nil {
			return fmt.Errorf("step %s: body: %w", s.Name, err)
		}
		v.body = b
		req.SetBody(b)
	}
	_, version := v.Get(Version)
	_, lock := v.Get(Lock)
	_, fence := v.Get(Fence)
	v.sent = Sent{Known: true, Version: s.Carries.Version && version, Lock: s.Carries.Lock && (lock || fence)}
	return nil
}

// Chosen is the token that the client chooses for a lock; false where it is the
// server's to choose, or a variable of it is not set.
func (s *Step) Chosen(v *Vars) (Text, bool) {
	if s.choose == nil {
		return Text{}, false
	}
	b, err := s.choose.append(nil, v)
	return Text{S: string(b)}, err == nil
}

// Whole reports whether the step sends back the document that was read.
func (s *Step) Whole() bool { return s.whole }

// hasBody reports whether a body is sent: a body that is exactly one unset
// variable is left out, but not one that merely mentions one.
func (s *Step) hasBody(v *Vars) bool {
	return s.form != nil || s.body != nil && (s.body.text == nil || !s.body.text.single || !s.body.omitted(v))
}

// appendTarget adds path and query.
func (s *Step) appendTarget(dst []byte, v *Vars) ([]byte, error) {
	dst, err := s.target.append(dst, v)
	if err != nil {
		return dst, err
	}
	sep := byte('?')
	for _, c := range dst {
		if c == '?' {
			sep = '&'
		}
	}
	for i := range s.query {
		q := &s.query[i]
		if q.text.omitted(v) {
			continue
		}
		dst = append(dst, sep)
		sep = '&'
		dst = append(dst, q.name...)
		dst = append(dst, '=')
		if dst, err = q.text.append(dst, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendBody adds the body with the edits made.
func (s *Step) appendBody(dst []byte, v *Vars) ([]byte, error) {
	if s.form != nil {
		return s.form.append(dst, v)
	}
	dst, err := s.body.append(dst, v)
	if err != nil {
		return dst, err
	}
	if s.inside && ValidJSON(dst) {
		if dst, err = s.present(dst, v); err != nil {
			return dst, fmt.Errorf("the version at %q of the document that was read: %w", s.version, err)
		}
	}
	if len(s.edits) == 0 {
		return dst, nil
	}
	return apply(s.edits, dst, v)
}

// present makes the document carry the version that is presented, where that
// is its only place: most often it is the one that was read. Without one it
// carries none.
func (s *Step) present(doc []byte, v *Vars) ([]byte, error) {
	version, presented := v.Get(Version)
	if !presented {
		return sjson.DeleteBytes(doc, s.version)
	}
	switch found := gjson.GetBytes(doc, s.version); {
	case !s.only || !found.Exists() || found.String() == version.S:
		return doc, nil
	case found.Type == gjson.Number && gjson.Valid(version.S):
		return sjson.SetRawBytes(doc, s.version, []byte(version.S))
	default:
		return sjson.SetBytes(doc, s.version, version.S)
	}
}
