package scenarios

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tussle/history/wire"
)

// noEnv is an environment in which nothing is set.
func noEnv(string) (string, bool) { return "", false }

func TestGalleryLoads(t *testing.T) {
	entries := Gallery()
	if len(entries) < 3 {
		t.Fatalf("the gallery has %d scenarios", len(entries))
	}
	for _, e := range entries {
		t.Run(e.Name, func(t *testing.T) {
			s, err := Load(e.Name, Options{Env: noEnv})
			if err != nil {
				t.Fatalf("\n%v", err)
			}
			if !strings.HasSuffix(e.Description, "?") {
				t.Errorf("the description is no question: %q", e.Description)
			}
			if want := e.Name[strings.LastIndexByte(e.Name, '/')+1:]; s.Name != want {
				t.Errorf("name is %q", s.Name)
			}
			first, _, _ := strings.Cut(s.Text, "\n")
			want := "#:schema " + strings.Repeat("../", strings.Count(e.Name, "/"))
			if want == "#:schema " {
				want += "./"
			}
			if first != want+"schema.json" {
				t.Errorf("the first line is %q", first)
			}
			if len(e.Name) > 0 && !strings.HasPrefix(e.Name, "zoo/") {
				l := s.Load
				if total := time.Duration(l.Duration+l.Warmup) * time.Duration(l.Repeat*len(s.Strategies)); total > 35*time.Second {
					t.Errorf("its blocks last %s", total)
				}
			}
		})
	}
}

func TestTemplatesLoad(t *testing.T) {
	env := func(name string) (string, bool) { return "x-" + name, !strings.HasPrefix(name, "TUSSLE_") }
	want := []string{"booking", "coupon", "double-spend", "duplicate-create", "invoice", "last-admin", "lease", "lost-update", "parent-delete",
		"quota", "reservation", "state-machine", "webdav-lock", "webhook"}
	if got := strings.Join(Templates(), " "); got != strings.Join(want, " ") {
		t.Errorf("templates: %s", got)
	}
	for _, name := range Templates() {
		t.Run(name, func(t *testing.T) {
			text, ok := Template(name)
			if !ok {
				t.Fatal("not there")
			}
			s, err := Parse(name+".toml", text, Options{Env: env})
			if err != nil {
				t.Fatalf("\n%v", err)
			}
			if s.Name != name || s.Target.URL == "" || !strings.Contains(text, "tussle run "+name+".toml") {
				t.Errorf("name %q, url %q", s.Name, s.Target.URL)
			}
		})
	}
	if _, ok := Template("../schema"); ok {
		t.Error("a template outside the directory")
	}
}

func TestDialectsLoad(t *testing.T) {
	names := Dialects()
	for _, want := range []string{"etag", "version-field", "lease", "plain", "webdav"} {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+want+" ") {
			t.Errorf("there is no dialect %s", want)
		}
	}
	for _, d := range loadDialects() {
		known := wire.Variables()
		for _, step := range StepNames() {
			if s := d.Steps.Step(step); s != nil {
				known = append(known, sortedNames(s.Capture)...)
			}
		}
		if d.Description == "" {
			t.Errorf("%s has no description", d.name)
		}
		for _, step := range StepNames() {
			if s := d.Steps.Step(step); s != nil {
				s.templates(func(path, text string) {
					tpl, err := wire.ParseTemplate(text)
					if err != nil {
						t.Errorf("%s: %s.%s: %v", d.name, step, path, err)
					}
					for _, v := range tpl.Vars() {
						if !slices.Contains(known, v) {
							t.Errorf("%s: %s.%s: unknown variable %s", d.name, step, path, v)
						}
					}
				})
			}
		}
	}
}

// Every workload and locking kind that can be paired runs against the memory
// target with what the loader fills in.
func TestDefaultsOfEveryPair(t *testing.T) {
	kinds, _ := fieldNamed[Workload]("kind")
	lockings, _ := fieldNamed[Strategy]("locking")
	for _, k := range kinds.enum() {
		for _, l := range lockings.enum() {
			text := "target.use = 'memory'\nworkload.kind = '" + k + "'\n[[strategy]]\nlocking = '" + l + "'\n"
			s, err := Parse("pair.toml", text, Options{Env: noEnv})
			possible := !(k == "lease" && l != "pessimistic") && !(l == "server-side" && serverSide[k] == nil)
			if possible != (err == nil) {
				t.Errorf("%s, %s: %v", k, l, err)
			}
			if err != nil {
				continue
			}
			st := s.Strategies[0]
			if st.Target["scheme"] == "" || st.Identify.By != "tag" || st.Dialect == "" {
				t.Errorf("%s, %s: scheme %q, identify %+v, dialect %q", k, l, st.Target["scheme"], st.Identify, st.Dialect)
			}
			if (l == "none") != (len(st.Promises) == 0) {
				t.Errorf("%s, %s: promises %v", k, l, st.Promises)
			}
		}
	}
}

func TestUnknownName(t *testing.T) {
	_, err := Load("flash-sal", Options{Env: noEnv})
	if err == nil || !strings.Contains(err.Error(), `did you mean "flash-sale"?`) {
		t.Errorf("got %v", err)
	}
	_, err = Load(t.TempDir(), Options{Env: noEnv})
	if err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("got %v", err)
	}
	big := t.TempDir() + "/big.toml"
	if err := os.WriteFile(big, make([]byte, MaxSize+2), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(big, Options{Env: noEnv})
	if err == nil || !strings.Contains(err.Error(), "is larger than") {
		t.Errorf("got %v", err)
	}
}
