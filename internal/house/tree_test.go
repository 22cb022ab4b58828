package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "tussle"

// root is the repository, as seen from this package's directory.
const root = "../.."

// pkg is what `go list` tells of one of our packages.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string // of the code
	Deps       []string // of the code, transitively
	TestImports,
	XTestImports []string
}

// short returns the path within the module: "runner/retry", "." for the root.
func (p pkg) short() string {
	if p.ImportPath == module {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

var listed = sync.OnceValues(func() ([]pkg, error) { return list("") })

// packages lists the module's packages for this platform.
func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// list asks the go command; goos may be "" for this platform.
func list(goos string) ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,Deps,TestImports,XTestImports", "./...")
	cmd.Dir = root
	cmd.Env = os.Environ()
	if goos != "" {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "CGO_ENABLED=0")
	}
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, errors.New(err.Error() + "\n" + complaint.String())
	}
	var all []pkg
	for dec := json.NewDecoder(&out); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, errors.New("go list found no package")
	}
	return all, nil
}

// notOurs are directories at the root that hold what runs and builds leave
// behind; .gitignore names them too.
var notOurs = map[string]bool{".git": true, "dist": true, "out": true, "tussle-out": true, "node_modules": true}

// files returns every file of the repository that ends in one of the
// suffixes, as slash-separated paths from the root.
func files(t *testing.T, suffixes ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if notOurs[d.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		for _, s := range suffixes {
			if strings.HasSuffix(rel, s) && d.Type().IsRegular() {
				found = append(found, rel)
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no file ends in %q", suffixes)
	}
	return found
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// source is one parsed Go file.
type source struct {
	name string // from the root
	fset *token.FileSet
	*ast.File
}

func (s source) line(p token.Pos) int { return s.fset.Position(p).Line }

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

var parsed = map[string]source{}

// sources parses every Go file below the directory; "" is the whole module.
func sources(t *testing.T, dir string) []source {
	t.Helper()
	var all []source
	for _, name := range files(t, ".go") {
		if dir != "" && !within(name, dir) || strings.Contains(name, "/testdata/") {
			continue
		}
		s, ok := parsed[name]
		if !ok {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			s = source{name, fset, f}
			parsed[name] = s
		}
		all = append(all, s)
	}
	return all
}

// within reports whether the path is the directory or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
