package wire

import (
	"strings"
	"testing"
)

func FuzzETag(f *testing.F) {
	for _, s := range []string{"", "*", `"a"`, `W/"a"`, ` W/"b" `, `"a,b"`, `"a"b"`, `W/`, `"`, `""`, `W/""`, "\"\x7f\"", `w/"a"`, "\"ü\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		opaque, weak, ok := ETag(s)
		if !ok {
			if opaque != "" || weak {
				t.Errorf("%q is no tag, but %q, %v", s, opaque, weak)
			}
			return
		}
		tag := string(wrap(nil, `"`, opaque, `"`))
		if weak {
			tag = "W/" + tag
		}
		if tag != strings.Trim(s, " \t") || Unquote(s) != opaque || strings.HasPrefix(Strong(s), "W/") {
			t.Errorf("%q: %q, %v; unquoted %q, strong %q", s, opaque, weak, Unquote(s), Strong(s))
		}
	})
}

func FuzzLockToken(f *testing.F) {
	for _, s := range []string{"", "<>", "<a>", " <opaquelocktoken:1> ", "<<a>>", "a", "<a", "a>", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		token := LockToken(s)
		if len(token) > len(s) {
			t.Errorf("%q grew to %q", s, token)
		}
		if want := "(<" + token + ">)"; LockToken(token) == token && string(wrap(nil, "(<", s, ">)")) != want {
			t.Errorf("%q: list %q, want %q", s, wrap(nil, "(<", s, ">)"), want)
		}
	})
}
