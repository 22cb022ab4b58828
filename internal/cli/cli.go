// Package cli is the command line: one file a command, wiring, exit codes and
// the rules of the terminal.
//
// The rules: standard output is the product, standard error everything else.
// An error is "tussle: error: ..." in lower case without a full stop, followed
// by "tussle: hint: ..." that names what to do next. Never a stack.
package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version and Commit are set by the linker in releases.
var (
	Version = "0.1.0-dev"
	Commit  = ""
)

// Main runs one command line and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	e := &env{args: args, in: in, out: out, errOut: errOut}
	root := e.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	if err := root.Execute(); err != nil {
		return e.fail(err)
	}
	return e.code
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tussle",
		Short: "measure what concurrency conflicts cost over HTTP, and show whether a write was lost",
		Example: `  tussle run flash-sale -o out        # compare three strategies on the built-in target
  tussle list                         # the gallery
  tussle init lost-update > my.toml   # start a scenario for your own API`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(flagError)
	e.help(root)
	root.CompletionOptions.HiddenDefaultCmd = false
	for _, command := range commands {
		root.AddCommand(command(e))
	}
	return root
}

// commands lists every command in the order of the help.
var commands = []func(*env) *cobra.Command{
	runCommand, listCommand, validateCommand, explainCommand, initCommand, schemaCommand, recordCommand,
	checkCommand, reportCommand, compareCommand, exportCommand, probeCommand, exploreCommand, serveCommand, versionCommand, actionCommand,
}

// version is how tussle names itself in records.
func version() string {
	commit := Commit
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	if len(commit) > 12 {
		commit = commit[:12]
	}
	if commit == "" {
		return "tussle " + Version
	}
	return "tussle " + Version + " (" + commit + ")"
}

func versionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(e.out, "%s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
