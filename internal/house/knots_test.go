package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// knot is how many files of a package may depend on each other in a circle:
// nobody reads one of them without the others.
const knot = 8

func TestNoKnotOfManyFiles(t *testing.T) {
	for _, p := range packages(t) {
		circle, err := largestCircle(p.Dir, p.GoFiles)
		if err != nil {
			t.Fatalf("%s: %v", p.short(), err)
		}
		if n := len(circle); n > knot {
			t.Errorf("%s: %d files depend on each other in a circle, %d may: %s", p.short(), n, knot, strings.Join(circle, " "))
		}
	}
}

// largestCircle returns the files of the largest set in which each file needs
// every other one, directly or through others. A file needs another one when
// it uses a name that is declared there at package level: a function, a type
// (also as a receiver), a variable, a constant, a method. It is empty where
// no file needs one that needs it.
func largestCircle(dir string, names []string) ([]string, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	// Names of other packages do not matter here, so imports are empty, and
	// what the type checker says of them is passed over.
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: empty{}, Error: func(error) {}, FakeImportC: true}
	own, _ := conf.Check(dir, fset, files, info)
	needs := map[string]map[string]bool{}
	for id, o := range info.Uses {
		if o.Pkg() != own || !topLevel(o) {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(o.Pos()).Filename)
		if from != to {
			if needs[from] == nil {
				needs[from] = map[string]bool{}
			}
			needs[from][to] = true
		}
	}
	return circle(needs), nil
}

// topLevel tells package-level names and methods from local names and fields.
func topLevel(o types.Object) bool {
	if f, ok := o.(*types.Func); ok {
		r := f.Signature().Recv()
		return r == nil || !types.IsInterface(r.Type())
	}
	return o.Parent() == o.Pkg().Scope()
}

// empty imports every package as one without names.
type empty struct{}

func (empty) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
	p.MarkComplete()
	return p, nil
}

var _ types.Importer = empty{}

// circle returns the largest set of names that all reach each other.
func circle(needs map[string]map[string]bool) []string {
	reach := map[string]map[string]bool{}
	for from := range needs {
		seen := map[string]bool{}
		for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
			for to := range needs[todo[0]] {
				if !seen[to] {
					seen[to] = true
					todo = append(todo, to)
				}
			}
		}
		reach[from] = seen
	}
	var most []string
	for _, from := range slices.Sorted(maps.Keys(reach)) {
		var all []string
		for to := range reach[from] {
			if reach[to][from] {
				all = append(all, to)
			}
		}
		if len(all) > len(most) {
			slices.Sort(all)
			most = all
		}
	}
	return most
}

func TestCirclesAreFound(t *testing.T) {
	for _, c := range []struct {
		needs map[string][]string
		want  string
	}{
		{map[string][]string{"a": {"b"}, "b": {"c"}}, "[]"},
		{map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, "[a b c]"},
		{map[string][]string{"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"e"}, "e": {"c", "a"}}, "[c d e]"},
	} {
		needs := map[string]map[string]bool{}
		for from, list := range c.needs {
			needs[from] = map[string]bool{}
			for _, to := range list {
				needs[from][to] = true
			}
		}
		if got := fmt.Sprint(circle(needs)); got != c.want {
			t.Errorf("%v: %s, want %s", c.needs, got, c.want)
		}
	}
}
