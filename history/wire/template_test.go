package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTemplate(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []Segment
	}{
		{"empty", "", nil},
		{"literal", "/articles", []Segment{{Literal: "/articles"}}},
		{"one variable", "{version}", []Segment{{Var: "version", Filters: []string{}}}},
		{"path", "/a/{key}/b", []Segment{{Literal: "/a/"}, {Var: "key", Filters: []string{}, Offset: 3}, {Literal: "/b", Offset: 8}}},
		{"filters in order", "{key:base64:json}", []Segment{{Var: "key", Filters: []string{"base64", "json"}}}},
		{"JSON text needs no escapes", `{"a":{"b":{value}}}`, []Segment{{Literal: `{"a":{"b":`}, {Var: "value", Filters: []string{}, Offset: 10}, {Literal: "}}", Offset: 17}}},
		{"escaped brace", "{{key}", []Segment{{Literal: "{key}"}}},
		{"WebDAV If list", "(<{lock}> [{version}])", []Segment{
			{Literal: "(<"}, {Var: "lock", Filters: []string{}, Offset: 2}, {Literal: "> [", Offset: 8},
			{Var: "version", Filters: []string{}, Offset: 11}, {Literal: "])", Offset: 20}}},
		{"lone brace at the end", "a{", []Segment{{Literal: "a{"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseTemplate(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got.Segments); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseTemplateErrors(t *testing.T) {
	for _, tc := range []struct {
		text, message, hint string
		offset              int
	}{
		{"/a/{key", "the variable {key is not closed by }", "write {{ for a literal brace", 3},
		{"{id title}", "the variable {id is not closed by }", "write {{ for a literal brace", 0},
		{"{key:bas64}", `unknown filter "bas64"`, "filters: base64, base64url", 5},
		{"{key:}", `unknown filter ""`, "filters: base64,", 5},
	} {
		_, err := ParseTemplate(tc.text)
		var te *TemplateError
		if !errors.As(err, &te) {
			t.Fatalf("%s: %v", tc.text, err)
		}
		if te.Message != tc.message || !strings.HasPrefix(te.Hint, tc.hint) || te.Offset != tc.offset {
			t.Errorf("%s: %+v", tc.text, te)
		}
	}
}

func TestParseCapture(t *testing.T) {
	for text, want := range map[string]Capture{
		"json:stock":                 {Kind: "json", Path: "stock"},
		"json:kvs.0.value:base64":    {Kind: "json", Path: "kvs.0.value", Filters: []string{"base64"}},
		"json:@pretty:{\"a\":1}":     {Kind: "json", Path: "@pretty:{\"a\":1}"},
		"header:ETag":                {Kind: "header", Path: "ETag"},
		"header:ETag:strong:unquote": {Kind: "header", Path: "ETag", Filters: []string{"strong", "unquote"}},
		"header:Location:last":       {Kind: "header", Path: "Location", Filters: []string{"last"}},
		"body":                       {Kind: "body"},
		"body:base64":                {Kind: "body", Filters: []string{"base64"}},
		"status":                     {Kind: "status"},
		"xml:getetag":                {Kind: "xml", Path: "getetag"},
		`regex:at (\d+:\d+)`:         {Kind: "regex", Path: `at (\d+:\d+)`},
		"regex:(a):last:base64":      {Kind: "regex", Path: "(a)", Filters: []string{"last", "base64"}},
	} {
		got, err := ParseCapture(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
	for _, text := range []string{"", "etag", "json:", "header:", "body:bse64", "header:ETag:unqoute", "status:9", "regex:", "regex:a", "regex:(", "regex:(a)(b)", "regex:(?:a)", "regexp:(a)"} {
		if _, err := ParseCapture(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"", "{key}", "{{", "{a:base64}", "{a:", "{\"b\":{c}}", "}{", "{é}", "(<{lock}>)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tpl, err := ParseTemplate(s)
		if err != nil {
			var te *TemplateError
			if !errors.As(err, &te) || te.Offset < 0 || te.Len < 1 || te.Offset+te.Len > len(s)+1 {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		for i, seg := range tpl.Segments {
			if (seg.Var == "") == (seg.Literal == "") {
				t.Fatalf("%q: segment %d is both or neither: %+v", s, i, seg)
			}
			if i > 0 && seg.Var == "" && tpl.Segments[i-1].Var == "" {
				t.Fatalf("%q: two literals in a row", s)
			}
		}
	})
}

func FuzzCapture(f *testing.F) {
	for _, s := range []string{"json:a.b", "header:ETag:strong", "body:base64", "status", "xml:", ":", "json::", "regex:(a)", `regex:(?m)^S:(.*?)\r?$`, "regex:(", "regex:(a):base64", "regex:((((a))))", "regex:(a{1000}){1000}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCapture(s)
		if err != nil {
			return
		}
		again := c.Kind
		if c.Path != "" {
			again += ":" + c.Path
		}
		for _, x := range c.Filters {
			again += ":" + x
		}
		if again != s {
			t.Fatalf("%q was read as %q", s, again)
		}
	})
}
