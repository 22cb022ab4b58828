package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tussle/scenarios"
	"tussle/scenarios/intake"
)

// initFlags are the sources of a draft; at most one is given.
type initFlags struct {
	from     map[string]*string
	resource string
	target   string
}

func initCommand(e *env) *cobra.Command {
	known := scenarios.Templates()
	f := initFlags{from: map[string]*string{}}
	c := &cobra.Command{
		Use:   "init TEMPLATE | --openapi FILE | --har FILE | --postman FILE | --http FILE | --curl LINE",
		Short: "print a commented scenario to start from: a template, or a draft from what you have",
		Long: "init prints a scenario. A template is commented and made to be changed:\n  " + folded(strings.Join(known, ", "), 2, 2) + `
A draft comes from requests that you have already: how the thing is read, written
and made, where its version is, who logs in. What was guessed is marked as such.`,
		Example: `  tussle init lost-update > my.toml
  tussle init --openapi api.yaml --resource articles > articles.toml
  tussle init --curl "curl -X PUT http://127.0.0.1:8080/articles/7 -d '{\"stock\": 3}'"`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: known,
		RunE: func(c *cobra.Command, args []string) error {
			for _, format := range intake.Formats {
				if value := *f.from[format.Name]; value != "" {
					if len(args) > 0 {
						return usage("init takes a template or a source, not both", "tussle init --help")
					}
					return e.draft(format.Name, value, f)
				}
			}
			if len(args) == 0 {
				return usage("init needs a template, or a source of requests", "templates: "+strings.Join(known, ", ")+"; or --openapi, --har, --postman, --http, --curl")
			}
			text, ok := scenarios.Template(args[0])
			if !ok {
				return usage(fmt.Sprintf("template %q is not known", args[0]), "there are "+strings.Join(known, ", "))
			}
			_, err := fmt.Fprint(e.out, text)
			return err
		},
	}
	for _, format := range intake.Formats {
		f.from[format.Name] = c.Flags().String(format.Name, "", "draft from "+format.What+" (- is standard input)")
	}
	c.Flags().StringVar(&f.resource, "resource", "", "of several resources this one: its name or its path")
	c.Flags().StringVar(&f.target, "url", "", "where the API runs, instead of what the source says")
	return c
}

// draft reads a source and prints the scenario of one of its resources.
func (e *env) draft(format, value string, f initFlags) error {
	name, text := "the curl line", []byte(value)
	if format != "curl" || value == "-" {
		var err error
		if name, text, err = e.source(value); err != nil {
			return err
		}
	}
	s, err := intake.Read(format, name, text)
	var unread *intake.Error
	if errors.As(err, &unread) {
		return usage(unread.Message, unread.Hint)
	}
	if err != nil {
		return err
	}
	return e.printDraft(name, s, f)
}

// printDraft chooses a resource and prints its scenario, and on standard error
// what it was made from.
func (e *env) printDraft(name string, s *intake.Source, f initFlags) error {
	if f.target != "" {
		s.Base = strings.TrimRight(f.target, "/")
	}
	resources := s.Resources()
	if len(resources) == 0 {
		return usage(fmt.Sprintf("%s has %s, and none of them writes a thing that has a path of its own", name, plural(len(s.Exchanges), "request", "requests")),
			"a draft needs a PUT or PATCH of one resource, such as PUT /articles/7; tussle init lost-update is a template to fill in by hand")
	}
	chosen := resources[0]
	if f.resource != "" {
		var paths []string
		chosen = nil
		for _, r := range resources {
			paths = append(paths, r.Path)
			if chosen == nil && (r.Name() == f.resource || r.Path == f.resource || r.Collection == f.resource) {
				chosen = r
			}
		}
		if chosen == nil {
			return usage(fmt.Sprintf("%s has no resource %q that can be written", name, f.resource), "there are "+strings.Join(paths, ", "))
		}
	}
	d := s.Draft(chosen)
	if _, err := fmt.Fprint(e.out, d.Text); err != nil {
		return err
	}
	fmt.Fprintf(e.errOut, "%s: %s, %s that can be written; this draft is of %s, with %s\n", name, plural(len(s.Exchanges), "request", "requests"),
		plural(len(resources), "resource", "resources"), chosen.Path, plural(len(d.Guesses), "guess", "guesses"))
	for _, r := range resources {
		if r != chosen {
			fmt.Fprintf(e.errOut, "  also: --resource %s\n", r.Path)
		}
	}
	if len(d.Secrets) > 0 {
		fmt.Fprintf(e.errOut, "  set before you run it: %s\n", strings.Join(d.Secrets, ", "))
	}
	return nil
}

// source reads a file, or standard input for "-".
func (e *env) source(path string) (string, []byte, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(e.in, intake.MaxBytes+1))
		return "standard input", text, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", nil, usage(err.Error(), "give the path of a file, or - for standard input")
	}
	if !info.Mode().IsRegular() || info.Size() > intake.MaxBytes {
		return "", nil, usage(fmt.Sprintf("%s is no file of at most %d MiB", path, intake.MaxBytes>>20), "keep the requests of one resource")
	}
	text, err := os.ReadFile(path)
	return filepath.Base(path), text, err
}
