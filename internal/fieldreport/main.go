// Fieldreport runs tussle against real servers and writes what was found to
// docs/field-report.md. With -with it starts one server and runs one command
// against it, so that every row of the report can be had again by one line:
//
//	go run ./internal/fieldreport -with apache-digest tussle run docs/field-report/dav-if-match.toml
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

func main() {
	server := flag.String("with", "", "start this server, then run the command that follows: "+strings.Join(names(), ", "))
	tussle := flag.String("tussle", "./tussle", "the program to run")
	out := flag.String("o", "docs/field-report.md", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := 0, error(nil)
	if *server != "" {
		code, err = with(ctx, *server, flag.Args())
	} else {
		err = produce(ctx, *tussle, *out)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fieldreport: error:", err)
		code = max(code, 3)
	}
	os.Exit(code)
}

// produce runs everything and writes the page.
func produce(ctx context.Context, tussle, out string) error {
	results, err := everything(ctx, tussle, os.Stderr)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	return errors.Join(write(f, results), f.Close())
}

// moduleVersion is the version of a module that this program was built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}
