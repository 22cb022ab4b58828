package history

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// blank is a mask of one text.
type blank string

func (b blank) Empty() bool          { return b == "" }
func (b blank) Mask(s string) string { return strings.ReplaceAll(s, string(b), "<X>") }
func (b blank) Name(s string) string { return b.Mask(s) }

// Of a request and of an operation every text that a target may have had a hand
// in is masked, in every member and inside objects; so is every other record.
func TestEveryTextOfARecordIsMasked(t *testing.T) {
	const secret = "s3cr3t-of-some-length"
	var out bytes.Buffer
	w, err := NewWriter(&out, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Hide(blank(secret))
	b := w.Buffer()
	plant := func(record any) {
		v := reflect.ValueOf(record).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() == reflect.TypeFor[string]() { // the words of types of their own are tussle's
				f.SetString("about " + secret)
			}
		}
	}
	var r Request
	plant(&r)
	r.Vars = `{"a \"b\"":["` + secret + `",{"` + secret + `":1}]}`
	r.Fault = "" // a word of tussle's
	b.Request(&r)
	var o Operation
	plant(&o)
	o.Name = "" // the scenario's
	o.Captured = `[{"` + secret + `":"` + secret + `"}]`
	b.Operation(&o)
	for _, err := range []error{
		b.Event(&Event{Note: secret, Attrs: map[string]string{secret: secret}}),
		b.Pair(&Pair{Wants: []string{secret}}),
		b.Order(&Order{Statements: []Statement{{SQL: "SELECT '" + secret + "'"}}, Final: []Reply{{Facts: map[string]string{"/a": secret}, Curl: secret}}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b.Flush()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	packed, err := io.ReadAll(dec)
	if err != nil {
		t.Fatal(err)
	}
	text := string(packed)
	if n := strings.Count(text, "<X>"); strings.Contains(text, secret) || n < 25 {
		t.Errorf("%d times masked:\n%s", n, text)
	}
}
