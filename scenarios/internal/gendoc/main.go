// Package main is the command gendoc: it writes scenarios/schema.json and
// docs/scenario.md from the Go types. It is run in the folder of package
// scenarios by go generate.
package main

import (
	"fmt"
	"os"

	"tussle/scenarios/internal/docgen"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintf(os.Stderr, "gendoc: %v\n", err)
		os.Exit(1)
	}
}

func write() error {
	docs, err := docgen.Read(".")
	if err != nil {
		return err
	}
	schema, err := docs.Schema()
	if err != nil {
		return err
	}
	if err := os.WriteFile("schema.json", schema, 0o644); err != nil {
		return err
	}
	return os.WriteFile("../docs/scenario.md", docs.Markdown(), 0o644)
}
