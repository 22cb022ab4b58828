//go:build unix

package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// actionJob is a job on a pull request of the project, or of a fork.
func actionJob(t *testing.T, f *forge, env ...string) *job {
	t.Helper()
	event := filepath.Join(t.TempDir(), "event.json")
	write(t, event, `{"action":"synchronize","pull_request":{"number":12}}`)
	calls := filepath.Join(t.TempDir(), "calls")
	return newJob(t, append([]string{"GITHUB_API_URL=" + f.url, "GITHUB_REPOSITORY=owner/project", "GITHUB_EVENT_PATH=" + event, "STUB_CALLS=" + calls}, env...)...)
}

func write(t *testing.T, name, body string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stub(t *testing.T) string {
	t.Helper()
	abs, err := filepath.Abs("testdata/tussle.sh")
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

func TestActionEndsAsTussleEndsAndLeavesItsReports(t *testing.T) {
	a := readAction(t)
	for _, c := range []struct {
		exit    int
		verdict string
		level   string // of the annotation
	}{
		{0, "pass", ""},
		{1, "fail", "::error "},
		{4, "inconclusive", "::warning "},
		{130, "interrupted", "::warning "},
	} {
		t.Run(c.verdict, func(t *testing.T) {
			f := newForge(t)
			j := actionJob(t, f, fmt.Sprintf("STUB_EXIT=%d", c.exit))
			j.run(a, map[string]string{"tussle": stub(t), "scenario": "scenarios/check out.toml", "id": "checkout"})
			if j.code != c.exit {
				t.Errorf("the action ends with %d, tussle with %d", j.code, c.exit)
			}
			if got := j.output(a, "verdict"); got != c.verdict {
				t.Errorf("verdict %q, want %q", got, c.verdict)
			}
			if c.level != "" && !strings.Contains(j.log, "\n"+c.level) {
				t.Errorf("no annotation %q in the log:\n%s", c.level, j.log)
			}
			if len(j.uploaded) != 1 || filepath.Base(j.uploaded[0]) != "report.html" {
				t.Errorf("uploaded %q, want the HTML report", j.uploaded)
			}
			if url := j.output(a, "report-url"); !strings.Contains(j.summary, "[Full report]("+url+")") || url == "" {
				t.Errorf("the summary does not link to %q:\n%s", url, j.summary)
			}
			if info, err := os.Stat(j.output(a, "json")); err != nil || info.Size() == 0 {
				t.Errorf("the output json: %v", err)
			}
			if got := f.done(); !slices.Equal(got, []string{"POST"}) {
				t.Errorf("the forge saw %q, want one comment", got)
			}
			if body := f.comments[0].Body; !strings.HasPrefix(body, "<!-- tussle:report:v1 id=checkout digest=") || strings.Count(body, "<!--") != 1 {
				t.Errorf("the comment does not begin with one marker:\n%s", body)
			}
		})
	}
}

func TestCommentIsCreatedThenUpdatedThenSilent(t *testing.T) {
	a, f := readAction(t), newForge(t)
	// Somebody else's comment with our marker, ours for another report, and
	// enough to need a second page.
	f.add("mallory", "<!-- tussle:report:v1 id=tussle digest=1 -->\nmine!")
	f.add(bot, "<!-- tussle:report:v1 id=tussle-nightly digest=1 -->\nanother report")
	f.add("alice", "looks good")
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
		j := actionJob(t, f, fmt.Sprintf("STUB_EXIT=%d", c.exit))
		j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale", "comment": c.comment})
		if got := f.done(); !slices.Equal(got, c.want) {
			t.Errorf("%s: the forge saw %q, want %q\n%s", c.why, got, c.want, j.log)
		}
		if j.code != c.exit {
			t.Errorf("%s: exit %d, want %d", c.why, j.code, c.exit)
		}
	}
	if f.comments[0].Body != "<!-- tussle:report:v1 id=tussle digest=1 -->\nmine!" || len(f.comments) != 4 {
		t.Errorf("a comment of somebody else changed: %+v", f.comments)
	}
}

// Whatever the verdict: it updates the comment of another one, and is silent
// while it stays the same; a summary and an artifact are there each time.
func TestEveryVerdictUpdatesAndIsThenSilent(t *testing.T) {
	a := readAction(t)
	verdicts := map[int]string{0: "pass", 1: "fail", 4: "inconclusive", 130: "interrupted"}
	for code, verdict := range verdicts {
		other := 0
		if code == 0 {
			other = 1
		}
		f := newForge(t)
		for i, c := range []struct {
			exit int
			want []string
		}{{other, []string{"POST"}}, {code, []string{"PATCH 100"}}, {code, nil}} {
			j := actionJob(t, f, fmt.Sprintf("STUB_EXIT=%d", c.exit))
			j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale"})
			if got := f.done(); !slices.Equal(got, c.want) {
				t.Errorf("%s, run %d: the forge saw %q, want %q", verdict, i+1, got, c.want)
			}
			if got := j.output(a, "verdict"); got != verdicts[c.exit] || j.code != c.exit || len(j.uploaded) != 1 || !strings.Contains(j.summary, "### flash-sale") {
				t.Errorf("%s, run %d: verdict %q, exit %d, uploaded %q, summary:\n%s", verdict, i+1, got, j.code, j.uploaded, j.summary)
			}
		}
	}
}

func TestForkWithoutRightsGetsSummaryAndArtifact(t *testing.T) {
	a := readAction(t)
	for name, c := range map[string]struct {
		token  string
		refuse int
	}{
		"no token":              {"", 0},
		"a token that may read": {"the-token", 403},
		"a token of nobody":     {"expired", 0},
	} {
		f := newForge(t)
		f.refuse = c.refuse
		j := actionJob(t, f, "STUB_EXIT=0")
		j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale", "token": c.token})
		if j.code != 0 || len(f.comments) != 0 || len(j.uploaded) != 1 || !strings.Contains(j.summary, "### flash-sale") {
			t.Errorf("%s: exit %d, %d comments, uploaded %q, summary:\n%s", name, j.code, len(f.comments), j.uploaded, j.summary)
		}
		if !strings.Contains(j.log, "::notice title=tussle::no comment") {
			t.Errorf("%s: the log does not say why there is no comment:\n%s", name, j.log)
		}
	}
}

func TestForgeThatFailsIsAnError(t *testing.T) {
	a, f := readAction(t), newForge(t)
	f.refuse = 500
	j := actionJob(t, f)
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale"})
	if j.code != 1 || !strings.Contains(j.log, "HTTP 500") || len(f.done()) != 1 {
		t.Errorf("exit %d, want 1 after one try\n%s", j.code, j.log)
	}
}

func TestPushWithoutPullRequestGetsNoComment(t *testing.T) {
	a, f := readAction(t), newForge(t)
	j := actionJob(t, f)
	event := filepath.Join(t.TempDir(), "event.json")
	write(t, event, `{"ref":"refs/heads/main"}`)
	j.env = append(j.env, "GITHUB_EVENT_PATH="+event)
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale"})
	if j.code != 0 || len(f.done()) != 0 || j.summary == "" {
		t.Errorf("exit %d, %d comments", j.code, len(f.comments))
	}
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale", "pull-request": "12"})
	if got := f.done(); !slices.Equal(got, []string{"POST"}) {
		t.Errorf("with the number given the forge saw %q", got)
	}
}

func TestComparisonWithTheBaseDecidesToo(t *testing.T) {
	a := readAction(t)
	base := filepath.Join(t.TempDir(), "report.json")
	write(t, base, "{}")
	for _, c := range []struct {
		name    string
		base    string
		compare int
		exit    int
		says    string
	}{
		{"a regression", base, 1, 1, "compared with the base (exit 1)</summary>\n\n| goodput | -12 % |\n"},
		{"no difference", base, 0, 0, "compared with the base (exit 0)</summary>\n\n| goodput | -12 % |\n"},
		{"another scenario", base, 2, 2, "compared with the base (exit 2)</summary>\n\n````text\n"},
		{"no report of the base yet", base + "-missing", 1, 0, "### flash-sale"},
		{"the base has no such scenario yet", t.TempDir(), 2, 0, "### flash-sale"},
	} {
		f := newForge(t)
		j := actionJob(t, f, fmt.Sprintf("STUB_COMPARE=%d", c.compare))
		j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale", "base": c.base, "compare-args": "--noise 3%"})
		if j.code != c.exit || len(f.comments) != 1 || !strings.Contains(f.comments[0].Body, c.says) || !strings.Contains(j.summary, c.says) {
			t.Errorf("%s: exit %d, want %d, and a comment that says %q: %+v\n%s", c.name, j.code, c.exit, c.says, f.comments, j.log)
		}
	}
}

func TestSeveralScenariosShareOneComment(t *testing.T) {
	a, f := readAction(t), newForge(t)
	j := actionJob(t, f, "STUB_EXIT_SECOND=4", "STUB_LONG=yes")
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "\n  first.toml\n\n  dir/second.toml\n", "args": "--set  load.clients=4\n--quiet *"})
	if j.code != 4 || len(j.uploaded) != 2 || len(f.comments) != 1 {
		t.Fatalf("exit %d, uploaded %q, %d comments\n%s", j.code, j.uploaded, len(f.comments), j.log)
	}
	body := f.comments[0].Body
	if !strings.Contains(body, "### first\n") || !strings.Contains(body, "### second\n") || len(body) > 60000 || len(body) < 30000 {
		t.Errorf("a comment of %d bytes:\n%.200s", len(body), body)
	}
	calls := calls(t, j)
	if !strings.HasSuffix(calls[0], " --set load.clients=4 --quiet *") {
		t.Errorf("tussle was called as %q", calls[0])
	}
}

