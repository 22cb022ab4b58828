//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"tussle/targets/postgres"
	"tussle/targets/sql"
)

// seedsOf reads TUSSLE_SEEDS, FROM-TO.
func seedsOf(t *testing.T, from, to int) []int {
	if text := os.Getenv("TUSSLE_SEEDS"); text != "" {
		if n, err := fmt.Sscanf(text, "%d-%d", &from, &to); n != 2 || err != nil {
			t.Fatalf("TUSSLE_SEEDS is %q: expected FROM-TO", text)
		}
	}
	var seeds []int
	for seed := from; seed <= to; seed++ {
		seeds = append(seeds, seed)
	}
	return seeds
}

// soundStrategy is one way of locking of a sound target, and which faults
// leave its promise alone.
type soundStrategy struct {
	name string
	toml string
	// meets are the groups of faults that it meets: w(ire), h(older),
	// p(rocess), k(ill), r(eplica). A server-side change without a key is not
	// met by w, which delivers and sends twice; one with a key not by k, as the
	// targets keep their keys in memory. A lock helps nothing against a read of
	// old state (r), and nothing but lost updates is promised where those are.
	meets string
}

type soundTarget struct {
	name       string
	options    string
	strategies []soundStrategy
	without    []string // faults that the target is known not to withstand; docs/faults.md says why
}

const (
	again = "retry = { policy = \"full-jitter\", base = \"1ms\", cap = \"30ms\", attempts = 1000, unknown = \"retry\" }\n"
	lapse = "lock = { ttl = \"60ms\" }\n"
)

func optimisticBy(name, how string) soundStrategy {
	return soundStrategy{name, "locking = \"optimistic\"\n" + how + again, "wpkr"}
}
func leaseBy(how string) soundStrategy {
	return soundStrategy{"lease", "locking = \"pessimistic\"\n" + how + lapse + again, "whpk"}
}
func serverSideBy(name, how string) []soundStrategy {
	const retry = "retry = { policy = \"full-jitter\", base = \"1ms\", cap = \"30ms\", attempts = 1000"
	return []soundStrategy{
		{name, "locking = \"server-side\"\n" + how + retry + " }\n", "pk"},
		{name + "-with-key", "locking = \"server-side\"\nidempotency_key = true\n" + how + retry + ", unknown = \"retry\" }\n", "wp"},
	}
}

func scheme(name string) string { return "target = { scheme = \"" + name + "\" }\n" }

var soundTargets = []soundTarget{
	{name: "memory", options: `use = "memory"` + "\n" + `options = { state = "temporary" }`, strategies: slices.Concat(
		[]soundStrategy{optimisticBy("etag", "dialect = \"etag\"\n"), optimisticBy("version-field", "dialect = \"version-field\"\n"), leaseBy("dialect = \"lease\"\n")},
		serverSideBy("server-side", "dialect = \"plain\"\n"))},
	{name: "sqlite", options: `use = "sql"` + "\n" + `options = { engine = "sqlite", file = "{dir}/target.db", sync = "off" }`, strategies: slices.Concat(
		[]soundStrategy{optimisticBy("version", scheme("version")), leaseBy(scheme("lease"))},
		serverSideBy("atomic", scheme("atomic")), serverSideBy("immediate", scheme("immediate")))},
	{name: "postgres", options: `use = "sql"` + "\n" + `options = { engine = "postgres", dsn = "env:TUSSLE_TEST_DSN", sync = "off", pool = "12" }`, strategies: slices.Concat(
		[]soundStrategy{optimisticBy("version", scheme("version")), leaseBy(scheme("lease"))},
		serverSideBy("row-lock", scheme("row-lock")), serverSideBy("advisory", scheme("advisory")),
		serverSideBy("serializable", scheme("serializable")), serverSideBy("atomic", scheme("atomic")))},
	// golang.org/x/net/webdav writes into the file as the body comes: a PUT that
	// breaks off leaves a part of it, and what was there before is lost.
	{name: "webdav", options: `use = "webdav"`, without: []string{"reset-during", "partial-body"}, strategies: []soundStrategy{
		{"lock", "locking = \"pessimistic\"\ndialect = \"webdav\"\nlock = { ttl = \"1s\" }\nretry = { policy = \"fixed\", base = \"3ms\", attempts = 1000, unknown = \"retry\" }\n" +
			"promises = [\"no-lost-update\", \"counter-bounds\", \"mutual-exclusion\"]\n", "wp"}}},
}

// injected is every fault: its group and how a scenario asks for it.
var injected = []struct{ group, kind, toml string }{
	{"w", "lost-response", ""}, {"w", "duplicate", ""}, {"w", "replay", "delay = \"10ms\"\n"},
	{"w", "reset-before", ""}, {"w", "reset-during", ""}, {"w", "reset-after", ""},
	{"w", "slow-body", "delay = \"10ms\"\n"}, {"w", "partial-body", ""}, {"w", "last-byte", ""},
	{"w", "latency", "delay = \"10ms\"\n"}, {"w", "gzip", ""},
	{"h", "holder-crash", ""}, {"h", "holder-pause", "delay = \"200ms\"\n"},
	{"r", "stale-replica", "delay = \"60ms\"\n"},
	{"k", "kill", "from = \"550ms\"\nfor = \"40ms\"\n"},
	{"p", "herd", "from = \"540ms\"\nfor = \"100ms\"\n"},
	{"p", "pause", "from = \"400ms\"\nfor = \"80ms\"\n"},
}

