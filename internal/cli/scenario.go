package cli

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tussle/scenarios"
)

func listCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list the gallery of scenarios", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
			for _, s := range scenarios.Gallery() {
				fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Description)
			}
			return w.Flush()
		},
	}
}

func validateCommand(e *env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use: "validate SCENARIO...", Short: "check scenario files without running them", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if _, err := scenarios.Load(name, scenarios.Options{Set: set, Env: os.LookupEnv}); err != nil {
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
	return c
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
			w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
			for _, v := range scenarios.Explain(s) {
				fmt.Fprintf(w, "%s\t= %s\t# %s\n", v.Key, v.Text, v.Origin)
			}
			return w.Flush()
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a value of the scenario (repeatable)")
	return c
}

func initCommand(e *env) *cobra.Command {
	known := scenarios.Templates()
	return &cobra.Command{
		Use: "init TEMPLATE", Short: "print a commented scenario to start from: " + strings.Join(known, ", "), Args: cobra.ExactArgs(1),
		ValidArgs: known,
		RunE: func(_ *cobra.Command, args []string) error {
			text, ok := scenarios.Template(args[0])
			if !ok {
				return usage(fmt.Sprintf("template %q is not known", args[0]), "there are "+strings.Join(known, ", "))
			}
			_, err := fmt.Fprint(e.out, text)
			return err
		},
	}
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
