//go:build unix

package house

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A block with recipe=HOST is a job of that host. Its commands run like those
// of a sh block, in the order in which the host would run them; what it takes
// from an action must be an input of that action.

// commandsOf returns the commands of a recipe.
func commandsOf(t *testing.T, b block) (commands []string, err error) {
	switch b.attrs["recipe"] {
	case "github":
		return githubCommands(t, b.text)
	case "gitlab":
		v, err := parseYAML(b.text)
		if err != nil {
			return nil, err
		}
		for _, job := range v.(map[string]any) {
			for _, list := range []string{"script", "after_script"} {
				items, _ := job.(map[string]any)[list].([]any)
				for _, c := range items {
					commands = append(commands, c.(string))
				}
			}
		}
	case "jenkins":
		for _, m := range jenkinsShell.FindAllStringSubmatch(b.text, -1) {
			commands = append(commands, m[1])
		}
	default:
		return nil, fmt.Errorf("recipe=%s: github, gitlab or jenkins was expected", b.attrs["recipe"])
	}
	return commands, nil
}

var jenkinsShell = regexp.MustCompile(`(?m)^\s*sh '([^']*)'$`)

func githubCommands(t *testing.T, doc string) (commands []string, err error) {
	v, err := parseYAML(doc)
	if err != nil {
		return nil, err
	}
	inputs := readAction(t).Inputs
	for _, job := range v.(map[string]any)["jobs"].(map[string]any) {
		for _, s := range job.(map[string]any)["steps"].([]any) {
			step := s.(map[string]any)
			if run, ok := step["run"].(string); ok {
				commands = append(commands, run)
			}
			with, _ := step["with"].(map[string]any)
			if uses, _ := step["uses"].(string); strings.HasPrefix(uses, "OWNER/tussle@") {
				for name := range with {
					if inputs[name] == nil {
						return nil, fmt.Errorf("the action has no input %s", name)
					}
				}
				// The action runs the scenario: it has to be one.
				scenario := strings.TrimPrefix(with["scenario"].(string), "base/")
				commands = append(commands, "tussle validate "+scenario)
			}
		}
	}
	return commands, nil
}

// recipe runs a job's commands.
func (s *shell) recipe(t *testing.T, where string, b block) {
	commands, err := commandsOf(t, b)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	if len(commands) == 0 {
		t.Errorf("%s: the recipe has no command", where)
	}
	b.text = "export GITHUB_STEP_SUMMARY=" + filepath.Join(t.TempDir(), "summary.md") + "\n" + strings.Join(commands, "\n") + "\n"
	s.script(where, b)
}

func TestInputsOfTheActionAreDocumented(t *testing.T) {
	doc := text(t, "docs/ci.md")
	_, table, _ := strings.Cut(doc, "| input | default | |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(table, -1) {
		rows[m[1]] = true
	}
	a := readAction(t)
	for name := range a.Inputs {
		if !rows[name] {
			t.Errorf("docs/ci.md does not list the input %s", name)
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("docs/ci.md lists an input %s that the action does not have", name)
	}
	for name := range a.Outputs {
		if !strings.Contains(doc, "`"+name+"`") {
			t.Errorf("docs/ci.md does not mention the output %s", name)
		}
	}
}
