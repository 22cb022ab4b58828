package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tussle/history"
	"tussle/report"
	"tussle/report/format"
	"tussle/report/model"
	"tussle/runner"
	"tussle/runner/secrets"
	"tussle/runner/store"
	"tussle/scenarios"
)

// names of the files in a run's folder.
const (
	historyFile = "history.jsonl.zst"
	jsonFile    = "report.json"
	htmlFile    = "report.html"
	markdown    = "summary.md"
)

type runFlags struct {
	out               string
	quiet             bool
	set, only         []string
	sweep             bool
	allowHosts        []string
	allowInconclusive bool
	failOnLoss        bool
	verbose           bool
	color             string
}

func runCommand(e *env) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "run a scenario and report on it (a name from tussle list, or a path)",
		Example: `  tussle run flash-sale -o out
  tussle run my.toml --set load.clients=64 --set load.duration=5s
  tussle run optimistic-vs-pessimistic --sweep`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return e.run(args[0], f) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "folder for the history and reports (default tussle-out/NAME-TIME)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, and only the verdict line")
	fl.StringArrayVar(&f.set, "set", nil, "override a value of the scenario: load.clients=64 (repeatable)")
	fl.StringArrayVar(&f.only, "strategy", nil, "run only this strategy (repeatable)")
	fl.BoolVar(&f.sweep, "sweep", false, "run the scenario's [sweep] and draw its curves")
	fl.StringArrayVar(&f.allowHosts, "allow-host", nil, "a host outside loopback that may be loaded (repeatable)")
	fl.BoolVar(&f.allowInconclusive, "allow-inconclusive", false, "exit 0 where it would be 4")
	fl.BoolVar(&f.failOnLoss, "fail-on-loss", false, "where nothing was promised: exit 1 if something was lost, not 4")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "show everything: each strategy, thresholds, self-checks, notes")
	fl.StringVar(&f.color, "color", "auto", "auto, always or never")
	return completions(c)
}

// run is the README's procedure: load, run, report.
func (e *env) run(name string, f runFlags) error {
	s, err := e.load(name, scenarios.Options{Set: f.set, Only: f.only, Sweep: f.sweep})
	if err != nil {
		return err
	}
	if len(s.Strategies) == 0 {
		return usage("no strategy is left to run", "tussle explain "+name+" shows the strategies")
	}
	dir, err := newFolder(f.out, s.Name)
	if err != nil {
		return err
	}
	heard := listen()
	defer heard.restore()
	file, err := os.OpenFile(filepath.Join(dir, historyFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return &hinted{exitCannotRun, "cannot write the history: " + err.Error(), "choose another folder with -o"}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	reg := &secrets.Registry{}
	var relay store.Relay
	if slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool { return f.AtStore() }) {
		r, stop, err := openStore(heard.ctx, s, dir, reg)
		if err != nil {
			abandon(dir)
			return errors.Join(err, file.Close())
		}
		defer stop()
		relay = r
	}
	show := e.progress(s, f.quiet)
	interrupted, runErr := runner.Run(heard.ctx, s, file, runner.Options{
		Self: []string{self, "serve"}, Dir: dir, Version: version(), Command: append([]string{"tussle"}, e.args...),
		AllowHosts: f.allowHosts, Progress: show.update, Secrets: reg, Interrupt: heard.first, Store: relay,
	})
	show.done()
	heard.reporting(func() {
		sweep(dir)
		fmt.Fprintf(e.errOut, "tussle: error: interrupted while the report was made\ntussle: hint: the history is whole; tussle check %s\n", dir)
	})
	if err := file.Close(); err != nil && runErr == nil {
		runErr = fmt.Errorf("history: %w", err)
	}
	var cannot *runner.CannotRun
	if errors.As(runErr, &cannot) && !recorded(filepath.Join(dir, historyFile)) {
		abandon(dir)
		return runErr
	}
	if info, err := os.Stat(filepath.Join(dir, historyFile)); interrupted && runErr == nil && err == nil && info.Size() == 0 {
		os.Remove(filepath.Join(dir, "target.log")) // that it was stopped
		abandon(dir)
		return &hinted{exitInterrupted, "interrupted before the target was there: nothing was recorded", ""}
	}
	r, err := e.judge(filepath.Join(dir, historyFile))
	if err != nil {
		return errors.Join(runErr, err)
	}
	if f.failOnLoss {
		report.FailOnLoss(r)
	}
	// The verdict first: whatever becomes of the files, it was said.
	if err := errors.Join(e.show(r, f), writeAll(dir, r)); err != nil {
		return errors.Join(runErr, err)
	}
	if !f.quiet {
		fmt.Fprintf(e.errOut, "report: %s\n", filepath.Join(dir, htmlFile))
	}
	e.code = r.ExitCode(f.allowInconclusive)
	if interrupted {
		e.code = exitInterrupted
	}
	if runErr != nil {
		return runErr
	}
	return nil
}

// newFolder makes the run's folder; a run that is there already is left alone.
func newFolder(dir, name string) (string, error) {
	mine := dir == ""
	if mine {
		dir = filepath.Join("tussle-out", fileName(name)+"-"+time.Now().Format("20060102-150405"))
	}
	if info, err := os.Lstat("tussle-out"); mine && err == nil && info.Mode()&os.ModeSymlink != 0 {
		return "", usage("tussle-out is a link: reports would be written elsewhere", "choose a folder with -o")
	}
	if _, err := os.Lstat(filepath.Join(dir, historyFile)); err == nil {
		return "", usage(fmt.Sprintf("%s already holds a run", dir), "choose another folder with -o, or remove it")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", &hinted{exitCannotRun, "cannot make the folder: " + err.Error(), "choose another folder with -o"}
	}
	return dir, nil
}

// fileName keeps what is harmless in a file's name.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
}

