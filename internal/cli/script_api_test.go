package cli

import (
	"net"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// freeport NAME: puts a port that nobody listens on into a variable.
func freeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	ts.Check(l.Close())
}

var (
	addresses = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	runNames  = regexp.MustCompile(`\br[0-9a-z]{8,11}-`)
)

// golden STREAM FILE: what the last program printed is the file's text, with
// ADDRESS for the target's address and RUN for the run's id.
func golden(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: golden stdout|stderr FILE")
	}
	got := addresses.ReplaceAllString(ts.ReadFile(args[0]), "ADDRESS")
	got = runNames.ReplaceAllString(got, "RUN-")
	if diff := cmp.Diff(strings.TrimRight(ts.ReadFile(args[1]), "\n"), strings.TrimRight(got, "\n")); diff != "" {
		ts.Fatalf("%s differs from %s (-want +got):\n%s", args[0], args[1], diff)
	}
}
