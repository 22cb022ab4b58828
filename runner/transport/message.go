package transport

import "github.com/valyala/fasthttp"

// Request is one HTTP request that is being built. It is reused: nothing of
// it is allocated in the steady state. The connection adds Host and the fixed
// headers of its identity.
type Request struct{ raw fasthttp.Request }

// Reset empties the request.
func (r *Request) Reset() { r.raw.Reset() }

// SetMethod sets the method.
func (r *Request) SetMethod(m string) { r.raw.Header.SetMethod(m) }

// SetTarget sets the request target: path and query, already escaped. The
// bytes are copied.
func (r *Request) SetTarget(t []byte) { r.raw.Header.SetRequestURIBytes(t) }

// SetHeader sets a header; name is in canonical form. The bytes are copied.
func (r *Request) SetHeader(name string, value []byte) { r.raw.Header.SetBytesV(name, value) }

// SetBody sets the body. The bytes are copied.
func (r *Request) SetBody(b []byte) { r.raw.SetBody(b) }

// Method, Target and Body return what was set; Header "" when it was not.
func (r *Request) Method() string            { return string(r.raw.Header.Method()) }
func (r *Request) Target() []byte            { return r.raw.Header.RequestURI() }
func (r *Request) Header(name string) []byte { return r.raw.Header.Peek(name) }
func (r *Request) Body() []byte              { return r.raw.Body() }

// EachHeader calls f for every header that was set.
func (r *Request) EachHeader(f func(name, value []byte)) {
	for name, value := range r.raw.Header.All() {
		f(name, value)
	}
}

// Response is one whole answer. Its bytes are valid until the connection is
// used again.
type Response struct{ raw fasthttp.Response }

// Status returns the status code.
func (r *Response) Status() int { return r.raw.StatusCode() }

// Header returns the first header of that canonical name, nil when there is none.
func (r *Response) Header(name string) []byte { return r.raw.Header.Peek(name) }

// Headers returns all headers of that canonical name.
func (r *Response) Headers(name string) [][]byte { return r.raw.Header.PeekAll(name) }

// EachCookie calls f for the value of every Set-Cookie header.
func (r *Response) EachCookie(f func(line []byte)) {
	for _, line := range r.raw.Header.Cookies() {
		f(line)
	}
}

// Body returns the body as it came.
func (r *Response) Body() []byte { return r.raw.Body() }

// Set makes a response by hand, for tests and simulated targets.
func (r *Response) Set(status int, header map[string]string, body string) {
	r.raw.Reset()
	r.raw.SetStatusCode(status)
	for name, v := range header {
		r.raw.Header.Set(name, v)
	}
	r.raw.SetBodyString(body)
}
