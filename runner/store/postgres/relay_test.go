//go:build unix

package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"tussle/runner/store"
	"tussle/targets/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = postgres.Start(context.Background(), postgres.Options{Sync: postgres.Off}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func relay(t testing.TB) *Relay {
	t.Helper()
	r, err := Open(context.Background(), server.DSN, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func connect(t testing.TB, r *Relay, words ...string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		switch w {
		case "simple":
			config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		case "unnamed":
			config.DefaultQueryExecMode = pgx.QueryExecModeExec
		}
	}
	c, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) }) // a test may have cut it
	return c
}

func try[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// watcher is a gate that notes what comes, and does what it is told.
type watcher struct {
	mu     sync.Mutex
	seen   []string
	after  []string
	arrive func(*store.Statement) store.Action
	answer func(*store.Statement) store.Action
	gone   chan string
}

func (w *watcher) Arrive(s *store.Statement) store.Action {
	w.mu.Lock()
	w.seen = append(w.seen, s.Text())
	w.mu.Unlock()
	if w.arrive != nil {
		return w.arrive(s)
	}
	return store.Action{}
}

func (w *watcher) Answered(s *store.Statement) store.Action {
	w.mu.Lock()
	w.after = append(w.after, s.Tag+s.Code)
	w.mu.Unlock()
	if w.answer != nil {
		return w.answer(s)
	}
	return store.Action{}
}

func (w *watcher) Gone(s *store.Statement) {
	if w.gone != nil {
		w.gone <- s.Text()
	}
}

func (w *watcher) texts() ([]string, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.seen...), append([]string(nil), w.after...)
}

// Everything that libpq's own client does passes: asking for encryption,
// SCRAM, a copy in and out, an error in a batch, a notice, a notification.
func TestPsqlPasses(t *testing.T) {
	script := `
\set ON_ERROR_STOP off
create table psql_t(a int primary key, b text);
copy psql_t from stdin;
1	one
2	two
\.
copy psql_t to stdout;
select 1/0; select 5;
insert into psql_t values (1, 'again');
do $$ begin raise notice 'hello'; end $$;
listen x; notify x, 'word';
select * from psql_t order by 1;
drop table psql_t;
`
	run := func(dsn string) string {
		cmd := exec.Command("psql", strings.Replace(dsn, "sslmode=disable", "sslmode=prefer", 1), "--no-psqlrc", "--tuples-only")
		cmd.Stdin = strings.NewReader(script)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		at := bytes.Index(out, []byte("PID ")) // of the notification: another each time
		if at < 0 {
			t.Fatalf("no notification: %s", out)
		}
		end := bytes.IndexByte(out[at:], '.')
		return string(out[:at]) + string(out[at+end:])
	}
	r := relay(t)
	want := run(server.DSN)
	for name, gate := range map[string]store.Gate{"passive": nil, "gated": &watcher{}} {
		r.Hold(gate)
		if diff := cmp.Diff(want, run(r.URL())); diff != "" {
			t.Errorf("%s: through the relay (+) it is another than without (-):\n%s", name, diff)
		}
	}
}

