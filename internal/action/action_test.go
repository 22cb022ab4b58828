//go:build unix

package action

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// job is a job on a pull request, with the stub in place of tussle.
type job struct {
	t            *testing.T
	env          []string
	temp         string
	stop         chan os.Signal
	log, summary string
	code         int
	out          map[string]string
}

func newJob(t *testing.T, h *host, env ...string) *job {
	t.Helper()
	stub, err := filepath.Abs("testdata/tussle.sh")
	if err != nil {
		t.Fatal(err)
	}
	j := &job{t: t, temp: t.TempDir(), stop: make(chan os.Signal, 3)}
	event := filepath.Join(j.temp, "event.json")
	j.file("event.json", `{"pull_request":{"number":12}}`)
	j.env = append(os.Environ(), append([]string{"GITHUB_API_URL=" + h.url, "GITHUB_REPOSITORY=owner/project", "GITHUB_EVENT_PATH=" + event,
		"GITHUB_STEP_SUMMARY=" + filepath.Join(j.temp, "summary"), "GITHUB_OUTPUT=" + filepath.Join(j.temp, "output"), "GITHUB_ENV=/nowhere", "BASH_ENV=/dev/null",
		"GITHUB_TOKEN=the-token", "ACTIONS_RUNTIME_TOKEN=the-token", "RUNNER_TEMP=" + j.temp, "STUB_CALLS=" + filepath.Join(j.temp, "calls"),
		"INPUT_TUSSLE=" + stub, "INPUT_SCENARIO=flash-sale", "INPUT_ID=tussle", "INPUT_SUMMARY=true", "INPUT_COMMENT=on-change",
		"INPUT_AUTHOR=" + bot, "INPUT_TOKEN=the-token", "INPUT_LINK=https://artifacts.example/1"}, env...)...)
	return j
}

func (j *job) file(name, body string) string {
	j.t.Helper()
	path := filepath.Join(j.temp, name)
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		j.t.Fatal(err)
	}
	return path
}

// step runs one step and reads its outputs.
func (j *job) step(name string) {
	j.t.Helper()
	path := j.file("output", "")
	var log bytes.Buffer
	code, err := Steps[name](&Step{Env: j.env, Out: &log, Stop: j.stop})
	if err != nil {
		j.t.Fatalf("%s: %v\n%s", name, err, &log)
	}
	j.code = code
	j.log += log.String()
	text, err := os.ReadFile(path)
	if err != nil {
		j.t.Fatal(err)
	}
	for rest := string(text); rest != ""; {
		head, body, _ := strings.Cut(rest, "\n")
		name, end, _ := strings.Cut(head, "<<")
		value, after, ok := strings.Cut(body, "\n"+end+"\n")
		if !ok {
			j.t.Fatalf("the output file:\n%s", text)
		}
		j.out[name], rest = value, after
	}
}

// run is the whole action, as action.yml orders it.
func (j *job) run(h *host) *job {
	j.t.Helper()
	j.out = map[string]string{}
	if j.step("run"); j.code != 0 {
		return j
	}
	j.env = append(j.env, "INPUT_DIRECTORY="+j.out["directory"], "INPUT_EXIT_CODE="+j.out["exit-code"])
	j.step("report")
	j.env = append(j.env, "INPUT_BODY="+j.out["body"])
	summary, _ := os.ReadFile(filepath.Join(j.temp, "summary")) // none is empty
	j.summary = string(summary)
	failed := 0
	if (&Step{Env: j.env}).get("INPUT_COMMENT") != "never" {
		j.step("comment")
		failed = j.code
	}
	if j.step("verdict"); j.code == 0 {
		j.code = failed
	}
	return j
}

func TestTheActionEndsAsTussleEnds(t *testing.T) {
	for code, verdict := range map[int]string{0: "pass", 1: "fail", 4: "inconclusive", 130: "interrupted"} {
		h := newForge(t)
		j := newJob(t, h, fmt.Sprint("STUB_EXIT=", code), "INPUT_SCENARIO=scenarios/check out.toml", "INPUT_ID=checkout").run(h)
		level := map[int]string{1: "::error ", 4: "::warning ", 130: "::warning "}[code]
		if j.code != code || j.out["verdict"] != verdict || !strings.Contains(j.log, "\n"+level) || j.out["pages"] != "1" {
			t.Errorf("exit %d, want %d; outputs %v\n%s", j.code, code, j.out, j.log)
		}
		if !strings.Contains(j.summary, "[Full report](https://artifacts.example/1)") || !slices.Equal(h.done(), []string{"POST"}) {
			t.Errorf("summary:\n%s\n%s", j.summary, j.log)
		}
		if body := *h.comments[0].Body; !strings.HasPrefix(body, "<!-- tussle:report:v1 id=checkout digest=") || strings.Count(body, "<!--") != 1 {
			t.Errorf("the comment does not begin with one marker:\n%s", body)
		}
		if _, err := os.Stat(j.out["json"]); err != nil {
			t.Error(err)
		}
	}
}

