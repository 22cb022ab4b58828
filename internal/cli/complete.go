package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"tussle/scenarios"
)

// completeScenario offers the gallery and the TOML files of the folder.
func completeScenario(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, s := range scenarios.Gallery() {
		if strings.HasPrefix(s.Name, word) {
			out = append(out, s.Name+"\t"+s.Description)
		}
	}
	if len(out) == 0 {
		return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return out, cobra.ShellCompDirectiveDefault
}

// completeSet offers the keys that --set takes.
func completeSet(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, key := range scenarios.SetKeys() {
		if strings.HasPrefix(key, word) {
			out = append(out, key+"=")
		}
	}
	return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completions gives a command that takes a scenario its completions.
func completions(c *cobra.Command) *cobra.Command {
	c.ValidArgsFunction = completeScenario
	if c.Flags().Lookup("set") != nil {
		_ = c.RegisterFlagCompletionFunc("set", completeSet) // fails for a flag that is not there only
	}
	return c
}

// oneOf completes a flag from a list of words.
func oneOf(c *cobra.Command, flag string, words []string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
