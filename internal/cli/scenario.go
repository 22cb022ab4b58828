package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tussle/scenarios"
)

func listCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list the gallery of scenarios", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for i, group := range scenarios.GalleryGroups {
				if i > 0 {
					fmt.Fprintln(e.out)
				}
				fmt.Fprintln(e.out, group)
				for _, s := range scenarios.Gallery() {
					if s.Group == group {
						fmt.Fprintf(e.out, "  %-33s %s\n", s.Name, folded(s.Description, 36, 36))
					}
				}
			}
			_, err := fmt.Fprintln(e.out, "\nRun one:  tussle run flash-sale -o out      Read one:  tussle explain flash-sale")
			return err
		},
	}
}

func validateCommand(e *env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use: "validate SCENARIO...", Short: "check scenario files without running them", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if _, err := e.load(name, scenarios.Options{Set: set}); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(e.out, "%s: no problems\n", name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a value of the scenario (repeatable)")
	return completions(c)
}

// load loads a scenario and tells what is most likely not meant.
func (e *env) load(name string, o scenarios.Options) (*scenarios.Scenario, error) {
	o.Env = os.LookupEnv
	s, err := scenarios.Load(name, o)
	if err != nil {
		return nil, err
	}
	for _, w := range s.Warnings {
		fmt.Fprintf(e.errOut, "tussle: warning: %s\ntussle: hint: %s\n", w.Error(), w.Hint)
	}
	return s, nil
}

func explainCommand(e *env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use: "explain SCENARIO", Short: "print the effective scenario with the origin of each value", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := scenarios.Load(args[0], scenarios.Options{Set: set, Env: os.LookupEnv})
			if err != nil {
				return err
			}
			return explain(e.out, scenarios.Explain(s))
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a value of the scenario (repeatable)")
	return completions(c)
}

func schemaCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "print the JSON Schema of scenario files, for editors", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := e.out.Write(scenarios.Schema())
			return err
		},
	}
}
