// Package main is the command fieldreport: it runs tussle against real servers
// and writes what was found to docs/field-report.md. With -with it starts one
// server and runs one command against it, so that every row of the report can
// be had again by one line:
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
	out := flag.String("o", "docs/field-report.md", "file to write; - is standard output")
	runs := flag.Int("runs", 1, "how often each load is run, each time on a new server")
	only := flag.String("only", "", "run only the loads whose server and scenario contain this: \"apache-default\", \"nginx dav-lock\"")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := 0, error(nil)
	if *server != "" {
		code, err = with(ctx, *server, flag.Args())
	} else {
		err = produce(ctx, *tussle, max(*runs, 1), *only, *out)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fieldreport: error:", err)
		code = max(code, 3)
	}
	os.Exit(code)
}

// produce runs everything and writes the page. It fails when a run did not show
// what is known of its server.
func produce(ctx context.Context, tussle string, runs int, only, out string) error {
	rows, err := everything(ctx, tussle, runs, only, os.Stderr)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("no load has %q in its server and scenario", only)
	}
	f := os.Stdout
	if out != "-" {
		if f, err = os.Create(out); err != nil {
			return err
		}
	}
	if err := errors.Join(write(f, rows), f.Close()); err != nil {
		return err
	}
	if wrong := unexpected(rows); len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
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
