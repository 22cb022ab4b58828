package wire

import (
	"fmt"
	"strings"

	"tussle/history"
)

// Request is one request as data, to be shown: secrets are marked, see
// [Secret].
type Request struct {
	Method  string
	URL     string
	Headers []Header
	Body    string
	HasBody bool // also where Body is empty

	// Files of a TLS client, for those who send the request.
	CA, Cert, Key string

	Sign *history.PlanSign // how it is signed when it is sent; nil: not at all
}

// Header is one header of a [Request].
type Header struct{ Name, Value string }

// Request renders the step as data.
func (s *Step) Request(v *Vars) (Request, error) {
	var r Request
	if _, read := v.Get(ReadBody); s.whole && !read {
		return r, fmt.Errorf("step %s: the document that it sends back is not known", s.Name)
	}
	own := *v // what is shown shares no memory with what is sent
	own.buf, own.body, own.tmp = nil, nil, nil
	err := s.Render(&own, &r)
	r.URL = s.origin + r.URL
	return r, err
}

// SetMethod, SetTarget, SetHeader and SetBody make the request a [Sink].
func (r *Request) SetMethod(method string) { r.Method = method }

// SetTarget sets path and query.
func (r *Request) SetTarget(target []byte) { r.URL = string(target) }

// SetBody sets the body.
func (r *Request) SetBody(body []byte) { r.Body, r.HasBody = string(body), true }

// SetHeader sets a header; an earlier one of that name gives way.
func (r *Request) SetHeader(name string, value []byte) {
	for i := range r.Headers {
		if strings.EqualFold(r.Headers[i].Name, name) {
			r.Headers[i].Value = string(value)
			return
		}
	}
	r.Headers = append(r.Headers, Header{name, string(value)})
}

// Header returns the value of a header, nil when it is not there.
func (r *Request) Header(name string) []byte {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return []byte(h.Value)
		}
	}
	return nil
}

// Secret reports whether a secret is marked in a header.
func (r *Request) Secret() bool {
	for _, h := range r.Headers {
		if strings.Contains(h.Value, "\x00") {
			return true
		}
	}
	return false
}
