package memory

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sink is a ResponseWriter that costs next to nothing.
type sink struct{ h http.Header }

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

// The handler without connections: what the target itself costs per request.
func BenchmarkHandler(b *testing.B) {
	rows := []struct{ name, method, path, body string }{
		{"read", "GET", "/unprotected/items/k", ""},
		{"write", "PUT", "/unprotected/items/k", `{"value":7,"tag":"c1-o2-a3"}`},
		{"refused", "PUT", "/version-field/items/k", `{"value":7,"tag":"c1-o2-a3","version":99}`},
		{"add", "POST", "/server-side/items/k/add", `{"amount":1,"tag":"c1-o2-a3"}`},
	}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			o, err := Parse(nil)
			if err != nil {
				b.Fatal(err)
			}
			target, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			h := target.Handler()
			scheme, _, _ := strings.Cut(row.path[1:], "/")
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("PUT", "/"+scheme+"/items/k", strings.NewReader(`{"value":0}`)))
			w := &sink{h: http.Header{}}
			r := httptest.NewRequest(row.method, row.path, nil)
			b.ReportAllocs()
			for b.Loop() {
				body := strings.NewReader(row.body)
				r.Body, r.ContentLength = io.NopCloser(body), int64(body.Len())
				h.ServeHTTP(w, r)
			}
		})
	}
}

// Read and conditional write over loopback connections, client included.
func BenchmarkReadWriteOverLoopback(b *testing.B) {
	o, err := Parse(nil)
	if err != nil {
		b.Fatal(err)
	}
	target, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	c := listen(b, target)
	c.put("etag", "k", "0")
	b.ReportAllocs()
	for b.Loop() {
		a := c.do("GET /etag/items/k", "")
		c.expect(200, "", c.do("PUT /etag/items/k", `{"value":1}`, "If-Match: "+a.Header.Get("ETag")))
	}
}
