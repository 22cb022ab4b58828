// Fieldreport runs tussle against real servers and writes what was found to
// docs/field-report.md. With -with it starts one server and runs one command
// against it, so that every row of the report can be had again by one line:
//
//	go run ./internal/fieldreport -with apache-digest tussle run docs/field-report/dav-if-match.toml
package main

import (
	"context"
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := 0, error(nil)
	if *server != "" {
		code, err = with(ctx, *server, flag.Args())
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fieldreport: error:", err)
		code = max(code, 3)
	}
	os.Exit(code)
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
