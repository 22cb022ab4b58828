package format

import (
	"strings"
	"testing"

	"tussle/report/model"
	"tussle/report/say"
	"tussle/report/svg"
)

// What each sink makes of one hostile text, word for word.
func TestEachSinkHasItsEscaper(t *testing.T) {
	for _, c := range []struct {
		sink     string
		escape   func(string) string
		in, want string
	}{
		{"visible", shown, "a\x1b[31m\n\u202eb\xff\u0085", `a\x1b[31m\n\u202eb\xff\x85`},
		{"visible", shown, strings.Repeat("x", 100), strings.Repeat("x", 80) + "…"},
		{"visible", shown, "grüße, 価格 😀", "grüße, 価格 😀"},
		{"svg", svg.Escape, `<a href="x" o='y'>&` + "\x00\u202e\xff", "&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;\uFFFD\uFFFD\uFFFD"},
		{"code", mdCode, "a`b``c", "```a`b``c```"},
		{"code", mdCode, "`x`", "`` `x` ``"},
		{"code", mdCode, "a|b\n# c", "`a\\|b\\n# c`"},
		{"code", mdCode, `a\|b\\|c||`, "`a\\\u2060\\|b\\\\\u2060\\|c\\|\\|`"},
		{"code", mdCode, "", "–"},
		{"text", mdText, "**b** [x](y) <i> @me #1 :tada: a: b", `\*\*b\*\* \[x\](y) &lt;i&gt; @` + "\u2060" + `me #` + "\u2060" + `1 &#58;tada: a: b`},
		{"text", mdText, "https://evil.example www.evil.example", "https&#58;//evil.example www\u2060.evil.example"},
		{"html", htmlText, `<b>"x"</b> @me`, "&lt;b&gt;&quot;x&quot;&lt;/b&gt; &#64;me"},
		{"label", label9, "a\"b]\n;c", "a_b__n_c"},
		{"line", line, "::error::x", "\u2060::error::x"},
		{"line", line, "  ##[error]x", "\u2060  ##[error]x"},
		{"line", line, "a::error", "a::error"},
		{"csv", csvCell, "=1+1", "'=1+1"},
		{"csv", csvCell, "\t=1", `\t=1`},
		{"csv", csvCell, "plain", "plain"},
		{"openmetrics", omLabel, "a\"b\\c\nd", `"a\"b\\c\\nd"`},
		{"link", link, "https://ci.example/a?b=c#d", "https://ci.example/a?b=c#d"},
		{"link", link, "javascript:alert(1)", ""},
		{"link", link, "https://x/)[y](z", ""},
		{"link", link, "https://x/ y", ""},
	} {
		if got := c.escape(c.in); got != c.want {
			t.Errorf("%s: %q became\n%q, want\n%q", c.sink, c.in, got, c.want)
		}
	}
}

func shown(s string) string { return say.Visible(s, 80) }

func label9(s string) string { return mdLabel(s, 9) }

func TestCommandIsQuotedForAShell(t *testing.T) {
	r := &model.Report{}
	r.Provenance.Command = []string{"tussle", "run", "it's", "--set", "a=b c", "$(x)", "plain-1.toml"}
	if got, want := say.Command(r), `tussle run 'it'\''s' --set 'a=b c' '$(x)' plain-1.toml`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
