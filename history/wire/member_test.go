package wire

import "testing"

// A member whose name has an @ is found as a person writes it; gjson's own
// modifiers, escapes and pipes mean what they meant.
func TestAMemberWithAnAtIsFoundAsItIsWritten(t *testing.T) {
	const doc = `{"@odata.etag":"W/\"1\"","@id":"x","a":[{"@odata.etag":"W/\"2\"","@id":"y","Customer@odata.type":"#C"}],
		"@graph":[{"@id":"z"}],"@a.b.c":"deep","list":[3,1,2]}`
	for p, want := range map[string]string{
		"@odata.etag":             `W/"1"`,
		`\@odata\.etag`:           `W/"1"`,
		"@id":                     "x",
		"a.0.@odata.etag":         `W/"2"`,
		"a.0.@id":                 "y",
		"a.0.Customer@odata.type": "#C",
		"@graph.0.@id":            "z",
		"@a.b.c":                  "deep",
		"list.@reverse.0":         "2",
		"list|@reverse|1":         "1",
		"@this.@id":               "x",
		"list.#":                  "3",
		"@odata.nothing":          "",
	} {
		path := PathOf(p)
		if got := path.Get(doc).String(); got != want {
			t.Errorf("%s: %q, want %q", p, got, want)
		}
	}
}
