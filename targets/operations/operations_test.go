package operations

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestOptions(t *testing.T) {
	if o, err := Parse(map[string]string{"fixed": "true"}); err != nil || o != (Options{"coupon", true}) {
		t.Errorf("%+v, %v", o, err)
	}
	for _, bad := range []map[string]string{{"kind": "cupon"}, {"fixed": "maybe"}, {"color": "red"}} {
		if _, err := Parse(bad); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// Two carts redeem a coupon for one use at once: the racy API lets both, the
// fixed one lets one.
func TestRacyAndFixed(t *testing.T) {
	for fixed, want := range map[bool]int{false: 2, true: 1} {
		s := httptest.NewServer(Open(Options{Kind: "coupon", Fixed: fixed}))
		send := func(method, path, body string) int {
			r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return 0
			}
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return 0
			}
			a.Body.Close()
			return a.StatusCode
		}
		accepted := 0
		for range 20 { // the window is milliseconds; twenty coupons leave no doubt
			send("PUT", "/coupons/c", "{}")
			var wg sync.WaitGroup
			var codes [2]int
			for i := range codes {
				wg.Go(func() { codes[i] = send("POST", "/carts/x/coupon", `{"code":"c"}`) })
			}
			wg.Wait()
			n := 0
			for _, c := range codes {
				if c == http.StatusCreated {
					n++
				}
			}
			accepted = max(accepted, n)
		}
		if s.Close(); accepted != want {
			t.Errorf("fixed %v: at most %d of two were accepted, want %d", fixed, accepted, want)
		}
	}
}
