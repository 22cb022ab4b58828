package cli

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A hostile server keeps its word: it checks If-Match and writes under one
// lock. What it does to every seventh answer is another matter. Whatever that
// is, nobody may say that a write was lost.
var hostile = map[string]func(w io.Writer, r *http.Request, a reply){
	"100 twice": func(w io.Writer, _ *http.Request, a reply) {
		send(w, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 2)+a.text())
	},
	"103, at once": func(w io.Writer, _ *http.Request, a reply) { send(w, hints+a.text()) },
	"103, later": func(w io.Writer, _ *http.Request, a reply) {
		send(w, hints)
		time.Sleep(2 * time.Millisecond)
		send(w, a.text())
	},
	"102, of write": func(w io.Writer, r *http.Request, a reply) {
		send(w, map[string]string{"PUT": "HTTP/1.1 102 Processing\r\n\r\n"}[r.Method]+a.text())
	},
	"101": func(w io.Writer, _ *http.Request, _ reply) {
		send(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	},
	"1xx for ever": func(w io.Writer, _ *http.Request, _ reply) {
		for range 200 {
			if send(w, strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1000)) != nil {
				return
			}
		}
	},
	"two lengths": func(w io.Writer, _ *http.Request, a reply) {
		send(w, fmt.Sprintf("HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: 5\r\nContent-Length: %d\r\n\r\n%s", a.etag, len(a.body), a.body))
	},
	"length and chunks": func(w io.Writer, _ *http.Request, a reply) {
		send(w, fmt.Sprintf("HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", a.etag, len(a.body), a.body))
	},
	"half an answer": func(w io.Writer, _ *http.Request, a reply) { send(w, a.text()[:len(a.text())/2]); w.(net.Conn).Close() },
	"9 KB of cookies": func(w io.Writer, _ *http.Request, a reply) {
		a.more = strings.Repeat("Set-Cookie: a="+strings.Repeat("A", 3000)+"\r\n", 3)
		send(w, a.text())
	},
	"NUL in the ETag":   func(w io.Writer, _ *http.Request, a reply) { a.etag = "\"\x00\""; send(w, a.text()) },
	"a page":            ofReads(func(a *reply) { a.body = "<html>please try again now!</html>" }),
	"an empty body":     ofReads(func(a *reply) { a.body = "" }),
	"half a body":       ofReads(func(a *reply) { a.body = a.body[:len(a.body)/2] }),
	"no tag":            ofReads(func(a *reply) { a.edit("t", nil) }),
	"a tag of null":     ofReads(func(a *reply) { a.edit("t", json.RawMessage("null")) }),
	"an empty tag":      ofReads(func(a *reply) { a.edit("t", json.RawMessage(`""`)) }),
	"5,001 brackets":    ofReads(func(a *reply) { a.edit("d", json.RawMessage(strings.Repeat("[", 5001)+strings.Repeat("]", 5001))) }),
	"GZIP":              ofReads(func(a *reply) { a.more, a.body = "Content-Encoding: GZIP\r\n", packed(a.body, true) }),
	"deflate":           ofReads(func(a *reply) { a.more, a.body = "Content-Encoding: deflate\r\n", packed(a.body, false) }),
	"half of a gzip":    ofReads(func(a *reply) { a.more, a.body = "Content-Encoding: gzip\r\n", packed(a.body, true)[:20] }),
	"a page for writes": ofWrites(func(a *reply) { a.body, a.etag = "<html>accepted?</html>", "" }),
}

const hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"

func send(w io.Writer, s string) error { _, err := io.WriteString(w, s); return err }

func ofReads(spoil func(*reply)) func(io.Writer, *http.Request, reply) {
	return func(w io.Writer, r *http.Request, a reply) {
		if r.Method == "GET" && a.status == 200 {
			spoil(&a)
		}
		send(w, a.text())
	}
}

func ofWrites(spoil func(*reply)) func(io.Writer, *http.Request, reply) {
	return func(w io.Writer, r *http.Request, a reply) {
		if r.Method == "PUT" && a.status == 200 && r.Header.Get("If-Match") != "" {
			spoil(&a)
		}
		send(w, a.text())
	}
}

