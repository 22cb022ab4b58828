package cli

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tussle/internal/action"
)

// actionCommand is what action.yml calls: no command for people.
func actionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "action STEP", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			step, ok := action.Steps[args[0]]
			if !ok {
				return usage("the action has no step "+args[0], "see action.yml")
			}
			stop := make(chan os.Signal, 3)
			signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
			defer signal.Stop(stop)
			code, err := step(&action.Step{Env: os.Environ(), Out: e.out, Stop: stop})
			e.code = code
			return err
		},
	}
}
