package scenarios

import (
	"runtime"
	"strings"
	"testing"
)

// Small texts that cost the TOML library seconds and gigabytes are refused
// before it sees them, at the place where they go too far.
func TestScenariosAreBounded(t *testing.T) {
	n := 20_000
	for name, text := range map[string]string{
		"a dotted key":       "a" + strings.Repeat(".a", n) + " = 1\n",
		"a header":           "[a" + strings.Repeat(".a", n) + "]\n",
		"lists":              "a = " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n",
		"inline tables":      "a = " + strings.Repeat("{a=", n/2) + "1" + strings.Repeat("}", n/2) + "\n",
		"tables and keys":    strings.Repeat("[a.b.c.d.e.f.g.h.i.j]\n", 500) + "a" + strings.Repeat(".a", 40) + " = 1\n",
		"many keys":          strings.Repeat("a=1\n", 240_000),
		"many tables":        strings.Repeat("[[a]]\n", 240_000),
		"a long list":        "a = [" + strings.Repeat("1,", 240_000) + "]\n",
		"a dotted key of \"": "a" + strings.Repeat(`."a"`, n) + " = 1\n",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse("s.toml", text, Options{Env: func(string) (string, bool) { return "", false }})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "nested too deep") && !strings.Contains(err.Error(), "too many keys and values") {
			t.Errorf("%s: %.300v", name, err)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
			t.Errorf("%s: took %d MiB", name, used)
		}
	}
}

// What stands in texts and comments is no nesting.
func TestBoundsLookPastTexts(t *testing.T) {
	deep := strings.Repeat("[{.", 100)
	for _, text := range []string{
		"# " + deep, "a = \"" + deep + "\"", "a = '" + deep + "'", "a = \"\"\"\n" + deep + "\"\"\"\n", "a = '''\n" + deep + "'''\n",
		"a = \"\\\"" + deep + "\" # \"", "a = 1.5\nb = 0.1\n" + strings.Repeat("c = [1.5, 2.5]\n", 100),
	} {
		if _, what, _ := tooMuch(text); what != "" {
			t.Errorf("%.40q: %s", text, what)
		}
	}
}
