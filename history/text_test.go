package history

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Two different texts never become one name, whatever bytes they hold.
func TestDifferentTextsStayDifferent(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"a", "\x80", "\x81", "\uFFFD", `\x80`, `\\x80`, `\\\x80`, "\\\x80", "\x80\x81", "\xff\x00", "\x00", " ", "\xc3", "\u00e9", `\x`, `\`, `\\`,
		`C:\new`, `C:\x`, strings.Repeat("v", 70_000) + "1", strings.Repeat("v", 70_000) + "2"} {
		text := recorded(t, s)
		if other, twice := seen[text]; twice {
			t.Errorf("%q and %q are both recorded as %q", s, other, text)
		}
		seen[text] = s
		if back := Raw(text); back != s {
			t.Errorf("%q was recorded as %q, which stands for %q", s, text, back)
		}
	}
	if got := recorded(t, `C:\new "é"`); got != `C:\new "é"` {
		t.Errorf("a usual text was changed into %q", got)
	}
}

func TestEveryTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.SampledFrom([]byte("ax0f\\\"\n\x00\x80\xc3\xa9\xff"))).Draw(t, "bytes"))
		if back := Raw(recorded(t, s)); back != s {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

// recorded is a version as a reader of the history finds it.
func recorded(t interface{ Fatal(...any) }, s string) string {
	r := Request{Step: StepRead, Version: s}
	line := r.AppendJSON(nil)
	var theirs struct{ Version string }
	if err := json.Unmarshal(line, &theirs); err != nil {
		t.Fatal(err, string(line))
	}
	var rec Record
	if err := (&decoder{}).decode(line[:len(line)-1], &rec); err != nil {
		t.Fatal(err)
	}
	if rec.Request.Version != theirs.Version {
		t.Fatal("ours reads ", rec.Request.Version, ", encoding/json ", theirs.Version)
	}
	return theirs.Version
}
