package record

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// TestProxyAltersNoByte sends bodies of many sizes from several clients at
// once, and wants each back as the target got it, compressed answers included.
func TestProxyAltersNoByte(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Was", r.Method+" "+r.URL.RequestURI()+" "+r.Host)
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(body)
			_ = z.Close()
			return
		}
		_, _ = w.Write(body)
	}))
	defer upstream.Close()
	target, _ := url.Parse(upstream.URL)
	p := New(target)
	front := httptest.NewServer(p)
	defer front.Close()
	const clients, each = 8, 50
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(c)))
			client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
			for i := range each {
				body := make([]byte, rng.IntN(1<<uint(rng.IntN(18))))
				for j := range body {
					body[j] = byte(rng.Uint32())
				}
				r, _ := http.NewRequest("PUT", front.URL+"/a%2fb/%C3%A9?q=%20+&x", bytes.NewReader(body))
				compressed := i%3 == 0
				if compressed {
					r.Header.Set("Accept-Encoding", "gzip")
				}
				resp, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if compressed && err == nil {
					var z *gzip.Reader
					if z, err = gzip.NewReader(bytes.NewReader(got)); err == nil {
						got, err = io.ReadAll(z)
					}
				}
				if err != nil || !bytes.Equal(got, body) {
					t.Errorf("%d bytes came back as %d, error %v", len(body), len(got), err)
				}
				if want := "PUT /a%2fb/%C3%A9?q=%20+&x " + r.URL.Host; resp.Header.Get("X-Was") != want {
					t.Errorf("the target saw %q, want %q", resp.Header.Get("X-Was"), want)
				}
			}
		})
	}
	wg.Wait()
	s, tally := p.Recording()
	if tally.Seen != clients*each || tally.Kept != clients*each || tally.Cut+tally.Failed != 0 || len(s.Exchanges) != clients*each {
		t.Errorf("tally %+v of %d requests", tally, clients*each)
	}
}

// TestProxyKeepsTheBeginningOfLongBodies: what is passed on is never cut.
func TestProxyKeepsTheBeginningOfLongBodies(t *testing.T) {
	long := bytes.Repeat([]byte("x"), MaxBody+10)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if n != int64(len(long)) {
			t.Errorf("the target got %d bytes of %d", n, len(long))
		}
	}))
	defer upstream.Close()
	target, _ := url.Parse(upstream.URL)
	p := New(target)
	front := httptest.NewServer(p)
	resp, err := http.Post(front.URL+"/long", "text/plain", bytes.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	front.Close() // waits for the handler
	s, tally := p.Recording()
	if tally.Cut != 1 || len(s.Exchanges) != 1 || len(s.Exchanges[0].Body) != MaxBody {
		t.Errorf("tally %+v, want one body cut at %d bytes", tally, MaxBody)
	}
}

// TestDeadTargetIsAnsweredWith502: the client hears of it, and it is counted.
func TestDeadTargetIsAnsweredWith502(t *testing.T) {
	target, _ := url.Parse("http://127.0.0.1:1")
	p := New(target)
	front := httptest.NewServer(p)
	defer front.Close()
	resp, err := http.Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, tally := p.Recording(); resp.StatusCode != http.StatusBadGateway || tally.Failed != 1 || tally.Seen != 0 {
		t.Errorf("status %d, tally %+v", resp.StatusCode, tally)
	}
}
