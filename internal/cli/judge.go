package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tussle/report"
	"tussle/report/format"
	"tussle/report/model"
)

// historyOf finds the history of a run's folder, or takes a file as it is.
func historyOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, historyFile)
	}
	return path
}

func checkCommand(e *env) *cobra.Command {
	var allowInconclusive, failOnLoss, verbose bool
	var color string
	c := &cobra.Command{
		Use:   "check HISTORY",
		Short: "judge a history again: a run's folder, its file, or JSON lines of another tool",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if tables, name, err := serialOf(historyOf(args[0])); err != nil || tables != nil {
				if err != nil {
					return err
				}
				return e.showProbe(e.out, name, tables)
			}
			r, err := e.judge(historyOf(args[0]))
			if err != nil {
				return err
			}
			if failOnLoss {
				report.FailOnLoss(r)
			}
			e.code = r.ExitCode(allowInconclusive)
			return format.Write(e.out, r, "text", format.Options{Color: colored(e.out, color), Width: 100, Verbose: verbose})
		},
	}
	c.Flags().BoolVar(&allowInconclusive, "allow-inconclusive", false, "exit 0 where it would be 4")
	c.Flags().BoolVar(&failOnLoss, "fail-on-loss", false, "where nothing was promised: exit 1 if something was lost, not 4")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "show everything: each strategy, thresholds, self-checks, notes")
	c.Flags().StringVar(&color, "color", "auto", "auto, always or never")
	return c
}

func reportCommand(e *env) *cobra.Command {
	var kind, out string
	var o format.Options
	var names []string
	for _, f := range format.Formats {
		names = append(names, f.Name)
	}
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "render a run again: " + strings.Join(names, ", "),
		Example: `  tussle report out --format markdown --max-bytes 60000 > comment.md
  tussle report out --format junit -o junit.xml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(names, kind) {
				return usage(fmt.Sprintf("format %q is not known", kind), "there are "+strings.Join(names, ", "))
			}
			r, err := e.reportOf(args[0])
			if err != nil {
				return err
			}
			if out == "" || out == "-" {
				return format.Write(e.out, r, kind, o)
			}
			return writeFile(out, func(w io.Writer) error { return format.Write(w, r, kind, o) })
		},
	}
	fl := c.Flags()
	fl.StringVar(&kind, "format", "text", strings.Join(names, ", "))
	oneOf(c, "format", names)
	fl.StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	fl.IntVar(&o.MaxBytes, "max-bytes", 0, "markdown: leave out sections until it fits")
	fl.StringVar(&o.Link, "link", "", "markdown: address of the full report")
	fl.StringVar(&o.Marker, "marker", "", "markdown: id of the hidden marker of a sticky comment")
	fl.BoolVarP(&o.Verbose, "verbose", "v", false, "text: show everything, not what fits on a screen")
	fl.StringVar(&o.Chart, "chart", "", "svg: which picture")
	return c
}

// reportOf reads a run's folder, a history, a report.json or a report.html.
func (e *env) reportOf(path string) (*model.Report, error) {
	path = historyOf(path)
	switch filepath.Ext(path) {
	case ".json", ".html":
		text, err := readSome(path)
		if err != nil {
			return nil, &hinted{exitCannotRun, err.Error(), "give the folder of a run, its report.json or its report.html"}
		}
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
			r, err := format.FromHTML(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return r, nil
		}
		r, err := model.ReadJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return r, nil
	}
	return e.judge(path)
}
