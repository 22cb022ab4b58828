// Command mutants breaks every rule of every checker on purpose and looks
// whether a test notices. A rule is a condition: of an if, or of a case of a
// switch without a tag. It is negated, and it is removed (never true). A mutant
// that no test notices is a survivor; survivors.txt lists those that cannot
// matter, each with the reason. Any other one is a missing test, and the
// command ends with 1.
//
// The source is not touched: a mutant is laid over it by go test -overlay.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"regexp"
)

//go:embed survivors.txt
var known string

func main() {
	var r run
	flag.StringVar(&r.dir, "dir", "report/check", "folder of the package whose rules are broken")
	flag.DurationVar(&r.limit, "timeout", r.defaultLimit(), "limit of one test run; a mutant that does not end is noticed")
	flag.IntVar(&r.parallel, "parallel", 2, "mutants tested at a time")
	only := flag.String("only", "", "regular expression: only mutants whose names match")
	list := flag.Bool("list", false, "print the names of the mutants, test none")
	flag.Parse()
	ended, err := r.main(regexp.MustCompile(*only), *list, known)
	if err != nil {
		fmt.Fprintf(os.Stderr, "mutants: error: %v\n", err)
		os.Exit(3)
	}
	os.Exit(ended)
}
