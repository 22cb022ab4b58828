package sign

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tussle/scenarios"
)

// asked is a request in memory.
type asked struct {
	method, target, body string
	headers              map[string]string
}

func (a *asked) Method() string                  { return a.method }
func (a *asked) Target() []byte                  { return []byte(a.target) }
func (a *asked) Body() []byte                    { return []byte(a.body) }
func (a *asked) Header(name string) []byte       { return []byte(a.headers[name]) }
func (a *asked) SetHeader(name string, v []byte) { a.headers[name] = string(v) }
func (a *asked) EachHeader(f func(n, v []byte)) {
	for _, n := range slices.Sorted(maps.Keys(a.headers)) {
		f([]byte(n), []byte(a.headers[n]))
	}
}

func plain(t scenarios.Text) string { return t.Template }

func made(t *testing.T, s scenarios.Sign, base Base) Signer {
	t.Helper()
	signer, err := New(s, base, plain)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// "GET object" of Amazon's guide to Signature Version 4 for S3 (authorization
// header), with the keys and the time that it uses.
func TestSigV4SignsAsAmazonDocumentsIt(t *testing.T) {
	s := made(t, scenarios.Sign{Kind: "sigv4", Region: "us-east-1", Service: "s3", Key: scenarios.Text{Template: "AKIAIOSFODNN7EXAMPLE"},
		Secret: scenarios.Text{Template: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}, Base{"https", "examplebucket.s3.amazonaws.com"})
	r := &asked{method: "GET", target: "/test.txt", headers: map[string]string{"Range": "bytes=0-9"}}
	if err := s.Sign(r, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	const want = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := r.headers["Authorization"]; !strings.HasSuffix(got, "Signature="+want) {
		t.Errorf("%s", got)
	}
}

// The text that Azure signs has its headers and parameters in order.
func TestSharedKeySignsTheCanonicalRequest(t *testing.T) {
	s := made(t, scenarios.Sign{Kind: "azure-shared-key", Account: "acct", Secret: scenarios.Text{Template: "a2V5"}}, Base{"http", "127.0.0.1:1"}).(*sharedKey)
	r := &asked{method: "PUT", target: "/acct/box/a%20b?timeout=3&comp=lease", body: "hello",
		headers: map[string]string{"X-Ms-Version": "2021-12-02", "If-Match": `"e"`, "X-Ms-Blob-Type": "BlockBlob", "Content-Type": "text/plain", "Accept": "x"}}
	if err := s.Sign(r, time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	text, err := s.text(r)
	want := "PUT\n\n\n5\n\ntext/plain\n\n\n\"e\"\n\n\n\nx-ms-blob-type:BlockBlob\nx-ms-date:Sat, 28 Nov 2026 01:02:03 GMT\nx-ms-version:2021-12-02\n/acct/acct/box/a%20b\ncomp:lease\ntimeout:3"
	if err != nil || text != want {
		t.Errorf("got  %q\nwant %q (%v)", text, want, err)
	}
	if got := r.headers["Authorization"]; !strings.HasPrefix(got, "SharedKey acct:") {
		t.Errorf("%s", got)
	}
}

// A helper is asked one request a line; one that ends is not waited for.
func TestCommandsSign(t *testing.T) {
	dir := t.TempDir()
	script := "import sys, json\nfor line in sys.stdin:\n    r = json.loads(line)\n    if r['method'] == 'STOP': break\n    print(json.dumps({'x-signed': r['method'] + ' ' + r['url'] + ' ' + r['body']}), flush=True)\n"
	if err := os.WriteFile(filepath.Join(dir, "sign.py"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	s := made(t, scenarios.Sign{Kind: "command", Command: []string{"python3", "sign.py"}, Dir: dir}, Base{"http", "h"})
	for range 2 {
		r := &asked{method: "POST", target: "/a?b=1", body: "hi", headers: map[string]string{}}
		if err := s.Sign(r, time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := r.headers["X-Signed"]; got != "POST http://h/a?b=1 aGk=" {
			t.Errorf("%q", got)
		}
	}
	for range 2 {
		if err := s.Sign(&asked{method: "STOP", headers: map[string]string{}}, time.Now()); err == nil {
			t.Error("a helper that ended signs")
		}
	}
	if err := s.(io.Closer).Close(); err != nil {
		t.Error(err)
	}
}

// What a signature cannot do without is named.
func TestSignaturesWantTheirKeys(t *testing.T) {
	for says, s := range map[string]scenarios.Sign{
		"no kind":          {Kind: "md5"},
		"secret is empty":  {Kind: "sigv4", Key: scenarios.Text{Template: "k"}, Region: "r", Service: "s"},
		"no base64":        {Kind: "azure-shared-key", Account: "a", Secret: scenarios.Text{Template: "?"}},
		"text is empty":    {Kind: "hmac", Secret: scenarios.Text{Template: "k"}, Algorithm: "sha256", Date: "http"},
		"command is empty": {Kind: "command"},
	} {
		if _, err := New(s, Base{}, plain); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