func calls(t *testing.T, j *job) []string {
	t.Helper()
	for _, kv := range j.env {
		if name, ok := strings.CutPrefix(kv, "STUB_CALLS="); ok {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Split(strings.TrimSpace(string(b)), "\n")
		}
	}
	t.Fatal("no stub")
	return nil
}

func TestRunThatCouldNotStartIsReportedToo(t *testing.T) {
	a, f := readAction(t), newForge(t)
	j := actionJob(t, f, "STUB_EXIT=3")
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale"})
	if j.code != 3 || j.output(a, "verdict") != "error" || len(j.uploaded) != 0 {
		t.Errorf("exit %d, verdict %q, uploaded %q", j.code, j.output(a, "verdict"), j.uploaded)
	}
	for _, page := range []string{j.summary, f.comments[0].Body} {
		if !strings.Contains(page, "target unreachable") || strings.ContainsRune(page, '\x1b') {
			t.Errorf("the report does not say why, or holds a terminal's escape:\n%q", page)
		}
		// The fence is longer than any inside, so that nothing is rendered.
		if !strings.Contains(page, "\n`````text\n") {
			t.Errorf("what tussle said may end its fence:\n%s", page)
		}
	}
}

func TestCancelledJobStillReports(t *testing.T) {
	a, f := readAction(t), newForge(t)
	j := actionJob(t, f, "STUB_WAIT=yes")
	ready := ""
	for _, kv := range j.env {
		if name, ok := strings.CutPrefix(kv, "STUB_CALLS="); ok {
			ready = name + ".ready"
		}
	}
	// The runner tells only the shell that it started.
	j.interrupt = func(pid int) {
		for range 600 {
			if _, err := os.Stat(ready); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
	}
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale\nsecond"})
	if j.code != 130 || j.output(a, "verdict") != "interrupted" || len(j.uploaded) != 1 || len(f.comments) != 1 {
		t.Errorf("exit %d, verdict %q, uploaded %q, %d comments\n%s", j.code, j.output(a, "verdict"), j.uploaded, len(f.comments), j.log)
	}
	if got := calls(t, j); slices.ContainsFunc(got, func(c string) bool { return strings.HasPrefix(c, "run second") }) {
		t.Errorf("a scenario was started after the cancellation: %q", got)
	}
}

var stops = regexp.MustCompile(`(?m)^::stop-commands::([0-9a-f]+)$`)

func TestRunnerObeysNoLineOfATarget(t *testing.T) {
	a, f := readAction(t), newForge(t)
	base := filepath.Join(t.TempDir(), "report.json")
	write(t, base, "{}")
	j := actionJob(t, f)
	j.run(a, map[string]string{"tussle": stub(t), "scenario": "flash-sale", "base": base})
	log := j.log
	seen := 0
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

func TestNoInputIsWrittenIntoAScript(t *testing.T) {
	for _, s := range readAction(t).steps {
		step := s.(map[string]any)
		if run, _ := step["run"].(string); strings.Contains(run, "${{") {
			t.Errorf("the step %v writes an expression into its script: give it by env", step["id"])
		}
	}
}

// The whole action with the real command: it is built, runs the scenario of
// docs/ci.md, and is silent when the same verdict comes again.
func TestActionWithTheRealTussle(t *testing.T) {
	a, f := readAction(t), newForge(t)
	scenario := filepath.Join(t.TempDir(), "locking.toml")
	blocks, err := parseBlocks(text(t, "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.attrs["file"] == "locking.toml" {
			write(t, scenario, b.text)
		}
	}
	j := actionJob(t, f)
	j.run(a, map[string]string{"scenario": scenario})
	if j.code != 0 || j.output(a, "verdict") != "pass" || len(j.uploaded) != 1 || !slices.Equal(f.done(), []string{"POST"}) {
		t.Fatalf("exit %d, verdict %q, uploaded %q\n%s", j.code, j.output(a, "verdict"), j.uploaded, j.log)
	}
	if body := f.comments[0].Body; !strings.Contains(body, j.output(a, "report-url")) || !strings.Contains(body, "pessimistic") {
		t.Errorf("the comment:\n%.2000s", body)
	}
	built, base := j.outputs["tussle"]["command"], j.output(a, "directory")

	j.run(a, map[string]string{"scenario": scenario, "tussle": built, "base": base, "args": "--quiet"})
	if j.output(a, "verdict") == "error" || len(f.comments) != 1 || !strings.Contains(j.summary, "locking compared with the base") {
		t.Errorf("compared with itself: exit %d, %d comments\n%s", j.code, len(f.comments), j.log)
	}
	f.done()
	j.run(a, map[string]string{"scenario": scenario, "tussle": built, "args": "--set load.clients=1"})
	if j.code != 4 || len(f.comments) != 1 || !strings.HasPrefix(f.done()[0], "PATCH") {
		t.Errorf("one client alone: exit %d, want 4 and an updated comment\n%s", j.code, j.log)
	}
	j.run(a, map[string]string{"scenario": "no-such-scenario", "tussle": built})
	if j.code != 2 || !strings.Contains(f.comments[0].Body, "no-such-scenario could not run (exit 2)") {
		t.Errorf("no such scenario: exit %d, want 2, said in the comment\n%s", j.code, j.log)
	}
	j.run(a, map[string]string{"scenario": scenario, "tussle": "no-such-command"})
	if j.code != 2 || !strings.Contains(j.log, "names no command") {
		t.Errorf("no such command: exit %d, want 2\n%s", j.code, j.log)
	}
}