func packed(s string, gz bool) string {
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if !gz {
		w, _ = flate.NewWriter(&b, 5)
	}
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

// reply is an answer of the store.
type reply struct {
	status           int
	etag, body, more string
}

func (a *reply) text() string {
	tag := ""
	if a.etag != "" {
		tag = "ETag: " + a.etag + "\r\n"
	}
	return fmt.Sprintf("HTTP/1.1 %d X\r\n%s%sContent-Length: %d\r\n\r\n%s", a.status, tag, a.more, len(a.body), a.body)
}

// edit changes a member of the body; nil takes it out.
func (a *reply) edit(name string, v json.RawMessage) {
	doc := map[string]json.RawMessage{}
	_ = json.Unmarshal([]byte(a.body), &doc)
	if doc[name] = v; v == nil {
		delete(doc, name)
	}
	b, _ := json.Marshal(doc)
	a.body = string(b)
}

// hostileStore serves until the test ends. careless ones look at no If-Match.
func hostileStore(t *testing.T, spoil func(io.Writer, *http.Request, reply), obs, careless bool) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var mu sync.Mutex
	docs, tags, last, n := map[string]string{}, map[string]string{}, 0, 0
	handle := func(r *http.Request) (a reply, spoilt bool) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		n++
		tag, there := tags[r.URL.Path]
		want := r.Header.Get("If-Match")
		switch {
		case r.Method == "GET" && !there:
			return reply{status: 404}, false
		case r.Method == "PUT" && want != "" && want != tag && !careless:
			return reply{status: 412, body: "{}"}, n%7 == 0
		case r.Method == "PUT":
			last++
			tag = fmt.Sprintf("%q", fmt.Sprint(last))
			if obs { // two bytes that are no UTF-8, and differ
				tag = "\"" + string([]byte{0x80 + byte(last>>12&63), 0x80 + byte(last>>6&63), 0x80 + byte(last&63)}) + "\""
			}
			docs[r.URL.Path], tags[r.URL.Path] = string(body), tag
			return reply{status: 200, etag: tag, body: "{}"}, n%7 == 0 && last > 20
		}
		return reply{status: 200, etag: tag, body: docs[r.URL.Path]}, n%7 == 0 && last > 20
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for br := bufio.NewReader(c); ; {
					r, err := http.ReadRequest(br)
					if err != nil {
						return
					}
					a, spoilt := handle(r)
					if careless && r.Method == "PUT" {
						time.Sleep(time.Millisecond)
					}
					if spoilt && spoil != nil {
						spoil(c, r, a)
					} else if send(c, a.text()) != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

const hostileScenario = `
[target]
url      = %q
timeout  = "500ms"
gzip     = true
setup    = { request = "PUT /{key}", body = { v = "{value}", t = "{tag}" } }
read     = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write    = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { v = "{value}", t = "{tag}" }, version = "header:ETag" }
identify = %s
[workload]
kind = %q
keys = 2
[load]
clients = 4
duration = "200ms"
repeat = 1
drain = "2s"
[[strategy]]
locking = "optimistic"
retry = { attempts = 8 }
`

const byTag, byVersion = `{ by = "tag", tag = "json:t" }`, `{ by = "version" }`

func TestAHostileServerThatKeepsItsWordIsNotAccused(t *testing.T) {
	for name, spoil := range hostile {
		for _, by := range []string{byTag, byVersion} {
			kind := map[string]string{byTag: "counter", byVersion: "register"}[by]
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				inFile(t, filepath.Join(dir, "h.toml"), fmt.Sprintf(hostileScenario, hostileStore(t, spoil, false, false), by, kind))
				if code, out := tussleIn(t, dir, nil, "run", "h.toml", "-o", "out"); code != 0 && code != 4 {
					t.Errorf("exit %d\n%s", code, out)
				}
			})
		}
	}
}

// Versions of bytes that are no UTF-8 stay apart: neither accused nor undecided.
func TestVersionsThatAreNoTextAreToldApart(t *testing.T) {
	dir := t.TempDir()
	inFile(t, filepath.Join(dir, "h.toml"), fmt.Sprintf(hostileScenario, hostileStore(t, nil, true, false), byVersion, "register"))
	if code, out := tussleIn(t, dir, nil, "run", "h.toml", "-o", "out"); code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// The same manners do not hide a store that breaks its word.
func TestAHostileServerThatBreaksItsWordIsFound(t *testing.T) {
	for _, name := range []string{"103, later", "a page", "no tag", "GZIP"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inFile(t, filepath.Join(dir, "h.toml"), fmt.Sprintf(hostileScenario, hostileStore(t, hostile[name], false, true), byTag, "counter"))
			if code, out := tussleIn(t, dir, nil, "run", "h.toml", "-o", "out"); code != 1 {
				t.Errorf("exit %d\n%s", code, out)
			}
		})
	}
}
