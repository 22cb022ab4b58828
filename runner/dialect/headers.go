package dialect

import (
	"net/textproto"

	"tussle/runner/transport"
	"tussle/scenarios"
)

// Headers are those that go with every request of an identity, whatever the
// step: templates or secrets.
type Headers struct{ fields []field }

// CompileHeaders compiles headers by name; of options only Getenv is used.
func CompileHeaders(table map[string]scenarios.Text, opt Options) (*Headers, error) {
	c := compiler{opt: &opt}
	h := &Headers{}
	for _, name := range sortedKeys(table) {
		var t text
		var err error
		if table[name].Env != "" {
			t, err = c.secret(table[name], inHeader)
		} else {
			t, err = compileText(table[name].Template, inHeader, &scenarios.Step{})
		}
		if err != nil {
			return nil, err
		}
		h.fields = append(h.fields, field{textproto.CanonicalMIMEHeaderKey(name), t})
	}
	return h, nil
}

// Fixed returns the headers without variables.
func (h *Headers) Fixed() []transport.Header {
	var out []transport.Header
	for i := range h.fields {
		if f := &h.fields[i]; allLiteral(f.text.parts) {
			b, _ := f.text.append(nil, nil) // literals always render
			out = append(out, transport.Header{Name: f.name, Value: string(b)})
		}
	}
	return out
}

// Add adds the others to a request that does not state them. One whose
// variables are not all set is left out: what is sent has no {variable} in it.
func (h *Headers) Add(v *Vars, req *transport.Request) {
	for i := range h.fields {
		f := &h.fields[i]
		if allLiteral(f.text.parts) || len(req.Header(f.name)) > 0 {
			continue
		}
		b, err := f.text.append(v.buf[:0], v)
		if v.buf = b; err == nil {
			req.SetHeader(f.name, b)
		}
	}
}

// Given returns the same as a list.
func (h *Headers) Given(v *Vars) (out []transport.Header) {
	var req transport.Request
	h.Add(v, &req)
	for i := range h.fields {
		if f := &h.fields[i]; !allLiteral(f.text.parts) && len(req.Header(f.name)) > 0 {
			out = append(out, transport.Header{Name: f.name, Value: string(req.Header(f.name))})
		}
	}
	return out
}

// Curl is the headers as options of curl, with a blank before each; what comes
// from the environment is left to the shell, and with v nil variables are left
// in.
func (h *Headers) Curl(v *Vars) string {
	out := ""
	for i := range h.fields {
		f := &h.fields[i]
		if f.text.secret != "" {
			out += " -H " + shellSecret(f.name+": "+f.text.secret)
			continue
		}
		b, err := f.text.append(nil, v)
		if err != nil {
			continue
		}
		out += " -H " + shell(f.name+": "+string(b))
	}
	return out
}
