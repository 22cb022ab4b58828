package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A rule says what the code of a package and of those below it never imports,
// directly or through others. Tests are free: an oracle may look anywhere.
type rule struct {
	of     string   // a package of ours, "" is any
	never  string   // a package of ours and those below it, "" is any
	except []string // of `of`, or of `never`, whichever is meant
	why    string
}

// Data flows one way: scenario -> runner -> history -> check + measure -> report.
var rules = []rule{
	{of: "history", never: "", except: []string{"history"}, why: "the record has no opinion and knows nobody"},
	{of: "targets", never: "", except: []string{"targets"}, why: "a bug must not be shared by the server under test and its judge"},
	{of: "scenarios", never: "", except: []string{"scenarios", "history"}, why: "a scenario says what to do, not how it is done"},
	{of: "runner", never: "report", why: "who does it does not judge it"},
	{of: "runner", never: "targets", why: "a built-in target is spoken to like any other, over HTTP"},
	{of: "report/check", never: "", except: []string{"report/check", "history"}, why: "a check is a history in, a verdict out"},
	{of: "report/measure", never: "", except: []string{"report/measure", "history"}, why: "a figure is a function of the history"},
	{of: "report", never: "runner", why: "the history is the only thing that passes from the runner to the report"},
	{of: "report", never: "scenarios", why: "an old run is judged again without its scenario file"},
	{of: "report", never: "targets", why: "the judge does not know the accused"},
	{of: "report/model", never: "report", except: []string{"report/check", "report/measure"}, why: "a report is data, and speaks no language"},
	{of: "report/say", never: "report/page", why: "words know nothing of tables"},
	{of: "report/say", never: "report/format", why: "words are the same in every format"},
	{of: "report/page", never: "report/format", why: "tables and pictures are the same in every format"},
	{of: "", never: "report", except: []string{"report", "internal/cli", "."}, why: "only the commands wire a report to a run"},
	{of: "", never: "internal/cli", except: []string{"internal/cli", "."}, why: "commands are the top of the program"},
}

