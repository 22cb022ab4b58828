//go:build unix

package house

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// job carries out a composite action as a runner does: the steps in order,
// each with its condition, its environment and its outputs, a fresh
// GITHUB_OUTPUT for each and one job summary. `uses` of upload-artifact is
// carried out by looking at the file that would be uploaded.
type job struct {
	t       *testing.T
	temp    string
	env     []string
	inputs  map[string]string
	outputs map[string]map[string]string // of steps

	log      string
	failed   bool
	code     int // of the first step that failed
	uploaded []string
	summary  string

	// interrupt, when set, is called once the step named run has started.
	interrupt func(pid int)
}

func newJob(t *testing.T, env ...string) *job {
	j := &job{t: t, temp: t.TempDir(), outputs: map[string]map[string]string{}}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "TUSSLE_") && !strings.HasPrefix(name, "INPUT_") {
			j.env = append(j.env, kv)
		}
	}
	j.env = append(j.env, "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+j.temp, "GITHUB_STEP_SUMMARY="+filepath.Join(j.temp, "summary.md"))
	j.env = append(j.env, env...)
	return j
}

type action struct {
	inputs  map[string]any
	outputs map[string]any
	steps   []any
}

func readAction(t *testing.T) action {
	t.Helper()
	v, err := parseYAML(text(t, "action.yml"))
	if err != nil {
		t.Fatalf("action.yml: %v", err)
	}
	m := v.(map[string]any)
	runs := m["runs"].(map[string]any)
	if runs["using"] != "composite" {
		t.Fatalf("action.yml: using %v", runs["using"])
	}
	return action{m["inputs"].(map[string]any), m["outputs"].(map[string]any), runs["steps"].([]any)}
}

// run runs the action with the inputs given, defaults filled in.
func (j *job) run(a action, with map[string]string) {
	j.t.Helper()
	j.inputs, j.outputs = map[string]string{}, map[string]map[string]string{}
	j.failed, j.code, j.uploaded = false, 0, nil
	for name, v := range a.inputs {
		spec := v.(map[string]any)
		def, _ := spec["default"].(string)
		j.inputs[name] = j.expand(def)
		if given, ok := with[name]; ok {
			j.inputs[name] = given
		} else if spec["required"] == "true" {
			j.t.Fatalf("the input %s is required", name)
		}
	}
	for name := range with {
		if a.inputs[name] == nil {
			j.t.Fatalf("action.yml has no input %s", name)
		}
	}
	for _, s := range a.steps {
		j.step(s.(map[string]any))
	}
	if b, err := os.ReadFile(filepath.Join(j.temp, "summary.md")); err == nil {
		j.summary = string(b)
	}
}

func (j *job) step(s map[string]any) {
	j.t.Helper()
	cond, _ := s["if"].(string)
	if !j.holds(cond) {
		return
	}
	id, _ := s["id"].(string)
	j.outputs[id] = map[string]string{}
	if uses, _ := s["uses"].(string); uses != "" {
		with := s["with"].(map[string]any)
		if !strings.HasPrefix(uses, "actions/upload-artifact@v") {
			j.t.Fatalf("the step %s uses %s", id, uses)
		}
		for _, path := range strings.Fields(j.expand(with["path"].(string))) {
			if _, err := os.Stat(path); err != nil {
				j.t.Errorf("upload: %v", err)
			}
			j.uploaded = append(j.uploaded, path)
		}
		if with["archive"] == "false" && len(j.uploaded) != 1 {
			j.t.Errorf("an artifact without an archive is one file, not %q", j.uploaded)
		}
		j.outputs[id]["artifact-url"] = "https://forge.example/artifacts/1"
		return
	}
	if s["shell"] != "bash" {
		j.t.Fatalf("the step %s needs shell: bash", id)
	}
	code := j.bash(id, s)
	if code != 0 && !j.failed {
		j.failed, j.code = true, code
	}
}