// pgbench runs in each of its protocols, pipelines among them, passive and
// through a gate.
func TestPgbenchPasses(t *testing.T) {
	r := relay(t)
	bin := try[string](t)(postgres.Find())
	pipeline := filepath.Join(t.TempDir(), "pipeline.sql")
	if err := os.WriteFile(pipeline, []byte("\\startpipeline\nselect 1;\nupdate pgbench_tellers set tbalance = tbalance + 1 where tid = 1;\n\\endpipeline\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		out, err := exec.Command(filepath.Join(bin, "pgbench"), append(args, r.URL())...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	run("-i", "-s", "1")
	for _, gate := range []store.Gate{nil, &watcher{}} {
		r.Hold(gate)
		for _, args := range [][]string{{"-M", "simple"}, {"-M", "extended"}, {"-M", "prepared"}, {"-M", "extended", "-f", pipeline}} {
			out := run(append(args, "-n", "-c", "2", "-t", "10")...)
			if !strings.Contains(out, "actually processed: 20/20") || !strings.Contains(out, "number of failed transactions: 0") {
				t.Errorf("%v: %s", args, out)
			}
		}
	}
}

func TestUnitsCarryTheirSQL(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	setup := connect(t, r, "simple")
	try[pgconn.CommandTag](t)(setup.Exec(ctx, "create table units(a int primary key, b int)"))
	for _, how := range []string{"simple", "unnamed", "prepared"} {
		c := connect(t, r, how)
		w := &watcher{}
		r.Hold(w)
		for range 2 { // the second time, a prepared statement comes without its text
			tx := try[pgx.Tx](t)(c.Begin(ctx))
			try[pgconn.CommandTag](t)(tx.Exec(ctx, "insert into units values ($1, $2) on conflict (a) do nothing", 1, 1))
			var b int
			if err := tx.QueryRow(ctx, "select b from units where a = $1 for update", 1).Scan(&b); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(ctx); err != nil {
				t.Fatal(err)
			}
		}
		batch := &pgx.Batch{}
		batch.Queue("update units set b = b + 1 where a = 1")
		batch.Queue("select b from units where a = 1")
		if err := c.SendBatch(ctx, batch).Close(); err != nil {
			t.Fatal(err)
		}
		r.Hold(nil)
		seen, after := w.texts()
		var short []string
		for _, s := range seen {
			words := strings.Fields(s)
			short = append(short, words[0])
			if strings.Contains(s, "; ") && how != "simple" { // there it is one text
				short[len(short)-1] += " with " + strings.Fields(strings.SplitN(s, "; ", 2)[1])[0]
			}
		}
		once := []string{"begin", "insert", "select", "commit"}
		want := append(append(append([]string{}, once...), once...), "update with select")
		if how == "simple" {
			want[len(want)-1] = "update"
		}
		if diff := cmp.Diff(want, short); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
		if got := strings.Join(after, ","); !strings.HasPrefix(got, "BEGIN,INSERT 0 ") || !strings.HasSuffix(got, "COMMIT,SELECT 1") {
			t.Errorf("%s: answers %s", how, got)
		}
	}
}

// A statement goes to the server only when the gate lets it, and its answer
// comes to the application only when the gate lets that.
func TestTheGateHolds(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	c := connect(t, r)
	try[pgconn.CommandTag](t)(c.Exec(ctx, "create table held(a int)"))
	let, deliver, answered := make(chan bool), make(chan bool), make(chan bool, 1)
	r.Hold(&watcher{arrive: func(*store.Statement) store.Action { <-let; return store.Action{} },
		answer: func(*store.Statement) store.Action { answered <- true; <-deliver; return store.Action{} }})
	done := make(chan error, 1)
	go func() {
		_, err := c.Exec(ctx, "insert into held values (1)")
		done <- err
	}()
	look := try[*pgx.Conn](t)(pgx.Connect(ctx, server.DSN))
	defer look.Close(ctx)
	rows := func() (n int) {
		if err := look.QueryRow(ctx, "select count(*) from held").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	time.Sleep(20 * time.Millisecond)
	if n := rows(); n != 0 {
		t.Errorf("held, and %d rows are there", n)
	}
	let <- true
	<-answered
	if n := rows(); n != 1 {
		t.Errorf("let go, and %d rows are there", n)
	}
	select {
	case err := <-done:
		t.Errorf("the answer was delivered unasked: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	deliver <- true
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What a gate does in place of a statement is what the server itself does: it
// says the SQLSTATE, and the transaction has failed.
func TestInjectedErrorsAreTheServersOwn(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	for _, how := range []string{"simple", "unnamed", "prepared"} {
		c := connect(t, r, how)
		r.Hold(&watcher{arrive: func(s *store.Statement) store.Action {
			if strings.HasPrefix(s.Text(), "select 2") {
				return store.Action{Do: store.Fail, Code: "40001", Message: "could not serialize: it's injected"}
			}
			return store.Action{}
		}})
		tx := try[pgx.Tx](t)(c.Begin(ctx))
		try[pgconn.CommandTag](t)(tx.Exec(ctx, "select 1"))
		var pg *pgconn.PgError
		if _, err := tx.Exec(ctx, "select 2"); !errors.As(err, &pg) || pg.Code != "40001" || pg.Severity != "ERROR" {
			t.Errorf("%s: got %v", how, err)
		}
		if _, err := tx.Exec(ctx, "select 1"); !errors.As(err, &pg) || pg.Code != "25P02" {
			t.Errorf("%s: after the failure, got %v", how, err)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		r.Hold(nil)
		if _, err := c.Exec(ctx, "select 2"); err != nil {
			t.Errorf("%s: without the gate, got %v", how, err)
		}
	}
}

func TestCuts(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	try[pgconn.CommandTag](t)(connect(t, r).Exec(ctx, "create table cuts(a text)"))
	commit := func(s *store.Statement) bool { return s.Text() == "commit" }
	for _, c := range []struct {
		name string
		gate *watcher
		rows int
		code string
	}{
		{"before the commit", &watcher{arrive: func(s *store.Statement) store.Action {
			if commit(s) {
				return store.Action{Do: store.Cut}
			}
			return store.Action{}
		}}, 0, ""},
		{"after the commit", &watcher{answer: func(s *store.Statement) store.Action {
			if commit(s) {
				return store.Action{Do: store.Cut}
			}
			return store.Action{}
		}}, 1, ""},
		{"ended by the administrator", &watcher{gone: make(chan string, 1), arrive: func(s *store.Statement) store.Action {
			if commit(s) {
				return store.Action{Do: store.Terminate}
			}
			return store.Action{}
		}}, 0, "57P01"},
	} {
		conn := connect(t, r)
		r.Hold(c.gate)
		tx := try[pgx.Tx](t)(conn.Begin(ctx))
		try[pgconn.CommandTag](t)(tx.Exec(ctx, "insert into cuts values ($1)", c.name))
		err := tx.Commit(ctx)
		r.Hold(nil)
		var pg *pgconn.PgError
		if err == nil || (c.code != "") != errors.As(err, &pg) || pg != nil && pg.Code != c.code {
			t.Errorf("%s: the application is told %v", c.name, err)
		}
		if c.gate.gone != nil {
			select {
			case <-c.gate.gone:
			case <-time.After(5 * time.Second):
				t.Errorf("%s: nobody is told that the answer will not come", c.name)
			}
		}
		var n int
		if err := connect(t, r).QueryRow(ctx, "select count(*) from cuts where a = $1", c.name).Scan(&n); err != nil || n != c.rows {
			t.Errorf("%s: %d rows are there, want %d (%v)", c.name, n, c.rows, err)
		}
	}
}

func TestItKnowsWhoWaits(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	a, b := connect(t, r, "simple"), connect(t, r, "simple")
	try[pgconn.CommandTag](t)(a.Exec(ctx, "create table waits(a int); insert into waits values (1)"))
	for _, how := range []string{"update waits set a = 2", "lock table waits", "select pg_advisory_xact_lock(7)"} {
		flying := make(chan uint64, 4)
		r.Hold(&watcher{arrive: func(s *store.Statement) store.Action { flying <- s.Conn; return store.Action{} }})
		try[pgconn.CommandTag](t)(a.Exec(ctx, "begin; "+how))
		<-flying
		done := make(chan error, 1)
		go func() { _, err := b.Exec(ctx, "begin; "+how+"; commit"); done <- err }()
		conn := <-flying
		for end := time.Now().Add(10 * time.Second); ; {
			if waits := try[bool](t)(r.Waits(ctx, conn)); waits {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: the wait is not seen", how)
			}
		}
		r.Hold(nil)
		try[pgconn.CommandTag](t)(a.Exec(ctx, "commit"))
		if err := <-done; err != nil {
			t.Error(err)
		}
		if waits := try[bool](t)(r.Waits(ctx, conn)); waits {
			t.Errorf("%s: it waits for ever", how)
		}
	}
}

func TestLongValuesCancelsAndCopies(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	for _, gate := range []store.Gate{nil, &watcher{}} {
		c := connect(t, r)
		r.Hold(gate)
		long := strings.Repeat("x", 5<<20)
		var back string
		if err := c.QueryRow(ctx, "select $1::text", long).Scan(&back); err != nil || back != long {
			t.Errorf("5 MiB came back as %d bytes: %v", len(back), err)
		}
		var n, sum int
		rows := try[pgx.Rows](t)(c.Query(ctx, "select generate_series(1, 200000)"))
		for rows.Next() {
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			sum++
		}
		if rows.Err() != nil || sum != 200000 {
			t.Errorf("%d rows, %v", sum, rows.Err())
		}
		try[pgconn.CommandTag](t)(c.Exec(ctx, "create temp table copied(a int, b text)"))
		copied, err := c.CopyFrom(ctx, pgx.Identifier{"copied"}, []string{"a", "b"}, pgx.CopyFromSlice(20000, func(i int) ([]any, error) { return []any{i, "row"}, nil }))
		if err != nil || copied != 20000 {
			t.Errorf("copied %d: %v", copied, err)
		}
		within, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		_, err = c.Exec(within, "select pg_sleep(60)")
		cancel()
		if err == nil {
			t.Error("60 s passed in 50 ms")
		}
		r.Hold(nil)
	}
	d := connect(t, r)
	cancelled := make(chan error, 1)
	go func() { _, err := d.Exec(ctx, "select pg_sleep(60)"); cancelled <- err }()
	time.Sleep(50 * time.Millisecond)
	if err := d.PgConn().CancelRequest(ctx); err != nil {
		t.Error(err)
	}
	var pg *pgconn.PgError
	if err := <-cancelled; !errors.As(err, &pg) || pg.Code != "57014" {
		t.Errorf("cancelled: got %v", err)
	}
	if r.Counts().Cancels == 0 {
		t.Error("a cancellation is not counted")
	}
}

func TestAStoreThatIsNotThere(t *testing.T) {
	if _, err := Open(t.Context(), "postgres://u:p@127.0.0.1:1/db", "127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "the store does not answer") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), "postgres://u:p@127.0.0.1:port/db", "127.0.0.1:0"); err == nil || strings.Contains(err.Error(), ":p@") {
		t.Errorf("got %v", err)
	}
}
