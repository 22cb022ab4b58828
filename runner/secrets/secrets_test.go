package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
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

// codings are ways in which a target may repeat a text.
var codings = map[string]func(string) string{
	"plain":     func(s string) string { return s },
	"JSON":      func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"JSON, \\/": func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
	"JSON in JSON": func(s string) string {
		b, _ := json.Marshal(s)
		b, _ = json.Marshal(string(b))
		return string(b)
	},
	"JavaScript": func(s string) string { return each(s, `\x%02x`) },
	"UTF-16":     func(s string) string { return each(s, `\u%04x`) },
	"URL":        url.QueryEscape,
	"path":       url.PathEscape,
	"lower %2f":  func(s string) string { return each(s, "%%%02x") },
	"upper %2F":  func(s string) string { return each(s, "%%%02X") },
	"URL in URL": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"HTML":       html.EscapeString,
	"entities":   func(s string) string { return each(s, "&#%d;") },
	"hex entity": func(s string) string { return each(s, "&#x%X;") },
	"hex":        func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":        func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"base64":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64url":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"Basic":      func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+s)) },
	"Basic 1":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s + "!")) },
	"Basic 2":    func(s string) string { return base64.URLEncoding.EncodeToString([]byte("ab:" + s + "?!")) },
	"upper case": strings.ToUpper,
}

// each writes every byte of an ASCII text in a format.
func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func TestNoCodingHidesASecret(t *testing.T) {
	const secret = `s3cr<t/"Key"+&9`
	var r Registry
	r.Add("TOKEN", secret)
	for name, code := range codings {
		coded := code(secret)
		text := "one, " + coded + " and more"
		for _, got := range []string{r.Mask(text), r.Name(text), r.Window(text, 4+len(coded))} {
			if strings.Contains(got, coded) || !strings.Contains(got, "<TOKEN") {
				t.Errorf("%s: %q is left as %q", name, text, got)
			}
			for i := range len(coded) - 12 { // nor a good part of it
				if len(coded) < 200 && strings.Contains(got, coded[i:i+12]) && i > 5 {
					t.Errorf("%s: %q is left as %q", name, text, got)
					break
				}
			}
		}
		if got := r.Mask(text); r.Mask(got) != got {
			t.Errorf("%s: masking %q again gives %q", name, got, r.Mask(got))
		}
	}
}

func TestABasicCredentialIsThreeSecrets(t *testing.T) {
	var r Registry
	r.Add("BASIC", "Basic "+base64.StdEncoding.EncodeToString([]byte("anna:hunter22")))
	if got := r.Mask("no user anna with hunter22"); got != "no user anna with <BASIC>" {
		t.Error(got)
	}
}

func TestNamesKeepTheirIdentity(t *testing.T) {
	var r Registry
	r.Add("TOKEN", "abcd-1234-efgh")
	r.Add("PASSWORD", "password") // its name differs from it by case only
	seen := map[string]string{}
	for _, text := range []string{`"abcd-1234-efgh-1"`, `"abcd-1234-efgh-2"`, `"ABCD-1234-EFGH-2"`, `"abcd%2D1234-efgh-2"`, "1234-efgh", "abcd-1234", "password", `["a","password"]`} {
		got := r.Name(text)
		if got != r.Name(text) {
			t.Errorf("%q is named %q and %q", text, got, r.Name(text))
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both named %q", text, other, got)
		}
		if got == text || strings.Contains(got, "1234") {
			t.Errorf("%q is named %q", text, got)
		}
		if again := r.Name(got); again != got {
			t.Errorf("%q is named again: %q", got, again)
		}
		seen[got] = text
	}
	var other Registry
	other.Add("TOKEN", "abcd-1234-efgh")
	if r.Name("abcd-1234-efgh") == other.Name("abcd-1234-efgh") {
		t.Error("the hash is not salted: who guesses a secret could check it")
	}
}

func TestAWindowCutsNoSecret(t *testing.T) {
	var r Registry
	r.Add("TOKEN", "a-long-secret-of-thirty-bytes!")
	text := strings.Repeat(".", 40) + "a-long-secret-of-thirty-bytes!" + strings.Repeat(".", 40)
	for n := range len(text) {
		got, rest := r.Split(text, n)
		if strings.Contains(got, "a-") || strings.Contains(text[rest:], "es!") && rest > 40 && rest < 70 {
			t.Fatalf("the first %d bytes are %q, and the rest begins at %d", n, got, rest)
		}
	}
}

func BenchmarkName(b *testing.B) {
	for _, n := range []int{0, 1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var r Registry
			for i := range n {
				r.Add("TOKEN", fmt.Sprintf("eyJhbGciOiJIUzI1NiJ9.%032d", i*7919))
			}
			for b.Loop() {
				r.Name(`"6b86b273ff34fce19d6b804eff5a3f57"`)
			}
		})
	}
}
