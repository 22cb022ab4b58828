package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Every broken file yields all its problems at once, each at its place. The
// golden files are read by eye when they change: the caret must stand under
// what is wrong.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(file, string(text), Options{Env: noEnv})
			var problems *Problems
			if !errors.As(err, &problems) || s != nil {
				t.Fatalf("it was accepted, or the error is no *Problems: %v", err)
			}
			got := fmt.Sprintf("problems: %d\n\n%s\n", len(*problems), problems.Error())
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			checkPlaces(t, string(text), *problems)
		})
	}
}

// checkPlaces wants every place to be in the text, in order, with its line.
func checkPlaces(t *testing.T, text string, problems Problems) {
	t.Helper()
	lines := strings.Split(text, "\n")
	for i, p := range problems {
		if p.Message == "" || p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Len < 1 {
			t.Fatalf("no place in the file: %+v", p)
		}
		line := strings.TrimSuffix(lines[p.Line-1], "\r")
		if unmasked(p.Source, line) || p.Col > len([]rune(line))+1 {
			t.Errorf("line %d is %q, not %q; column %d", p.Line, line, p.Source, p.Col)
		}
		if i > 0 && (problems[i-1].Line > p.Line || problems[i-1].Line == p.Line && problems[i-1].Col > p.Col) {
			t.Errorf("%s comes after %s", p.Error(), problems[i-1].Error())
		}
	}
}

// unmasked reports whether shown differs from line, masked secrets aside.
func unmasked(shown, line string) bool {
	a, b := []rune(shown), []rune(line)
	if len(a) != len(b) {
		return true
	}
	for i := range a {
		if a[i] != b[i] && a[i] != '*' {
			return true
		}
	}
	return false
}

// A file of the greatest size, full of mistakes, is told in bounded length.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < MaxSize-100; i++ {
		fmt.Fprintf(&b, "[[strategy]]\nlocking = 'wrong'\nk%d = {write = [1, 2]}\n", i)
	}
	_, err := Parse("many.toml", b.String(), Options{Env: noEnv})
	var problems *Problems
	if !errors.As(err, &problems) || len(*problems) != maxProblems {
		t.Fatalf("got %.300v", err)
	}
	if len(err.Error()) > 1<<20 {
		t.Errorf("%d bytes of problems", len(err.Error()))
	}
}