func TestCommentIsCreatedThenUpdatedThenSilent(t *testing.T) {
	h := newForge(t)
	h.add("mallory", "<!-- tussle:report:v1 id=tussle digest=1 -->\nmine!")
	h.comments = append(h.comments, comment{ID: 101}) // imported: no body, no user
	h.add(bot, "<!-- tussle:report:v1 id=tussle-nightly digest=1 -->\nanother report")
	for _, c := range []struct {
		why     string
		exit    int
		comment string
		want    []string
	}{
		{"the first report is a new comment", 0, "on-change", []string{"POST"}},
		{"the same verdict says nothing", 0, "on-change", nil},
		{"another verdict updates it", 1, "on-change", []string{"PATCH 103"}},
		{"and then is silent again", 1, "on-change", nil},
		{"always updates", 1, "always", []string{"PATCH 103"}},
		{"never is silent", 0, "never", nil},
	} {
		j := newJob(t, h, fmt.Sprint("STUB_EXIT=", c.exit), "INPUT_COMMENT="+c.comment).run(h)
		if got := h.done(); !slices.Equal(got, c.want) || j.code != c.exit {
			t.Errorf("%s: exit %d, the forge saw %q, want %q\n%s", c.why, j.code, got, c.want, j.log)
		}
	}
}

func TestTokensThatMayNotAreNoFailure(t *testing.T) {
	for _, c := range []struct {
		token  string
		refuse int
		code   int
		says   string
	}{{"", 0, 0, "::notice title=tussle::no comment"}, {"the-token", 403, 0, "no comment: the token may not"}, {"expired", 0, 0, "no comment: the token may not"},
		{"the-token", 500, 1, "HTTP 500"}} {
		h := newForge(t)
		h.refuse = c.refuse
		j := newJob(t, h, "INPUT_TOKEN="+c.token).run(h)
		if j.code != c.code || len(h.comments) != 0 || !strings.Contains(j.log, c.says) || !strings.Contains(j.summary, "### flash-sale") || len(h.done()) > 1 {
			t.Errorf("token %q, %d: exit %d\n%s", c.token, c.refuse, j.code, j.log)
		}
	}
}

// The token goes to the forge alone, and pages end.
func TestPagesAreBounded(t *testing.T) {
	foreign, h := newForge(t), newForge(t)
	h.add("alice", "looks good")
	h.link = "<" + foreign.url + `/repos/owner/project/issues/12/comments>; rel="next"`
	j := newJob(t, h).run(h)
	if j.code != 1 || foreign.lists != 0 || !strings.Contains(j.log, "names another host") {
		t.Errorf("exit %d, the other host was asked %d times\n%s", j.code, foreign.lists, j.log)
	}
	h = newForge(t)
	h.add("alice", "looks good")
	h.link = "<" + h.url + `/repos/owner/project/issues/12/comments>; rel="next"`
	if j = newJob(t, h).run(h); j.code != 0 || h.lists > maxPages || !slices.Equal(h.done(), []string{"POST"}) {
		t.Errorf("exit %d after %d pages\n%s", j.code, h.lists, j.log)
	}
}

func TestNoPullRequestNoComment(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h)
	j.file("event.json", `{"ref":"refs/heads/main","pull_request":null}`)
	if j.run(h); j.code != 0 || len(h.done()) != 0 || j.summary == "" {
		t.Errorf("exit %d\n%s", j.code, j.log)
	}
	j = newJob(t, h, "INPUT_PULL_REQUEST=12/../13").run(h)
	if j.code != 0 && j.code != 2 || len(h.done()) != 0 || !strings.Contains(j.log, "is not a number") {
		t.Errorf("exit %d\n%s", j.code, j.log)
	}
}

func TestComparisonWithTheBaseDecidesToo(t *testing.T) {
	base := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(base, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		base    string
		compare int
		exit    int
		says    string
		first   string // line of the comment, after its marker
	}{
		{"a regression", base, 1, 1, "compared with the base (exit 1)</summary>\n\n| goodput | -12 % |\n", "### ❌ `flash-sale` Slower than base: optimistic -12 %."},
		{"no difference", base, 0, 0, "compared with the base (exit 0)</summary>\n\n| goodput | -12 % |\n", "### ✅ `flash-sale` No regression."},
		{"another scenario", base, 2, 2, "compared with the base (exit 2)</summary>\n\n````text\n", "### flash-sale: ❓ not compared with the base (exit 2)"},
		{"no report of the base yet", base + "-missing", 1, 0, "### flash-sale", "### flash-sale"},
		{"the base has no such scenario yet", t.TempDir(), 2, 0, "### flash-sale", "### flash-sale"},
	} {
		h := newForge(t)
		j := newJob(t, h, fmt.Sprint("STUB_COMPARE=", c.compare), "INPUT_BASE="+c.base, "INPUT_COMPARE_ARGS=--noise 3%").run(h)
		if j.code != c.exit || len(h.comments) != 1 || !strings.Contains(*h.comments[0].Body, c.says) || !strings.Contains(j.summary, c.says) {
			t.Errorf("%s: exit %d, want %d, and a comment that says %q\n%s", c.name, j.code, c.exit, c.says, j.log)
			continue
		}
		if lines := strings.Split(*h.comments[0].Body, "\n"); !strings.HasPrefix(lines[1], c.first) {
			t.Errorf("%s: the comment begins with %q, want %q", c.name, lines[1], c.first)
		}
	}
}

