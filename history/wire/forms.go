package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// HTTP returns the request as an entry of a .http file, as editors and their
// command-line tools read it. Secrets are the file's variables, {{NAME}}.
func (r Request) HTTP(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n%s %s\n", oneLine(title), r.Method, marked(r.URL, "{{", "}}"))
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h.Name, marked(h.Value, "{{", "}}"))
	}
	if r.HasBody {
		b.WriteString("\n" + marked(r.Body, "{{", "}}") + "\n")
	}
	return b.String()
}

// Told is a request with the status that it was answered with.
type Told struct {
	Request
	Status int // 0: not answered
}

// Test returns a Go test, in a file of its own, that sends requests one after
// the other and wants the answers that they had. Secrets come from the
// environment.
func Test(name string, list []Told) string {
	var b strings.Builder
	b.WriteString(`package replay

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

var _ = os.Getenv // of secrets, where there are any

func Test` + name + `(t *testing.T) {
	for i, q := range []struct {
		method, url, body string
		headers           [][2]string
		status            int // 0: any
	}{
`)
	for _, q := range list {
		fmt.Fprintf(&b, "\t\t{%s, %s, %s, [][2]string{", quoted(q.Method), quoted(q.URL), quoted(q.Body))
		for i, h := range q.Headers {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "{%s, %s}", quoted(h.Name), quoted(h.Value))
		}
		fmt.Fprintf(&b, "}, %d},\n", q.Status)
	}
	b.WriteString(`	} {
		req, err := http.NewRequest(q.method, q.url, strings.NewReader(q.body))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range q.headers {
			req.Header.Set(h[0], h[1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("request %d: %v", i+1, err)
		}
		resp.Body.Close()
		if q.status != 0 && resp.StatusCode != q.status {
			t.Errorf("request %d, %s %s: status %d, want %d", i+1, q.method, q.url, resp.StatusCode, q.status)
		}
	}
}
`)
	return b.String()
}

// quoted is a text in Go; marks become calls.
func quoted(s string) string {
	var words []string
	for i, piece := range strings.Split(s, "\x00") {
		switch {
		case i%2 == 1:
			words = append(words, "os.Getenv("+strconv.Quote(piece)+")")
		case piece != "" || s == "":
			words = append(words, strconv.Quote(piece))
		}
	}
	return strings.Join(words, " + ")
}

// marked puts the names of secrets between two marks of a form.
func marked(s, open, end string) string {
	pieces := strings.Split(s, "\x00")
	for i := 1; i < len(pieces); i += 2 {
		pieces[i] = open + pieces[i] + end
	}
	return strings.Join(pieces, "")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