// recorded reports whether any block of load was recorded.
func recorded(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	r, err := history.NewReader(f)
	if err != nil {
		return false
	}
	defer r.Close()
	var rec history.Record
	for r.Read(&rec) == nil {
		if rec.Kind == history.KindBlock {
			return true
		}
	}
	return false
}

// abandon removes what a run left that never began, but not the target's log
// when it says something.
func abandon(dir string) {
	os.Remove(filepath.Join(dir, historyFile))
	if info, err := os.Stat(filepath.Join(dir, "target.log")); err == nil && info.Size() == 0 {
		os.Remove(filepath.Join(dir, "target.log"))
	}
	os.Remove(dir) // stays when it is not empty
}

// longHistory is the size, in bytes, from which on a history is judged with
// little room for garbage. To collect it more often costs little: what is held
// of a history has hardly a pointer in it.
const (
	longHistory = 4 << 20
	garbage     = 20 // % of what is held
)

// judge builds the report of a history.
func (e *env) judge(path string) (*model.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &hinted{exitCannotRun, err.Error(), "give the folder of a run, or its " + historyFile}
	}
	defer f.Close()
	hr, err := history.NewReader(f)
	if history.IsForeign(err) {
		return nil, usage(path+": "+err.Error(), "")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer hr.Close()
	if info, err := f.Stat(); err == nil && info.Size() >= longHistory {
		defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	}
	r, err := report.Build(hr, version())
	if history.IsForeign(err) {
		return nil, usage(path+": "+err.Error(), "docs/foreign-histories.md has the form of histories that another tool wrote")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// writeAll writes the reports beside the history.
func writeAll(dir string, r *model.Report) error {
	for _, out := range []struct{ name, kind string }{{jsonFile, "json"}, {htmlFile, "html"}, {markdown, "markdown"}} {
		if err := writeFile(filepath.Join(dir, out.name), func(w io.Writer) error {
			return format.Write(w, r, out.kind, format.Options{})
		}); err != nil {
			return err
		}
	}
	return nil
}

// show prints the product: the table, or with -q the verdict alone.
func (e *env) show(r *model.Report, f runFlags) error {
	if f.quiet {
		_, err := fmt.Fprintf(e.out, "%s: %s\n", r.Verdict, r.Sentence)
		return unheard(err)
	}
	return unheard(format.Write(e.out, r, "text", format.Options{Color: colored(e.out, f.color), Width: 100, Verbose: f.verbose}))
}

// unheard is err, but for a reader of the output that has gone, as head does
// when it has seen enough.
func unheard(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
