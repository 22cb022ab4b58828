package house

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tussle/internal/action"
)

// parseYAML reads a document.
func parseYAML(doc string) (v any, err error) {
	err = yaml.Unmarshal([]byte(doc), &v)
	return v, err
}

// actionFile is what action.yml says.
type actionFile struct {
	Inputs, Outputs map[string]any
	Runs            struct {
		Steps []struct {
			ID, If, Shell, Uses, Run string
			Env, With                map[string]string
		}
	}
}

func readAction(t *testing.T) actionFile {
	t.Helper()
	var a actionFile
	if err := yaml.Unmarshal([]byte(text(t, "action.yml")), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	ofInputs  = regexp.MustCompile(`inputs\.([a-z-]+)`)
	ofSteps   = regexp.MustCompile(`steps\.([a-z]+)\.outputs\.`)
	inputRead = regexp.MustCompile(`INPUT_[A-Z_]+`)
)

// What the action's file names is there: steps of the program with the
// variables that they read, inputs, outputs of earlier steps. No expression is
// written into a script, where it could be anything.
func TestTheActionIsWired(t *testing.T) {
	a := readAction(t)
	var source strings.Builder
	for _, name := range files(t, ".go") {
		if within(name, "internal/action") && !strings.HasSuffix(name, "_test.go") {
			source.WriteString(text(t, name))
		}
	}
	given, used, seen := map[string]bool{}, map[string]bool{}, []string{}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("the step %s writes an expression into its script: give it by env", s.ID)
		}
		name, ours := strings.CutPrefix(s.Run, `exec "$INPUT_TUSSLE" action `)
		if ours && (action.Steps[name] == nil || s.Env["INPUT_TUSSLE"] == "") {
			t.Errorf("the step %s runs %q", s.ID, s.Run)
		}
		all := s.If
		for name, value := range s.Env {
			given[name], all = true, all+value
		}
		for _, value := range s.With {
			all += value
		}
		for _, m := range ofInputs.FindAllStringSubmatch(all, -1) {
			if used[m[1]] = true; a.Inputs[m[1]] == nil {
				t.Errorf("the step %s uses an input %s, which there is not", s.ID, m[1])
			}
		}
		for _, m := range ofSteps.FindAllStringSubmatch(all, -1) {
			if !slices.Contains(seen, m[1]) {
				t.Errorf("the step %s uses an output of %s, which is no step before it", s.ID, m[1])
			}
		}
		seen = append(seen, s.ID)
	}
	for name := range a.Inputs {
		if !used[name] {
			t.Errorf("no step uses the input %s", name)
		}
	}
	for _, name := range inputRead.FindAllString(source.String(), -1) {
		if !given[name] && name != "INPUT_" {
			t.Errorf("internal/action reads %s, which no step gives", name)
		}
	}
}
