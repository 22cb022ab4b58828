package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tussle/scenarios"
)

// help replaces cobra's help: a word that is no command stays a mistake
// with --help behind it, and in "tussle help WORD".
func (e *env) help(root *cobra.Command) {
	show := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if words := c.Flags().Args(); c == root && len(words) > 0 {
			e.code = e.fail(unknownCommand(root, words[0]))
			return
		}
		show(c, args)
	})
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: "explain a command",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || c == root && len(rest) > 0 {
				return unknownCommand(root, args[0])
			}
			return c.Help()
		},
	})
}

// unknownCommand names the command that was probably meant.
func unknownCommand(root *cobra.Command, word string) error {
	hint := "tussle help lists the commands"
	if near := scenarios.Nearest(word, commandNames(root)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", "tussle "+near)
	}
	return usage(fmt.Sprintf("unknown command %q", word), hint)
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError names the flag that was probably meant, or the key of the scenario
// that --set changes: there is no --clients, but there is load.clients.
func flagError(c *cobra.Command, err error) error {
	hint := fmt.Sprintf("%s --help lists the flags", c.CommandPath())
	word, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return usage(err.Error(), hint)
	}
	if c.Flags().Lookup("set") != nil {
		for _, key := range scenarios.SetKeys() {
			if key == word || strings.HasSuffix(key, "."+word) {
				return usage(err.Error(), fmt.Sprintf("it is a key of the scenario: --set %s=VALUE", key))
			}
		}
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := scenarios.Nearest(word, known); near != "" {
		hint = fmt.Sprintf("did you mean --%s?", near)
	}
	return usage(err.Error(), hint)
}
