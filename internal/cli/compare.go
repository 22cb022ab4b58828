package cli

import (
	"io"

	"github.com/spf13/cobra"

	"tussle/report"
	"tussle/report/format"
)

func compareCommand(e *env) *cobra.Command {
	var kind, out string
	var force, allowInconclusive bool
	c := &cobra.Command{
		Use:   "compare BASE HEAD",
		Short: "compare two runs of one scenario: folders, report.json or report.html files",
		Example: `  tussle compare main-run pr-run
  tussle compare base.html head.html --format markdown > comment.md`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := e.reportOf(args[0])
			if err != nil {
				return err
			}
			head, err := e.reportOf(args[1])
			if err != nil {
				return err
			}
			change, err := report.Compare(base, head, force)
			if err != nil {
				return usage(err.Error(), "compare runs of one scenario, or say --force")
			}
			e.code = change.ExitCode(allowInconclusive)
			if out == "" || out == "-" {
				return format.WriteChange(e.out, change, kind)
			}
			return writeFile(out, func(w io.Writer) error { return format.WriteChange(w, change, kind) })
		},
	}
	fl := c.Flags()
	fl.StringVar(&kind, "format", "text", "text, markdown or json")
	fl.StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	fl.BoolVar(&force, "force", false, "compare runs of different scenarios")
	fl.BoolVar(&allowInconclusive, "allow-inconclusive", false, "exit 0 where it would be 4")
	return c
}
