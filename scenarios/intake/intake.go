// Package intake makes a draft of a scenario from what a team already has: an
// OpenAPI document, a HAR, a Postman collection, an .http file, a curl line, a
// recording. Every format becomes a list of exchanges; exchanges become
// resources; a resource becomes a commented scenario in which each guess is
// marked as one. Nothing is fetched, and no secret is copied.
package intake

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Bounds of what is read: a larger file is refused, further exchanges are left
// out and counted.
const (
	MaxBytes     = 64 << 20
	MaxExchanges = 20_000
)

// Exchange is one request and, where it is known, its answer.
type Exchange struct {
	Method string
	URL    *url.URL // absolute where the source says where to; the path alone else
	Header http.Header
	Body   string
	Status int // 0: no answer is known

	AnswerHeader http.Header
	Answer       string

	// Described: the path names the places of ids, "/articles/{id}". A recorded
	// path has none, and ids are found by what they look like.
	Described bool
	Examples  bool   // the values are made up from a schema, not recorded
	Where     string // "shop.har, entry 12"
}

// Source is what was read of one file or line.
type Source struct {
	Format    string // "HAR", "OpenAPI 3.0.3"
	Base      string // "http://127.0.0.1:8080", "" where the source does not say
	Exchanges []Exchange
	Notes     []string // what was left out, and why
}

// Error says what of a source cannot be read, and what to do.
type Error struct{ Message, Hint string }

func (e *Error) Error() string { return e.Message }

func failed(hint, format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Format is one kind of source.
type Format struct {
	Name string // as the flag of init: "har"
	What string // for the help
	Read func(name string, text []byte) (*Source, error)
}

// Formats lists what can be read.
var Formats = []Format{
	{"openapi", "an OpenAPI 3 or Swagger 2 document", readOpenAPI},
	{"har", "a HAR file, as browsers and proxies save it", readHAR},
	{"postman", "a Postman collection (v2.0, v2.1)", readPostman},
	{"http", "an .http or .rest file", readHTTPFile},
	{"curl", "curl lines", readCurl},
}

// Read reads a source in one of the Formats. A text in another known format is
// refused with the name of that format and the way.
func Read(format, name string, text []byte) (*Source, error) {
	if len(text) > MaxBytes {
		return nil, failed("keep the requests of one resource", "%s has %d MiB, more than %d", name, len(text)>>20, MaxBytes>>20)
	}
	for _, f := range Formats {
		if f.Name != format {
			continue
		}
		if other := Recognise(text); other != "" && other != format {
			return nil, failed(way(other, name), "%s is not %s but %s", name, article(f.What), article(whatOf(other)))
		}
		s, err := f.Read(name, text)
		if err != nil {
			return nil, err
		}
		if n := len(s.Exchanges); n > MaxExchanges {
			s.Exchanges = s.Exchanges[:MaxExchanges]
			s.Notes = append(s.Notes, fmt.Sprintf("%d of %d requests were left out", n-MaxExchanges, n))
		}
		if len(s.Exchanges) == 0 {
			return nil, failed("it must hold requests over http or https", "%s holds no request", name)
		}
		return s, nil
	}
	return nil, failed("there are "+strings.Join(names(), ", "), "format %q is not known", format)
}

func names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

func article(what string) string {
	if strings.HasPrefix(what, "a ") || strings.HasPrefix(what, "an ") || strings.HasSuffix(what, "lines") {
		return what
	}
	return "a " + what
}
