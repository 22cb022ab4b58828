package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tussle/history"
	"tussle/report/format"
)

func exportCommand(e *env) *cobra.Command {
	var kind, out string
	var o format.ExportOptions
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "write a run for another tool: vegeta's JSON lines",
		Example: `  tussle export out --strategy optimistic | vegeta report
  tussle export out --steps -o steps.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if kind != "vegeta" {
				return usage(fmt.Sprintf("format %q is not known", kind), "there is vegeta")
			}
			f, err := os.Open(historyOf(args[0]))
			if err != nil {
				return &hinted{exitCannotRun, err.Error(), "give the folder of a run, or its " + historyFile}
			}
			defer f.Close()
			r, err := history.NewReader(f)
			if err != nil {
				return err
			}
			defer r.Close()
			if out == "" || out == "-" {
				return format.WriteVegeta(e.out, r, o)
			}
			return writeFile(out, func(w io.Writer) error { return format.WriteVegeta(w, r, o) })
		},
	}
	fl := c.Flags()
	fl.StringVar(&kind, "format", "vegeta", "vegeta")
	fl.StringVar(&o.Strategy, "strategy", "", "only this strategy")
	fl.BoolVar(&o.Steps, "steps", false, "single requests instead of operations")
	fl.StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	return c
}
