package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// variable is the environment variable that tells the test binary its mutant.
const variable = "CHECK_MUTANT"

// build compiles the package's tests with every mutant woven in.
func build(source, scratch, binary string) error {
	files := map[string][]int{}
	for i, m := range mutants {
		files[m.file] = append(files[m.file], i)
	}
	replace := map[string]string{}
	add := func(name string, text []byte) error {
		file := filepath.Join(scratch, name)
		replace[filepath.Join(source, name)] = file
		return os.WriteFile(file, text, 0o600)
	}
	for name, which := range files {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return err
		}
		if text, err = weave(name, text, which); err != nil {
			return err
		}
		if err := add(name, text); err != nil {
			return err
		}
	}
	if err := add("mutant_now.go", []byte("package check\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar mutantNow, _ = strconv.Atoi(os.Getenv(\""+variable+"\"))\n")); err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	overlay := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return err
	}
	cmd := exec.Command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay="+overlay, "-o", binary, ".")
	cmd.Dir = source
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the mutants do not compile:\n%s", out)
	}
	return nil
}

// weave gives each mutant a copy of the function that it changes, and makes
// the function call the copy when it is that mutant's turn.
func weave(name string, text []byte, which []int) ([]byte, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return set.Position(p).Offset }
	calls := map[int][]string{} // offset after the opening brace -> calls of copies
	var copies bytes.Buffer
	for _, i := range which {
		m := &mutants[i]
		if n := bytes.Count(text, []byte(m.old)); n != 1 {
			return nil, fmt.Errorf("%s: %s: %q occurs %d times, once was expected: correct the list", m.file, m.rule, m.old, n)
		}
		from := bytes.Index(text, []byte(m.old))
		f := enclosing(parsed, from, from+len(m.old), at)
		if f == nil {
			return nil, fmt.Errorf("%s: %s: it does not stand within one function", m.file, m.rule)
		}
		copyName := fmt.Sprintf("%s__m%d", f.Name.Name, i+1)
		start, end, nameEnd := at(f.Pos()), at(f.End()), at(f.Name.End())
		fmt.Fprintf(&copies, "\n%s%s%s%s%s\n", text[start:at(f.Name.Pos())], copyName, text[nameEnd:from], m.new, text[from+len(m.old):end])
		calls[at(f.Body.Lbrace)+1] = append(calls[at(f.Body.Lbrace)+1], call(f, copyName, i+1))
	}
	var out bytes.Buffer
	for i, b := range text {
		for _, c := range calls[i] {
			out.WriteString(c)
		}
		out.WriteByte(b)
	}
	out.Write(copies.Bytes())
	return out.Bytes(), nil
}

// enclosing is the function that holds a stretch of the file.
func enclosing(file *ast.File, from, to int, at func(token.Pos) int) *ast.FuncDecl {
	for _, d := range file.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Body != nil && at(f.Pos()) <= from && to <= at(f.End()) {
			return f
		}
	}
	return nil
}

// call is the statement that hands over to a copy.
func call(f *ast.FuncDecl, name string, number int) string {
	var args []string
	for _, p := range f.Type.Params.List {
		for _, n := range p.Names {
			arg := n.Name
			if _, variadic := p.Type.(*ast.Ellipsis); variadic {
				arg += "..."
			}
			args = append(args, arg)
		}
	}
	if f.Recv != nil {
		name = f.Recv.List[0].Names[0].Name + "." + name
	}
	text := name + "(" + strings.Join(args, ", ") + ")"
	if f.Type.Results == nil {
		return fmt.Sprintf("\n\tif mutantNow == %d {\n\t\t%s\n\t\treturn\n\t}", number, text)
	}
	return fmt.Sprintf("\n\tif mutantNow == %d {\n\t\treturn %s\n\t}", number, text)
}