func (j *job) bash(id string, s map[string]any) int {
	j.t.Helper()
	output := filepath.Join(j.temp, "output-"+id)
	if err := os.WriteFile(output, nil, 0o644); err != nil {
		j.t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(j.temp, "log-"+id))
	if err != nil {
		j.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s["run"].(string))
	cmd.Dir, cmd.Stdout, cmd.Stderr = j.temp, log, log
	cmd.Env = append(append([]string{}, j.env...), "GITHUB_OUTPUT="+output)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	for name, v := range s["env"].(map[string]any) {
		cmd.Env = append(cmd.Env, name+"="+j.expand(v.(string)))
	}
	if err := cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
	limit := time.AfterFunc(2*time.Minute, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer limit.Stop()
	if id == "run" && j.interrupt != nil {
		j.interrupt(cmd.Process.Pid)
	}
	cmd.Wait()
	b, err := os.ReadFile(log.Name())
	if err != nil {
		j.t.Fatal(err)
	}
	j.log += string(b)
	j.readOutputs(id, output)
	return cmd.ProcessState.ExitCode()
}

// readOutputs reads NAME=VALUE lines and NAME<<END here-documents.
func (j *job) readOutputs(id, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		j.t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for i := 0; i < len(lines); i++ {
		if name, end, ok := strings.Cut(lines[i], "<<"); ok {
			var value []string
			for i++; i < len(lines) && lines[i] != end; i++ {
				value = append(value, lines[i])
			}
			j.outputs[id][name] = strings.Join(value, "\n")
		} else if name, value, ok := strings.Cut(lines[i], "="); ok {
			j.outputs[id][name] = value
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

func (j *job) expand(s string) string {
	return expression.ReplaceAllStringFunc(s, func(m string) string {
		return j.value(expression.FindStringSubmatch(m)[1])
	})
}

func (j *job) value(e string) string {
	for _, alternative := range strings.Split(e, " || ") {
		if v := j.operand(strings.TrimSpace(alternative)); v != "" {
			return v
		}
	}
	return ""
}

func (j *job) operand(e string) string {
	parts := strings.Split(e, ".")
	switch {
	case strings.HasPrefix(e, "'") && strings.HasSuffix(e, "'"):
		return e[1 : len(e)-1]
	case len(parts) == 2 && parts[0] == "inputs":
		if _, ok := j.inputs[parts[1]]; ok {
			return j.inputs[parts[1]]
		}
	case len(parts) == 4 && parts[0] == "steps" && parts[2] == "outputs":
		return j.outputs[parts[1]][parts[3]]
	case e == "github.token":
		return "the-token"
	case e == "github.action_path":
		abs, err := filepath.Abs(root)
		if err != nil {
			j.t.Fatal(err)
		}
		return abs
	}
	j.t.Fatalf("action.yml: %s means nothing here", e)
	return ""
}

// holds evaluates a condition: terms joined by &&. Without always() a step
// runs only while none has failed.
func (j *job) holds(cond string) bool {
	always := false
	for _, term := range strings.Split(cond, "&&") {
		term = strings.TrimSpace(term)
		switch {
		case term == "":
		case term == "always()":
			always = true
		case strings.Contains(term, "!="):
			a, b, _ := strings.Cut(term, "!=")
			if j.value(strings.TrimSpace(a)) == j.value(strings.TrimSpace(b)) {
				return false
			}
		case strings.Contains(term, "=="):
			a, b, _ := strings.Cut(term, "==")
			if j.value(strings.TrimSpace(a)) != j.value(strings.TrimSpace(b)) {
				return false
			}
		default:
			j.t.Fatalf("action.yml: the condition %q means nothing here", term)
		}
	}
	return always || !j.failed
}

// output is an output of the whole action.
func (j *job) output(a action, name string) string {
	j.t.Helper()
	spec, ok := a.outputs[name].(map[string]any)
	if !ok {
		j.t.Fatalf("action.yml has no output %s", name)
	}
	return j.expand(fmt.Sprint(spec["value"]))
}
