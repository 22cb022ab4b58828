package action

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var (
	idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	unsafe    = regexp.MustCompile(`[^A-Za-z0-9._-]`)
)

// withheld are the variables that tussle, and so a target of a fork's
// scenario, does not get: with the files of the runner it could set variables
// and outputs of later steps, with the tokens speak for the job.
func withheld(name string) bool {
	switch name {
	case "GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GH_TOKEN",
		"BASH_ENV", "ENV", "PROMPT_COMMAND":
		return true
	}
	return strings.HasPrefix(name, "INPUT_") || strings.HasPrefix(name, "ACTIONS_")
}

// tussle is a command line of the tussle command, without what is withheld.
func (s *Step) tussle(args ...string) *exec.Cmd {
	cmd := exec.Command(s.get("INPUT_TUSSLE"), args...)
	cmd.Env = []string{}
	for _, kv := range s.Env {
		if name, _, _ := strings.Cut(kv, "="); !withheld(name) {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	return cmd
}

// run runs every scenario, compares it with the base, and says how it went. It
// ends with 0 so that the report is made.
func (s *Step) run() (int, error) {
	if !idPattern.MatchString(s.get("INPUT_ID")) {
		s.notice("error", "the input id may hold letters, digits, dots, dashes and underscores, and begins with a letter or a digit")
		return 2, nil
	}
	var scenarios []string
	for _, line := range strings.Split(s.get("INPUT_SCENARIO"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			scenarios = append(scenarios, line)
		}
	}
	if len(scenarios) == 0 {
		s.notice("error", "the input scenario is empty")
		return 2, nil
	}
	dir := filepath.Join(s.get("RUNNER_TEMP"), "tussle-"+s.get("INPUT_ID")+"-"+random())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 3, err
	}
	total, cancelled := 0, false
	var names, pages []string
	for _, scenario := range scenarios {
		name := nameOf(scenario, names)
		names = append(names, name)
		run := filepath.Join(dir, name)
		args := append([]string{"run", "-o", run, "--fail-on-loss"}, strings.Fields(s.get("INPUT_ARGS"))...)
		code, stopped, err := s.logged(run+".log", s.tussle(append(args, "--", scenario)...))
		if err != nil {
			return 3, err
		}
		page := filepath.Join(run, "report.html")
		if cancelled = stopped; cancelled && code != 130 && !there(page) {
			code = 130
		}
		total = worse(total, code)
		if there(page) {
			pages = append(pages, page)
		}
		if err := os.WriteFile(run+".exit", []byte(strconv.Itoa(code)), 0o644); err != nil {
			return 3, err
		}
		if !cancelled && s.get("INPUT_BASE") != "" && there(filepath.Join(run, "report.json")) {
			code, stopped, err := s.compared(dir, name)
			if err != nil {
				return 3, err
			}
			total, cancelled = worse(total, code), stopped
		}
		if cancelled {
			total = worse(total, 130)
			break
		}
	}
	out := [][2]string{{"directory", dir}, {"exit-code", strconv.Itoa(total)}, {"verdict", verdictOf(total)},
		{"pages", strconv.Itoa(len(pages))}, {"html", strings.Join(pages, "\n")}}
	if json := filepath.Join(dir, names[0], "report.json"); there(json) {
		out = append(out, [2]string{"json", json})
	}
	err := os.WriteFile(filepath.Join(dir, "names"), []byte(strings.Join(names, "\n")+"\n"), 0o644)
	for _, o := range out {
		err = errors.Join(err, s.output(o[0], o[1]))
	}
	return 0, err
}

// nameOf is a scenario's name as that of a folder of its own.
func nameOf(scenario string, taken []string) string {
	name := unsafe.ReplaceAllString(strings.TrimSuffix(filepath.Base(scenario), ".toml"), "-")
	if strings.Trim(name, ".") == "" {
		name = "scenario"
	}
	for i := 0; i < len(taken); i++ {
		if taken[i] == name {
			name, i = name+"-again", -1
		}
	}
	return name
}

// compared compares a run with the base, where that has one.
func (s *Step) compared(dir, name string) (code int, stopped bool, err error) {
	base, run := s.get("INPUT_BASE"), filepath.Join(dir, name)
	if inner := filepath.Join(base, name); there(inner) {
		base = inner
	}
	if info, err := os.Stat(base); err != nil || info.IsDir() && !there(filepath.Join(base, "report.json")) && !there(filepath.Join(base, "history.jsonl.zst")) {
		s.notice("notice", "there is no report of the base to compare "+name+" with")
		return 0, false, nil
	}
	args := append([]string{"compare"}, strings.Fields(s.get("INPUT_COMPARE_ARGS"))...)
	code, stopped, err = s.logged(run+".compare", s.tussle(append(args, "--", base, run)...))
	if err == nil {
		err = os.WriteFile(run+".compare.exit", []byte(strconv.Itoa(code)), 0o644)
	}
	_ = s.tussle(append(args, "--format", "markdown", "-o", run+".compare.md", "--", base, run)...).Run() // a page that lacks is told by what was printed
	return code, stopped, err
}

// logged runs a command, its output in a file and in the log of the job, where
// the runner obeys no line of it. When the job is cancelled the command is
// interrupted: tussle drains, reports and ends with 130 then.
func (s *Step) logged(path string, cmd *exec.Cmd) (code int, stopped bool, err error) {
	log, err := os.Create(path)
	if err != nil {
		return 0, false, err
	}
	defer log.Close()
	s.muted(func() {
		cmd.Stdout = io.MultiWriter(log, s.Out)
		cmd.Stderr = cmd.Stdout
		if err = cmd.Start(); err != nil {
			return
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }() // how it ended is in ProcessState
		for done := false; !done; {
			select {
			case <-ended:
				done = true
			case <-s.Stop:
				stopped = true
				_ = cmd.Process.Signal(os.Interrupt)
			}
		}
		code = cmd.ProcessState.ExitCode()
	})
	if err != nil {
		return 0, false, fmt.Errorf("tussle cannot be started: %w", err)
	}
	return code, stopped, nil
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
