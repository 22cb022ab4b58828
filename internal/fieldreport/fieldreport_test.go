package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var built string // folder of the program, once it is built

// program builds tussle once and moves to the root of the repository.
var program = sync.OnceValues(func() (string, error) {
	if err := os.Chdir("../.."); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "tussle-field-test-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "tussle")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

func tussle(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func up(t *testing.T, name string) *running {
	t.Helper()
	s, err := start(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// What real servers do under a short load: each row of the page that a test
// can afford, held to what is known of the server.
func TestRealServersUnderLoad(t *testing.T) {
	short := map[string]string{"apache-digest dav-if-match": "2s", "apache-digest dav-lock": "3s", "apache-default dav-if-match": "6s",
		"nginx dav-if-match": "1s", "nginx dav-lock": "1s", "webdav-memory dav-if-match": "1s", "webdav-memory dav-lock": "1s", "etcd etcd-txn": "2s"}
	for _, l := range loads {
		name := l.server + " " + l.scenario
		duration, is := short[name]
		if !is {
			continue
		}
		delete(short, name)
		t.Run(name, func(t *testing.T) {
			path := tussle(t)
			l.set = append(slices.Clone(l.set), "load.duration="+duration)
			r, err := measure(context.Background(), path, l, up(t, l.server))
			if err != nil {
				t.Fatal(err)
			}
			if wrong := l.known(r); wrong != "" {
				t.Errorf("%s: exit code %d, %s with %d violations, %q", wrong, r.exit, r.property.Verdict, r.property.Violations, r.report.Reasons)
			}
		})
	}
	if len(short) > 0 {
		t.Errorf("no such row: %v", short)
	}
}

// masks hide what differs from run to run.
var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "TARGET"},
	{regexp.MustCompile(`\br[0-9a-z]{8,}-s(\d+)k(\d+)`), "KEY-$1-$2"},
	{regexp.MustCompile(`\bv?r[0-9a-z]{8,}\.(\d+)\.(\d+)`), "TAG-$1-$2"},
	{regexp.MustCompile(`\br[0-9a-z]{8,}-\d+-(\d+|once)`), "ONCE"},
	{regexp.MustCompile(`Lock-Token: [^']+`), "Lock-Token: TOKEN"},
	{regexp.MustCompile(`If: \(<[^>]*>\)`), "If: TOKEN"},
	{regexp.MustCompile(`(W/)?"[0-9A-Za-z+/=-]{9,}"`), `${1}"TAG"`},
}

func masked(text string) string {
	for _, m := range masks {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}

// probed compares what a probe prints with the golden file of that name;
// TUSSLE_GOLDEN=write writes it.
func probed(t *testing.T, name, url string, exit int, args ...string) {
	t.Helper()
	path := tussle(t)
	cmd := exec.Command(path, append([]string{"probe"}, args...)...)
	cmd.Env = append(os.Environ(), "TUSSLE_TARGET_URL="+url)
	if url == "" {
		cmd.Env = os.Environ()
	}
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != exit {
		t.Errorf("exit code %d, want %d\n%s", code, exit, complaint.String())
	}
	got := masked(out.String())
	if name == "server-nginx" {
		got = certain(got)
	}
	file := filepath.Join("internal", "fieldreport", "testdata", name+".txt")
	if os.Getenv("TUSSLE_GOLDEN") == "write" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (TUSSLE_GOLDEN=write writes it); got\n%s", file, got)
	}
}

func TestProbesOfBuiltinSchemes(t *testing.T) {
	probed(t, "schemes", "", 1, "internal/fieldreport/testdata/schemes.toml")
}

// The defects that need no race, and some that do: those are passed over.
func TestProbesOfDefects(t *testing.T) {
	for _, name := range []string{"aba-version-restart", "conflict-after-commit", "if-match-ignored", "lease-without-fencing",
		"lock-leaked-on-error", "old-etag-in-answer", "retry-applies-twice", "unlock-anyones-lock"} {
		t.Run(name, func(t *testing.T) { probed(t, "defect-"+name, "", 1, "scenarios/zoo/"+name+".toml") })
	}
	for _, name := range []string{"if-match-not-atomic", "create-not-atomic", "per-process-lock"} {
		t.Run(name, func(t *testing.T) { probed(t, "race-"+name, "", 0, "scenarios/zoo/"+name+".toml") })
	}
}

// How far a replica is behind, and whether two requests fall into one second,
// depends on the machine: only the row that the probe waits for is certain.
func TestProbesOfDefectsInTime(t *testing.T) {
	for name, row := range map[string]string{
		"stale-replica": `✘  a read shows the write that was acknowledged before it +the read is stale: it shows an older state.* +violated`,
		"etag-seconds":  `✘  every write gives a new version +two states in a row have the same version +violated`,
	} {
		out, err := exec.Command(tussle(t), "probe", "scenarios/zoo/"+name+".toml").Output()
		if err == nil || !regexp.MustCompile(row).Match(out) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// timely are the promises whose rows depend, for nginx, on whether two writes
// of one length fall into one second.
var timely = regexp.MustCompile(`every write gives a new version|versions grow|an old version stays old|versions go on when`)

// certain keeps of nginx's table the rows that do not.
func certain(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if regexp.MustCompile(`^  [✔✘↑·?!]  `).MatchString(line) && !timely.MatchString(line) {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(out, "\n") + "\n"
}

func TestProbesOfRealServers(t *testing.T) {
	for name, exit := range map[string]int{"apache-digest": 0, "apache-default": 0, "nginx": 1, "webdav-memory": 1} {
		t.Run(name, func(t *testing.T) {
			s := up(t, name)
			probed(t, "server-"+name, "", exit, s.url)
		})
	}
	t.Run("apache-deflate", func(t *testing.T) {
		s := up(t, "apache-deflate")
		probed(t, "server-apache-deflate", s.url, 1, "internal/fieldreport/testdata/deflate.toml")
	})
	t.Run("etcd", func(t *testing.T) {
		s := up(t, "etcd")
		probed(t, "server-etcd-txn", s.url, 0, "docs/field-report/etcd-txn.toml")
		probed(t, "server-etcd-lock", s.url, 0, "docs/field-report/etcd-lock.toml")
	})
}

func TestThePageIsWrittenInTheWordsOfTheDesign(t *testing.T) {
	r := &result{load: loads[0], server: &running{product: "Server", version: "1.2.3", what: "plain"}, exit: 1, probed: 2, took: 12500 * time.Millisecond}
	r.report.Strategies = append(r.report.Strategies, struct {
		Attempts   int64
		Operations struct{ Committed int64 }
		ByStatus   map[string]int64 `json:"by_status"`
		Conflicts  struct{ Attempts int64 }
		Properties []property
	}{})
	r.report.Strategies[0].Operations.Committed = 412000
	r.report.Strategies[0].Conflicts.Attempts = 38114
	r.property = property{Name: "no-lost-update", Verdict: "holds"}
	var b strings.Builder
	if err := write(&b, []row{{load: r.load, runs: []*result{r, r}}}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"No violation of no-lost-update in 412,000 acknowledged operations and 38,114 conflicts",
		"| Server 1.2.3, plain | GET, PUT If-Match | no-lost-update | holds | 412,000 | 38,114 | 0 | 2 promises |",
		"| Server 1.2.3, plain | GET, PUT If-Match | 0 of 2 | 1 | 412,000 | 38,114 | 0 | 0 of 2 | 12.5 |", loads[0].command()} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if word := regexp.MustCompile(`(?i)\b(correct|safe|passed)\b`).FindString(page); word != "" {
		t.Errorf("the page says %q of a target", word)
	}
}

func TestARunThatDoesNotShowWhatIsKnownIsNamed(t *testing.T) {
	lost := func(exit int, verdict string, n int64, took time.Duration) *result {
		r := &result{load: loads[0], exit: exit, took: took, property: property{Verdict: verdict, Violations: n}}
		r.property.Findings = make([]finding, min(n, 1))
		return r
	}
	good := lost(1, "violated", 3, time.Second)
	for want, r := range map[string]*result{
		"known to lose acknowledged writes, with exit code 1: exit code 0, holds with 0 violations": lost(0, "holds", 0, time.Second),
		"took 31.0 s, at most 30 s": lost(1, "violated", 3, 31*time.Second),
	} {
		got := unexpected([]row{{load: loads[0], runs: []*result{good, r}}})
		if len(got) != 1 || !strings.Contains(got[0], "apache-digest dav-if-match, run 2 of 2: "+want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