// scenario is a target under the faults of some groups.
func (s soundTarget) scenario(groups string, count int) string {
	var b, faults strings.Builder
	fmt.Fprintf(&b, "name = \"sound-%s\"\n[target]\n%s\n[workload]\nkind = \"counter\"\nkeys = 3\nthink = \"1ms\"\npause = \"exp(2ms)\"\n", s.name, s.options)
	fmt.Fprintf(&b, "[load]\nclients = 8\nduration = \"1s\"\nwarmup = \"0s\"\nrepeat = 1\n")
	used := map[string]bool{}
	for _, f := range injected {
		if !strings.Contains(groups, f.group) || slices.Contains(s.without, f.kind) {
			continue
		}
		var of []string
		for _, st := range s.strategies {
			if strings.Contains(st.meets, f.group) {
				of = append(of, strconv.Quote(st.name))
				used[st.name] = true
			}
		}
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(&faults, "[[fault]]\nkind = %q\n%sstrategies = [%s]\n", f.kind, f.toml, strings.Join(of, ", "))
		fmt.Fprintf(&faults, "min_effective = 0\n")
		switch f.group {
		case "w":
			fmt.Fprintf(&faults, "share = 0.25\ncount = %d\n", count)
		case "h": // few hold a lock, and each fault keeps a key for a lease's time
			fmt.Fprintf(&faults, "share = 0.5\ncount = %d\n", count)
		case "r":
			fmt.Fprintf(&faults, "share = 0.3\n")
		}
	}
	for _, st := range s.strategies {
		if used[st.name] {
			fmt.Fprintf(&b, "[[strategy]]\nname = %q\n%s", st.name, st.toml)
			if groups == "r" {
				fmt.Fprintf(&b, "promises = [\"no-lost-update\"]\n")
			}
		}
	}
	return b.String() + faults.String()
}

// Every sound target under every fault that applies to it: nothing is reported
// violated, everything promised was put to the test, and each fault was
// injected and had its effect. All at once, but for the replica; make long adds
// group by group, and counts strategy by strategy.
func TestSoundTargetsHoldUnderEveryFault(t *testing.T) {
	rounds := []string{"whkp", "r"}
	if thorough {
		rounds = append(rounds, "w", "h", "kp")
	}
	did := &tally{injected: map[string]int64{}, effective: map[string]int64{}}
	server, err := postgres.Start(t.Context(), postgres.Options{Sync: postgres.Off, Within: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	// Its schema is kept between two lives of the target by a second user of it.
	keeper, err := sql.Open(t.Context(), sql.Options{Engine: "postgres", DSN: server.DSN, Schema: "tussle", Pool: 1, Instances: 1, Sync: postgres.Off})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keeper.Close() }) // the server goes anyway
	runs := 0
	slots := make(chan struct{}, 2)
	t.Run("targets", func(t *testing.T) {
		for _, target := range soundTargets {
			for _, seed := range seedsOf(t, 1, 2) {
				for _, groups := range rounds {
					text := target.scenario(groups, often(4, 10))
					if !strings.Contains(text, "[[fault]]") {
						continue
					}
					runs++
					t.Run(fmt.Sprint(target.name, "/", groups, "/", seed), func(t *testing.T) {
						t.Parallel()
						slots <- struct{}{}
						defer func() { <-slots }()
						holds(t, target.name, text, seed, "TUSSLE_TEST_DSN="+server.DSN, did)
					})
				}
			}
		}
	})
	total := int64(0)
	for _, what := range slices.Sorted(maps.Keys(did.injected)) {
		if did.injected[what] == 0 || did.effective[what] == 0 && !strings.HasSuffix(what, " gzip") { // no built-in target compresses
			t.Errorf("%s: injected %d, effective %d", what, did.injected[what], did.effective[what])
		}
		total += did.injected[what]
	}
	t.Logf("%d runs, %d kinds of fault by target, %d injections", runs, len(did.injected), total)
}

// tally counts faults by target, kind and, in make long, strategy.
type tally struct {
	mu                  sync.Mutex
	injected, effective map[string]int64
}

// holds runs a scenario and looks at its report.
func holds(t *testing.T, target, scenario string, seed int, env string, did *tally) {
	dir := t.TempDir()
	file := filepath.Join(dir, "sound.toml")
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(t, "run", file, "-q", "-o", filepath.Join(dir, "out"), "--set", "seed="+strconv.Itoa(seed))
	cmd.Env = append(cmd.Env, env)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		t.Errorf("%v, expected exit code 0\n%s", err, &said)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out", "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	for _, st := range gjson.GetBytes(text, "strategies").Array() {
		name := st.Get("name").String()
		for _, p := range st.Get("properties").Array() {
			if n := p.Get("violations").Int(); n > 0 && (p.Get("promised").Bool() || !strings.Contains(scenario, "stale-replica")) {
				t.Errorf("%s: %d violations of %s: %s", name, n, p.Get("name"), p.Get("findings.0.sentence"))
			}
			if v := p.Get("verdict").String(); p.Get("promised").Bool() && v != "holds" {
				t.Errorf("%s: %s is %s", name, p.Get("name"), v)
			}
		}
		for _, f := range st.Get("faults").Array() {
			planned, injected, effective := f.Get("planned").Int(), f.Get("injected").Int(), f.Get("effective").Int()
			if injected > planned || effective > injected {
				t.Errorf("%s: fault %s: planned %d, injected %d, effective %d", name, f.Get("kind"), planned, injected, effective)
			}
			what := target + " " + f.Get("kind").String()
			if thorough {
				what = target + " " + name + " " + f.Get("kind").String()
			}
			did.mu.Lock()
			did.injected[what] += injected
			did.effective[what] += effective
			did.mu.Unlock()
		}
	}
}
