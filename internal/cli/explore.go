package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/model"
	"tussle/runner"
	"tussle/runner/explore"
	"tussle/runner/fault"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

type exploreFlags struct {
	runFlags
	only   []string
	pairs  []string
	every  bool
	orders int
	replay string
	times  int
}

func exploreCommand(e *env) *cobra.Command {
	var f exploreFlags
	c := &cobra.Command{
		Use:   "explore SCENARIO",
		Short: "put the database statements of two requests into every order",
		Long: `explore stands between the target and its store, holds every statement of two
requests, and lets them go in every order there is. Each order must end as if the
requests had run one after the other; one that does not is shown with its
statements. No load, no luck, and no invariant to write.`,
		Example: `  tussle explore my.toml
  tussle explore my.toml --pair write,write --pair write,delete
  tussle explore my.toml --replay out/order-0-12.json --times 100`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return e.explore(args[0], f) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "folder for the history and reports (default tussle-out/NAME-TIME)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, and only the verdict line")
	fl.StringArrayVar(&f.set, "set", nil, "override a value of the scenario: target.url=... (repeatable)")
	fl.StringArrayVar(&f.only, "strategy", nil, "explore only this strategy (repeatable)")
	fl.StringArrayVar(&f.pairs, "pair", nil, "the steps of two or three requests: write,delete (repeatable; default all pairs)")
	fl.BoolVar(&f.every, "every", false, "leave nothing out: hold statements that cannot matter too, walk orders that cannot differ")
	fl.IntVar(&f.orders, "max-orders", explore.DefaultOrders, "orders of a pair at most; those with few preemptions come first")
	fl.StringVar(&f.replay, "replay", "", "follow the order in this file again, instead of exploring")
	fl.IntVar(&f.times, "times", 1, "with --replay: so many times")
	fl.StringArrayVar(&f.allowHosts, "allow-host", nil, "a host outside loopback that may be sent requests (repeatable)")
	fl.BoolVar(&f.allowInconclusive, "allow-inconclusive", false, "exit 0 where it would be 4")
	fl.StringVar(&f.color, "color", "auto", "auto, always or never")
	return completions(c)
}

// schedule is an order as a file keeps it.
type schedule struct {
	Strategy string   `json:"strategy"`
	Steps    []string `json:"steps"`
	Every    bool     `json:"every"`
	Choices  []int    `json:"choices"` // which request goes on at each choice, from 0
}

// notOwn refuses a scenario whose operations the command cannot walk: asking
// nothing must not look like finding nothing.
func notOwn(command string) error {
	return usage(command+" does not walk operations of your own yet", "tussle run does, under load; see docs/operations.md")
}

// explore loads, starts the store, explores, and reports.
func (e *env) explore(name string, f exploreFlags) error {
	o := explore.Options{Every: f.every, MaxOrders: f.orders}
	if err := f.order(&o, &f.only); err != nil {
		return err
	}
	s, err := e.load(name, scenarios.Options{Set: f.set, Only: f.only})
	if err != nil {
		return err
	}
	if len(s.Operations) > 0 {
		return notOwn("explore")
	}
	heard := listen()
	defer heard.restore()
	ctx, cancel := heard.untilFirst()
	defer cancel()
	dir, err := newFolder(f.out, s.Name)
	if err != nil {
		return err
	}
	err = e.exploreInto(ctx, s, dir, o, f)
	var cannot *runner.CannotRun
	var h *hinted
	path := filepath.Join(dir, historyFile)
	if info, serr := os.Stat(path); (errors.As(err, &cannot) || errors.As(err, &h)) && (serr != nil || info.Size() == 0) {
		abandon(dir)
		return err
	} else if ctx.Err() != nil && (serr != nil || info.Size() == 0) {
		abandon(dir)
		return &hinted{exitInterrupted, "interrupted before the first order", ""}
	}
	r, jerr := e.judge(path)
	if jerr != nil {
		return errors.Join(err, jerr)
	}
	if jerr := errors.Join(e.show(r, f.runFlags), writeAll(dir, r), writeSchedules(dir, r, o.Every)); jerr != nil {
		return errors.Join(err, jerr)
	}
	if !f.quiet {
		fmt.Fprintf(e.errOut, "report: %s\n", filepath.Join(dir, htmlFile))
	}
	e.code = r.ExitCode(f.allowInconclusive)
	if ctx.Err() != nil {
		e.code = exitInterrupted
		return nil
	}
	return err
}

