package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is one source file with one rule broken.
type mutant struct {
	name string // file, function, rule and what was done to it: stable while the rule is
	line int
	file string // absolute
	text []byte // of the whole file, broken
}

// mutate returns the mutants of every file of a package but its tests.
func mutate(dir string) ([]mutant, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := mutateFile(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no rule to break", dir)
	}
	return all, nil
}

func mutateFile(file string, text []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []mutant
	seen := map[string]int{}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		for _, rule := range rules(fn.Body) {
			from, to := fset.Position(rule.Pos()).Offset, fset.Position(rule.End()).Offset
			was := string(text[from:to])
			for _, change := range []struct{ what, to string }{{"negated", "!(" + was + ")"}, {"removed", "false && (" + was + ")"}} {
				name := fmt.Sprintf("%s %s: %s: %s", filepath.Base(file), fn.Name.Name, strings.Join(strings.Fields(was), " "), change.what)
				seen[name]++
				if n := seen[name]; n > 1 {
					name += fmt.Sprintf(" (%d)", n)
				}
				broken := string(text[:from]) + change.to + string(text[to:])
				all = append(all, mutant{name: name, line: fset.Position(rule.Pos()).Line, file: file, text: []byte(broken)})
			}
		}
	}
	return all, nil
}

// rules returns the conditions below a node, in the order of the source.
func rules(body ast.Node) []ast.Expr {
	var found []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			found = append(found, n.Cond)
		case *ast.SwitchStmt:
			if n.Tag == nil {
				for _, c := range n.Body.List {
					found = append(found, c.(*ast.CaseClause).List...)
				}
			}
		}
		return true
	})
	return found
}
