// Tussle is a load-testing and chaos harness for concurrency conflicts over
// HTTP: it measures what conflicts cost under each locking strategy, and shows
// from the record whether an acknowledged write was lost.
//
// Usage:
//
//	tussle run flash-sale -o out
//
// README.md has the first steps; tussle help lists the commands.
package main

import (
	"os"

	"tussle/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