// order reads what --pair and --replay ask for.
func (f *exploreFlags) order(o *explore.Options, only *[]string) error {
	for _, p := range f.pairs {
		var steps []history.Step
		for _, s := range strings.Split(p, ",") {
			if s = strings.TrimSpace(s); !slices.Contains(scenarios.StepNames(), s) {
				return usage(fmt.Sprintf("--pair %s: %q is no step", p, s), "steps are "+strings.Join(scenarios.StepNames(), ", "))
			}
			steps = append(steps, history.Step(s))
		}
		if len(steps) < 2 || len(steps) > 3 {
			return usage("--pair "+p+": two or three steps were expected", "for example --pair write,write")
		}
		o.Pairs = append(o.Pairs, steps)
	}
	if f.replay == "" {
		return nil
	}
	text, err := readSome(f.replay)
	if err != nil {
		return usage("--replay: "+err.Error(), "give a file that tussle explore has written: order-PAIR-NUMBER.json")
	}
	var s schedule
	if err := json.Unmarshal(text, &s); err != nil || len(s.Choices) == 0 || len(s.Steps) < 2 {
		return usage("--replay "+f.replay+" holds no order", "give a file that tussle explore has written: order-PAIR-NUMBER.json")
	}
	var steps []history.Step
	for _, step := range s.Steps {
		steps = append(steps, history.Step(step))
	}
	o.Pairs, o.Every, o.Replay, o.Times = [][]history.Step{steps}, s.Every, s.Choices, f.times
	*only = []string{s.Strategy}
	return nil
}

// exploreInto starts store and target, and explores into the folder's history.
func (e *env) exploreInto(ctx context.Context, s *scenarios.Scenario, dir string, o explore.Options, f exploreFlags) error {
	reg := &secrets.Registry{}
	relay, stop, err := openStore(ctx, s, dir, reg)
	if err != nil {
		return err
	}
	defer stop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	session, err := runner.Open(ctx, s, runner.Options{Self: []string{self, "serve"}, Dir: dir, Version: version(),
		Command: append([]string{"tussle"}, e.args...), AllowHosts: f.allowHosts, Secrets: reg})
	if err != nil {
		return err
	}
	defer session.Close()
	file, err := os.OpenFile(filepath.Join(dir, historyFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return &hinted{exitCannotRun, "cannot write the history: " + err.Error(), "choose another folder with -o"}
	}
	if o.Faults, err = fault.New(s); err != nil {
		return errors.Join(err, file.Close())
	}
	odd := &check.Odd{}
	o.Mask, o.Odd = reg.Mask, odd.Is
	o.Serial = odd.Add
	if !f.quiet {
		o.Progress = e.orders()
	}
	err = explore.Run(ctx, session, relay, file, o)
	return errors.Join(err, file.Close())
}

// orders says how far an exploration is, now and then.
func (e *env) orders() func(string, int) {
	said := time.Now()
	return func(pair string, n int) {
		if time.Since(said) >= 2*time.Second {
			said = time.Now()
			fmt.Fprintf(e.errOut, "%s: %d orders\n", pair, n)
		}
	}
}

// writeSchedules keeps the order of each finding in a file for --replay.
func writeSchedules(dir string, r *model.Report, every bool) error {
	for _, x := range r.Explorations {
		for _, f := range x.Findings {
			text, err := json.MarshalIndent(schedule{x.Strategy, x.Steps, every, f.Choices}, "", "  ")
			if err != nil {
				return err
			}
			if err := writeFile(filepath.Join(dir, fmt.Sprintf("order-%d-%d.json", x.Pair, f.Number)), func(w io.Writer) error {
				_, err := w.Write(append(text, '\n'))
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
