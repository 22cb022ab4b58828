package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkEveryPath wants a place for every value that the TOML library found.
func checkEveryPath(t *testing.T, text string) {
	t.Helper()
	doc, problems := parseDocument("x.toml", text)
	if problems != nil {
		return
	}
	for path := range doc.set {
		at, ok := doc.places[path]
		if !ok {
			t.Fatalf("no place for %s in %.300q", path, text)
		}
		for _, s := range []span{at.key, at.value} {
			if s.from < 0 || s.to < s.from || s.to > len(text) {
				t.Fatalf("%s is at %+v of %d bytes", path, at, len(text))
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	text := `
a.b = 1
"quoted key" = 'x' # comment with a = 1
[t]   # header
"x.y" = """
many = "lines"
"""
list = [ 1, [2, "]"],
  { k = '''
''' }, # a comment, ]
]
[[s]]
n = 1
[s.in]
k = true
[[s]]
[[s.deep]]
k.l.m = 2021-01-01
[s.deep.er]
z = "\"]"
`
	checkEveryPath(t, text)
	doc, problems := parseDocument("x.toml", text)
	if problems != nil {
		t.Fatal(problems)
	}
	for path, want := range map[string]string{
		"a.b":               "2:1 2:7",
		`"quoted key"`:      "3:1 3:16",
		"t":                 "4:2 4:2",
		`t."x.y"`:           "5:1 5:9",
		"t.list[1][1]":      "8:17 8:17",
		"t.list[2].k":       "9:5 9:9",
		"s[0].n":            "13:1 13:5",
		"s[0].in.k":         "15:1 15:5",
		"s[1].deep[0].k.l":  "18:1 18:1",
		"s[1].deep[0].er.z": "20:1 20:5",
	} {
		at, ok := doc.places[path]
		key, value := doc.problemAt(at.key), doc.problemAt(at.value)
		if got := where(key) + " " + where(value); !ok || got != want {
			t.Errorf("%s is at %s, expected %s", path, got, want)
		}
	}
}

func where(p Problem) string {
	return strings.TrimPrefix(strings.TrimSuffix(p.Error(), ": "), p.File+":")
}

func FuzzPlaces(f *testing.F) {
	seedAll(f)
	f.Add("[[[")
	f.Add("a = [[{b=[\"")
	f.Fuzz(func(t *testing.T, text string) {
		places(text) // whatever the text, no panic and an end
		checkEveryPath(t, text)
	})
}

// FuzzLoad wants a scenario or problems with a place and a message, never
// both and never a panic; what loads must load again to the same explanation.
func FuzzLoad(f *testing.F) {
	seedAll(f)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("fuzz.toml", text, Options{Env: noEnv})
		if err != nil {
			problems, ok := err.(*Problems)
			if !ok || s != nil || len(*problems) == 0 {
				t.Fatalf("%T, %v", err, s)
			}
			for _, p := range *problems {
				if p.Message == "" || p.Line < 1 || p.Col < 1 || p.Len < 1 || strings.ContainsAny(p.Message, "\n\x1b") {
					t.Fatalf("%+v", p)
				}
			}
			_ = problems.Error()
			return
		}
		for _, v := range Explain(s) {
			if v.Origin == "" || v.Key == "" {
				t.Fatalf("%+v", v)
			}
		}
	})
}

func seedAll(f *testing.F) {
	for _, dir := range []string{".", "testdata/broken", "templates", "dialects", "zoo"} {
		files, err := filepath.Glob(dir + "/*.toml")
		if err != nil || len(files) == 0 {
			f.Fatalf("no files in %s", dir)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
}
