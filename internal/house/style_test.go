package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t, "") {
		if s.test() {
			continue
		}
		dir := path.Dir(s.name)
		documented[dir] = documented[dir] || s.Doc != nil
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

const longest = 500

func TestNoFileIsTooLongToRead(t *testing.T) {
	for _, name := range files(t, ".go", ".sh") {
		if n := strings.Count(text(t, name), "\n"); n > longest {
			t.Errorf("%s has %d lines, at most %d: one idea a file", name, n, longest)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, s := range sources(t, "") {
		if s.test() || s.Name.Name == "main" {
			continue
		}
		end, explained := 0, false // of the declaration before
		for _, d := range s.Decls {
			bare := undocumented(d)
			// One comment may stand over several methods that follow line by line.
			if explained && s.line(d.Pos()) == end+1 {
				bare = nil
			}
			for _, name := range bare {
				t.Errorf("%s:%d: %s has no doc comment", s.name, s.line(name.Pos()), name.Name)
			}
			end, explained = s.line(d.End()), bare == nil
		}
	}
}

// undocumented returns the exported names of a declaration that no comment
// explains; a comment on a group explains its members, and so does the type
// of an enumeration.
func undocumented(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d.Recv)) && !slices.Contains(wellKnown, d.Name.Name) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil && d.Lparen.IsValid() || d.Tok == token.CONST && enumerates(d) {
			return nil
		}
		var bare []*ast.Ident
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					bare = append(bare, spec.Name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						bare = append(bare, name)
					}
				}
			}
		}
		return bare
	}
	return nil
}

// enumerates reports whether a group of constants gives the values of a type.
func enumerates(d *ast.GenDecl) bool {
	spec, ok := d.Specs[0].(*ast.ValueSpec)
	return ok && d.Lparen.IsValid() && spec.Type != nil
}

// wellKnown are methods whose meaning an interface of the standard library fixes.
var wellKnown = []string{"Error", "String", "Unwrap", "Is", "As", "Len", "Less", "Swap", "Write", "Read", "Close", "ServeHTTP",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "Push", "Pop"}

func exportedReceiver(list *ast.FieldList) bool {
	typ := list.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// selectors returns the places where a file uses one of the names of a package.
func selectors(s source, of string, names ...string) []string {
	var found []string
	ast.Inspect(s.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == of {
				found = append(found, fmt.Sprintf("line %d: %s.%s", s.line(sel.Pos()), of, sel.Sel.Name))
			}
		}
		return true
	})
	return found
}

func TestRegistriesAreVisibleLists(t *testing.T) {
	for _, s := range sources(t, "") {
		for _, d := range s.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s:%d: func init: write the list where it can be seen", s.name, s.line(f.Pos()))
			}
		}
	}
}

func TestNoTestIsSkipped(t *testing.T) {
	for _, s := range sources(t, "") {
		for _, receiver := range []string{"t", "b", "f", "tb"} {
			for _, use := range selectors(s, receiver, "Skip", "Skipf", "SkipNow") {
				t.Errorf("%s: %s: what a test needs is installed by `make install`; without it the test fails", s.name, use)
			}
		}
		for _, use := range selectors(s, "testing", "Short") {
			t.Errorf("%s: %s: there is one length of test, and `make long` for many seeds", s.name, use)
		}
	}
}

// Tests that measure are left out under the race detector and run apart by
// `make test`, which finds them by their name.
func TestBudgetsAreRunApart(t *testing.T) {
	for _, s := range sources(t, "") {
		if !s.test() || !slices.Contains(constraints(s), "!race") {
			continue
		}
		for _, d := range s.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && strings.HasPrefix(f.Name.Name, "Test") && !strings.Contains(f.Name.Name, "Budget") {
				t.Errorf("%s:%d: %s is built without the race detector only; `make test` runs it if its name contains Budget", s.name, s.line(f.Pos()), f.Name.Name)
			}
		}
	}
}

func constraints(s source) []string {
	var lines []string
	for _, group := range s.Comments {
		for _, c := range group.List {
			if rest, ok := strings.CutPrefix(c.Text, "//go:build "); ok && c.Pos() < s.Package {
				lines = append(lines, strings.TrimSpace(rest))
			}
		}
	}
	return lines
}

// These patterns are put together here so that this file does not match them.
var (
	unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	placeOfOne = regexp.MustCompile(`/wor` + `k/|/roo` + `t/|/tmp/b` + `(rief|ash_jobs)|/hom` + `e/[a-z]+/|\bDESK` + `TOP-`)
)

func TestNothingNamesOneMachineOrIsUnfinished(t *testing.T) {
	for _, name := range files(t, ".go", ".md", ".toml", ".sh", ".yml", ".yaml", ".json", ".txtar", ".js", ".css", ".html", ".svg", "Makefile",
		"Containerfile", ".ci/run", ".ci/install", ".ci/packages", ".txt") {
		for i, line := range strings.Split(text(t, name), "\n") {
			if m := placeOfOne.FindString(line); m != "" {
				t.Errorf("%s:%d: %q is a place on one machine", name, i+1, m)
			}
			if m := unfinished.FindString(line); m != "" {
				t.Errorf("%s:%d: %q: finish it or file an issue", name, i+1, m)
			}
		}
	}
}

// A verdict is about a history and a property. Nothing that a report prints
// says more of a target than that.
var tooStrong = regexp.MustCompile(`(?i)\b(correct|correctly|correctness|safe|safely|passed)\b`)

// ofSomethingElse are phrases that use such a word of something else.
var ofSomethingElse = strings.NewReplacer(
	"correct it in the strategy's promises", "", // what the user may do to the scenario
)

func TestReportsNeverCallATargetCorrectSafeOrPassed(t *testing.T) {
	for _, s := range sources(t, "report") {
		if s.test() {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Errorf("%s:%d: %v", s.name, s.line(lit.Pos()), err)
				return true
			}
			if m := tooStrong.FindString(ofSomethingElse.Replace(value)); m != "" {
				t.Errorf("%s:%d: the text says %q; say what was looked for, in how many writes, and that it was not found", s.name, s.line(lit.Pos()), m)
			}
			return true
		})
	}
	for _, name := range files(t, ".html", ".tmpl", ".md", ".go") {
		if !within(name, "report") || strings.Contains(name, "/testdata/") || strings.HasSuffix(name, ".go") {
			continue
		}
		if m := tooStrong.FindString(text(t, name)); m != "" {
			t.Errorf("%s: the text says %q", name, m)
		}
	}
}

func TestTheHouseIsComplete(t *testing.T) {
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "action.yml", "main.go", ".ci/run",
		"docs/history-format.md", "docs/ci.md"} {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
		} else if info.Size() == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

// A target that runs what is not there is a promise.
func TestMakefileRunsWhatIsThere(t *testing.T) {
	makefile := text(t, "Makefile")
	for _, m := range regexp.MustCompile(`(?m)^\t@?(?:\$\(GO\) run \./)?((?:internal|docs|\.ci)/[A-Za-z0-9/._-]+)`).FindAllStringSubmatch(makefile, -1) {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("the Makefile runs %s: %v", m[1], err)
		}
	}
}