func TestImportsFollowTheFlowOfData(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		for _, dep := range p.Deps {
			if !within(dep, module) {
				continue
			}
			checked++
			dep = strings.TrimPrefix(dep, module+"/")
			for _, r := range rules {
				if r.breaks(p.short(), dep) {
					t.Errorf("%s imports %s, at least through others: %s", p.short(), dep, r.why)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no package of ours imports another one: the rules saw nothing")
	}
}

func (r rule) breaks(from, to string) bool {
	if from == to || r.of != "" && !within(from, r.of) || r.never != "" && !within(to, r.never) {
		return false
	}
	for _, e := range r.except {
		if r.of == "" && within(from, e) || r.of != "" && within(to, e) {
			return false
		}
	}
	return true
}

func TestRulesTellGoodArrowsFromBadOnes(t *testing.T) {
	for _, c := range []struct {
		from, to string
		bad      bool
	}{
		{"history", "scenarios", true},
		{"targets/memory", "history", true},
		{"targets/memory", "targets/defects", false},
		{"runner", "history", false},
		{"runner/retry", "report/measure", true},
		{"runner", "targets/memory", true},
		{"report/check", "history", false},
		{"report/check", "report/measure", true},
		{"report", "report/check", false},
		{"report", "runner/retry", true},
		{"internal/cli", "report", false},
		{"internal/bench", "report", true},
		{"runner", "internal/cli", true},
		{".", "internal/cli", false},
		{"scenarios", "runner/dialect", true},
	} {
		bad := slices.ContainsFunc(rules, func(r rule) bool { return r.breaks(c.from, c.to) })
		if bad != c.bad {
			t.Errorf("%s -> %s: broken %v, want %v", c.from, c.to, bad, c.bad)
		}
	}
}

// libraries lists every module that go.mod requires directly, with the
// packages of ours whose code may use it (those below are included). One
// library, one package, wherever that is possible. "tests" are the _test.go
// files of any package.
var libraries = map[string][]string{
	"cel.dev/cel-go":                          {"history/expr"},
	"github.com/BurntSushi/toml":              {"scenarios"},
	"github.com/HdrHistogram/hdrhistogram-go": {"runner"},
	"github.com/anishathalye/porcupine":       {"report/check"},
	"github.com/aws/aws-sdk-go-v2":            {"runner/sign"}, // its signer alone
	"github.com/chromedp/cdproto":             {"tests"},       // the protocol that chromedp speaks
	"github.com/chromedp/chromedp":            {"tests"},
	"github.com/go-sql-driver/mysql":          {"runner/store/mysql"}, // who waits for a lock is asked with it
	"github.com/google/go-cmp":                {"tests"},
	"github.com/jackc/pgx/v5":                 {"targets/sql", "runner/store/postgres"}, // the latter: its protocol, for the relay
	"github.com/klauspost/compress":           {"history"},
	"github.com/montanaflynn/stats":           {"report/measure"},
	"github.com/prometheus/common":            {"tests"},
	"github.com/rogpeppe/go-internal":         {"tests"},
	"github.com/spf13/cobra":                  {"internal/cli"},
	"github.com/spf13/pflag":                  {"internal/cli"},
	"github.com/tidwall/gjson":                {"runner/dialect", "history/wire"},
	"github.com/tidwall/sjson":                {"history/wire"},
	"github.com/tsenart/vegeta/v12":           {"runner", "internal/bench"},
	"github.com/valyala/fasthttp":             {"runner/transport"},
	"github.com/vbauerster/mpb/v8":            {"internal/cli"},
	"github.com/getkin/kin-openapi":           {"scenarios/intake"},
	"mvdan.cc/sh/v3":                          {"scenarios/intake"},
	"go.yaml.in/yaml/v3":                      {"tests", "scenarios/intake"},
	"golang.org/x/net":                        {"targets/webdav", "runner/transport", "runner/dialect"}, // the others: what HTTP_PROXY and NO_PROXY say of a URL; fields of HTML forms
	"golang.org/x/perf":                       {"report/measure"},
	"modernc.org/sqlite":                      {"targets/sql"},
	"pgregory.net/rapid":                      {"tests"},
}

func TestOneLibraryHasOneUser(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			lib := libraryOf(imported)
			if lib == "" {
				if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
					t.Errorf("%s imports %s, which the table of libraries does not list", p.short(), imported)
				}
				continue
			}
			if !slices.ContainsFunc(libraries[lib], func(user string) bool { return within(p.short(), user) }) {
				t.Errorf("%s imports %s, which is for %v; move the code there or extend the table with a reason", p.short(), lib, libraries[lib])
			}
		}
		for _, imported := range append(p.TestImports, p.XTestImports...) {
			if libraryOf(imported) == "" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				t.Errorf("the tests of %s import %s, which the table of libraries does not list", p.short(), imported)
			}
		}
	}
}

func libraryOf(path string) string {
	for lib := range libraries {
		if within(path, lib) {
			return lib
		}
	}
	return ""
}

var requirement = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)

func TestTableOfLibrariesIsThatOfGoMod(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, m := range requirement.FindAllStringSubmatch(string(b), -1) {
		direct[m[1]] = true
		if libraries[m[1]] == nil {
			t.Errorf("go.mod requires %s directly; the table of libraries does not say for whom", m[1])
		}
	}
	for lib := range libraries {
		if !direct[lib] {
			t.Errorf("the table of libraries lists %s, which go.mod does not require directly", lib)
		}
	}
}

// What comes after the history is pure: the same history gives the same
// bytes, whenever, wherever and in whatever order goroutines run.
var impure = map[string]string{
	"net": "no network", "net/http": "no network", "os": "no files and no environment", "os/exec": "no processes",
	"log": "a warning belongs to a result", "log/slog": "a warning belongs to a result",
	"math/rand": "draws come from a seed in the history", "math/rand/v2": "draws come from a seed in the history",
}

func TestNothingAfterTheHistoryIsImpure(t *testing.T) {
	for _, p := range packages(t) {
		if !within(p.short(), "report") {
			continue
		}
		for _, imported := range p.Imports {
			if why := impure[imported]; why != "" {
				t.Errorf("%s imports %s: %s after the history", p.short(), imported, why)
			}
		}
	}
	for _, s := range sources(t, "report") {
		if s.test() {
			continue
		}
		for _, use := range selectors(s, "time", "Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker") {
			t.Errorf("%s: %s: the only clock after the history is the one in it", s.name, use)
		}
	}
}
