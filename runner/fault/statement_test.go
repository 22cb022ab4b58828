//go:build unix

package fault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"tussle/runner/store"
	relay "tussle/runner/store/postgres"
	"tussle/scenarios"
	"tussle/targets/postgres"
)

// Every injection at the store is what PostgreSQL itself says of it: its log
// tells of errors and of connections that were lost within a transaction, its
// tables of what was committed.
func TestEveryInjectionAtTheStoreIsInItsLog(t *testing.T) {
	operations := 120
	if os.Getenv("TUSSLE_LONG") != "" {
		operations = 1500
	}
	ctx := t.Context()
	server, err := postgres.Start(ctx, postgres.Options{Sync: postgres.Off, Settings: map[string]string{"log_min_messages": "warning", "log_line_prefix": "%e "}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	direct, err := pgx.Connect(ctx, server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close(ctx)
	if _, err := direct.Exec(ctx, "create table done(kind text, n int)"); err != nil {
		t.Fatal(err)
	}
	logged := func(what string) (n int64) {
		b, err := os.ReadFile(filepath.Join(server.Dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			if strings.Contains(line, what) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		spec scenarios.Fault
		log  string // what a line of the log says for each injection
	}{
		{scenarios.Fault{Kind: "cut-before-commit"}, "unexpected EOF on client connection with an open transaction"},
		{scenarios.Fault{Kind: "cut-after-commit"}, ""},
		{scenarios.Fault{Kind: "store-error", Code: "40001"}, "40001 ERROR:  tussle: injected 40001"},
		{scenarios.Fault{Kind: "store-error", Code: "40P01"}, "40P01 ERROR:  tussle: injected 40P01"},
		{scenarios.Fault{Kind: "store-error", Code: "55P03", Match: "INSERT into done"}, "55P03 ERROR:  tussle: injected 55P03"},
		{scenarios.Fault{Kind: "store-error", Code: "57P01"}, "57P01 FATAL:  terminating connection due to administrator command"},
		{scenarios.Fault{Kind: "store-delay", Delay: scenarios.Spread{Kind: "fixed", A: time.Millisecond}, Match: "^insert"}, ""},
	} {
		name := c.spec.Kind + c.spec.Code
		c.spec.Share = 0.7
		set, err := New(&scenarios.Scenario{Seed: 7, Faults: []scenarios.Fault{c.spec}, Strategies: []scenarios.Strategy{{Name: "it"}},
			Load: scenarios.LoadPlan{Duration: scenarios.Duration(time.Hour)}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := relay.Open(ctx, server.DSN, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		before := logged(c.log)
		gate := set.AtStore(func() (int, int64, bool) { return 0, 1, true })
		r.Hold(gate)
		var conn *pgx.Conn
		told, failed := 0, 0
		codes := map[string]int64{}
		for n := range operations {
			if conn == nil || conn.IsClosed() {
				if conn, err = pgx.Connect(ctx, r.URL()); err != nil {
					t.Fatal(err)
				}
			}
			err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "insert into done values ('"+name+"', "+strconv.Itoa(n)+")", pgx.QueryExecModeExec)
				return err
			})
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				codes[pg.Code]++
			}
			if err == nil {
				told++
			} else {
				failed++
			}
		}
		conn.Close(ctx)
		r.Hold(nil)
		gate.Close()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		count := set.Counts()[0]
		if count.Planned == 0 || count.Planned != count.Injected || count.Injected != count.Effective {
			t.Errorf("%s: %+v", name, count)
		}
		var rows int
		if err := direct.QueryRow(ctx, "select count(distinct n) from done where kind = $1", name).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"cut-after-commit": operations, "store-delay": operations}[name]
		if want == 0 {
			want = operations - int(count.Injected)
		}
		if rows != want {
			t.Errorf("%s: %d of %d were committed, %d injections", name, rows, operations, count.Injected)
		}
		if c.spec.Kind == "store-delay" && failed > 0 || c.spec.Kind != "store-delay" && failed != int(count.Injected) {
			t.Errorf("%s: the target was told %d times that it failed, %d injections", name, failed, count.Injected)
		}
		if c.spec.Code != "" && codes[c.spec.Code] != count.Injected {
			t.Errorf("%s: the target was told %v, %d injections", name, codes, count.Injected)
		}
		if c.log != "" {
			for end := time.Now().Add(20 * time.Second); logged(c.log)-before != count.Injected; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Errorf("%s: the log tells of %d, %d injections", name, logged(c.log)-before, count.Injected)
					break
				}
			}
		}
		t.Logf("%s: %d operations, %d injections", name, operations, count.Injected)
	}
}

// Statements wait until the window is over, then go on; nobody waits when the
// run has ended.
func TestAPoolRunsDryForTheWindow(t *testing.T) {
	set, err := New(&scenarios.Scenario{Seed: 7, Strategies: []scenarios.Strategy{{Name: "it"}}, Load: scenarios.LoadPlan{Duration: scenarios.Duration(time.Hour)},
		Faults: []scenarios.Fault{{Kind: "pool-exhausted", From: scenarios.Duration(time.Second), For: scenarios.Duration(time.Second)}}})
	if err != nil {
		t.Fatal(err)
	}
	since := int64(0)
	gate := set.AtStore(func() (int, int64, bool) { return 0, since, true })
	ask := func(at time.Duration, text string) {
		since = int64(at)
		gate.Arrive(unitOf(text))
	}
	ask(0, "select a from t")
	ask(2*time.Second, "select a from t")
	ask(1500*time.Millisecond, "begin") // it needs no connection that others could want
	if n := set.Counts()[0]; n.Planned != 0 {
		t.Errorf("outside of the window: %+v", n)
	}
	u := unitOf("select a from t")
	since = int64(2*time.Second - time.Millisecond)
	gate.Arrive(u)
	gate.Answered(u)
	if n := set.Counts()[0]; n.Planned != 1 || n.Injected != 1 || n.Effective != 1 {
		t.Errorf("in the window: %+v", n)
	}
	since = int64(time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	went := make(chan bool)
	go func() { gate.Arrive(unitOf("select b from t")); close(went) }()
	gate.Close()
	select {
	case <-went:
	case <-ctx.Done():
		t.Error("somebody waits after the end")
	}
}

func unitOf(text string) *store.Statement {
	return &store.Statement{SQL: []string{text}, Kind: store.KindOf([]string{text})}
}
