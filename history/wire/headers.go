package wire

import (
	"net/textproto"

	"tussle/history"
)

// Headers are those that go with every request of an identity, whatever the
// step: templates or secrets.
type Headers struct{ fields []field }

// CompileHeaders makes headers ready.
func CompileHeaders(list []history.PlanField, o Options) (*Headers, error) {
	c := compiler{&o}
	h := &Headers{}
	for _, f := range list {
		t, err := c.field(f, inHeader, &history.PlanRequest{})
		if err != nil {
			return nil, err
		}
		h.fields = append(h.fields, field{textproto.CanonicalMIMEHeaderKey(f.Name), t})
	}
	return h, nil
}

// Fixed returns the headers without variables.
func (h *Headers) Fixed() []Header {
	var out []Header
	for i := range h.fields {
		if f := &h.fields[i]; allLiteral(f.text.parts) {
			b, _ := f.text.append(nil, nil) // literals always render
			out = append(out, Header{f.name, string(b)})
		}
	}
	return out
}

// headerSink is a request that takes headers.
type headerSink interface {
	Header(name string) []byte // nil or empty: not there
	SetHeader(name string, value []byte)
}

// Add adds the others to a request that does not state them. One whose
// variables are not all set is left out: what is sent has no {variable} in it.
func (h *Headers) Add(v *Vars, to headerSink) {
	for i := range h.fields {
		f := &h.fields[i]
		if allLiteral(f.text.parts) || len(to.Header(f.name)) > 0 {
			continue
		}
		b, err := f.text.append(v.buf[:0], v)
		if v.buf = b; err == nil {
			to.SetHeader(f.name, b)
		}
	}
}

// Named lists the variables that captures define and these headers have.
func (h *Headers) Named() []string {
	var names []string
	for i := range h.fields {
		h.fields[i].text.each(func(r ref) {
			if r.fixed == NoVar {
				names = append(names, r.name)
			}
		})
	}
	return names
}

// Given returns those with variables as a list.
func (h *Headers) Given(v *Vars) []Header {
	var r Request
	h.Add(v, &r)
	return r.Headers
}

// Show adds all of the headers to a request that is shown.
func (h *Headers) Show(v *Vars, r *Request) {
	own := *v
	own.buf, own.tmp = nil, nil
	for _, f := range h.Fixed() {
		if len(r.Header(f.Name)) == 0 {
			r.SetHeader(f.Name, []byte(f.Value))
		}
	}
	h.Add(&own, r)
}
