package secrets

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
)

func TestEveryFormOfASecretIsBlanked(t *testing.T) {
	const secret = `p&ss/w"rd é`
	var r Registry
	if !r.Empty() || r.Mask("x "+secret) != "x "+secret {
		t.Error("an empty registry masks")
	}
	r.Add("TOKEN", secret)
	r.Add("LONGER", secret+"-more")
	r.Add("SHORT", "abc")
	for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), `p&ss/w\"rd é`, `p\u0026ss/w\"rd é`} {
		got := r.Mask("before " + form + " after")
		if strings.Contains(got, form) || !strings.Contains(got, "<TOKEN>") {
			t.Errorf("Mask(%q) = %q", form, got)
		}
	}
	if got := r.Mask(secret + "-more"); got != "<LONGER>" {
		t.Errorf("the longer secret is masked as %q", got)
	}
	if got := r.Mask("abc"); got != "abc" {
		t.Errorf("a three-byte value was masked: %q", got)
	}
}