func TestScenariosAreArgumentsAndNothingElse(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h, "STUB_EXIT_SECOND=4", "STUB_LONG=yes", "INPUT_SCENARIO=\n  --help\n ..\n\n  dir/second.toml\n a;b$(c).toml\n../second.toml", "INPUT_ARGS=--set  load.clients=4\n--quiet *").run(h)
	calls, _ := os.ReadFile(filepath.Join(j.temp, "calls"))
	lines := strings.Split(string(calls), "\n")
	if j.code != 4 || j.out["pages"] != "5" || len(h.comments) != 1 || !strings.HasSuffix(lines[0], " --fail-on-loss --set load.clients=4 --quiet * -- --help") {
		t.Fatalf("exit %d, %v, %d comments\n%s\n%s", j.code, j.out, len(h.comments), calls, j.log)
	}
	if body := *h.comments[0].Body; len(body) > 60000 || len(body) < 30000 {
		t.Errorf("a comment of %d bytes", len(body))
	}
	for _, name := range []string{"--help", "scenario", "second", "a-b--c-", "second-again"} {
		if _, err := os.Stat(filepath.Join(j.out["directory"], name, "report.json")); err != nil {
			t.Error(err)
		}
	}
	if j = newJob(t, h, "INPUT_ID=..").run(h); j.code != 2 {
		t.Errorf("the id ..: exit %d", j.code)
	}
}

func TestTargetsGetNoFilesAndTokensOfTheRunner(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h).run(h)
	env, err := os.ReadFile(filepath.Join(j.temp, "calls.env"))
	if err != nil || !strings.Contains(string(env), "GITHUB_REPOSITORY=") {
		t.Fatalf("%v\n%s", err, env)
	}
	for _, name := range []string{"GITHUB_ENV=", "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=", "BASH_ENV=", "the-token", "INPUT_"} {
		if strings.Contains(string(env), name) {
			t.Errorf("tussle was given %s", name)
		}
	}
}

func TestARunThatCouldNotStartIsReportedToo(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h, "STUB_EXIT=3").run(h)
	if j.code != 3 || j.out["verdict"] != "error" || j.out["pages"] != "0" {
		t.Errorf("exit %d, %v", j.code, j.out)
	}
	for _, page := range []string{j.summary, *h.comments[0].Body} {
		// The fence is longer than any inside, so that nothing is rendered.
		if !strings.Contains(page, "target unreachable") || strings.ContainsRune(page, '\x1b') || !strings.Contains(page, "\n`````text\n") {
			t.Errorf("%q", page)
		}
	}
}

func TestACancelledJobStillReports(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h, "STUB_WAIT=yes", "INPUT_SCENARIO=flash-sale\nsecond")
	go func() {
		for range 600 {
			if _, err := os.Stat(filepath.Join(j.temp, "calls.ready")); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		j.stop <- os.Interrupt
	}()
	j.run(h)
	calls, _ := os.ReadFile(filepath.Join(j.temp, "calls"))
	if j.code != 130 || j.out["verdict"] != "interrupted" || j.out["pages"] != "1" || len(h.comments) != 1 || strings.Contains(string(calls), "second\n") {
		t.Errorf("exit %d, %v\n%s\n%s", j.code, j.out, calls, j.log)
	}
}

var stops = regexp.MustCompile(`(?m)^::stop-commands::([0-9a-f]+)$`)

func TestTheRunnerObeysNoLineOfATarget(t *testing.T) {
	h := newForge(t)
	j := newJob(t, h)
	j.env = append(j.env, "INPUT_BASE="+j.file("report.json", "{}"))
	log, seen := j.run(h).log, 0
	for m := stops.FindStringSubmatchIndex(log); m != nil; m = stops.FindStringSubmatchIndex(log) {
		token := log[m[2]:m[3]]
		end := strings.Index(log[m[1]:], "\n::"+token+"::\n")
		if end < 0 {
			t.Fatalf("commands stay stopped:\n%s", log)
		}
		seen += strings.Count(log[m[1]:m[1]+end], "\n::error::this is what a target said") + strings.Count(log[m[1]:m[1]+end], "\n::warning::goodput")
		log = log[:m[0]] + log[m[1]+end+len(token)+5:]
	}
	if seen != 2 || strings.Contains(log, "::error::this") || strings.Contains(log, "::warning::goodput") {
		t.Errorf("%d of 2 lines were muted; outside of it the log says:\n%s", seen, log)
	}
}
