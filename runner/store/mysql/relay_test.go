//go:build unix

package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"tussle/runner/store"
	"tussle/targets/mariadb"
)

var server *mariadb.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = mariadb.Start(context.Background(), mariadb.Options{Settings: map[string]string{"max-allowed-packet": "64M", "local-infile": "ON"}}); err != nil {
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

// connect opens one connection to an address; "inlined" puts parameters into
// the text, otherwise they are prepared.
func connect(t testing.TB, address string, words ...string) *sql.Conn {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", u.Host, u.User.Username(), "tussle"
	c.Passwd, _ = u.User.Password()
	c.MultiStatements = true
	c.MaxAllowedPacket = 64 << 20
	c.Logger = &driver.NopLogger{}
	for _, w := range words {
		c.InterpolateParams = c.InterpolateParams || w == "inlined"
	}
	connector, err := driver.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() }) // a test may have cut it
	return try[*sql.Conn](t)(db.Conn(t.Context()))
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

func do(t testing.TB, c *sql.Conn, text string, args ...any) {
	t.Helper()
	try[sql.Result](t)(c.ExecContext(t.Context(), text, args...))
}

func number(t testing.TB, c *sql.Conn, text string, args ...any) (n int) {
	t.Helper()
	if err := c.QueryRowContext(t.Context(), text, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
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

// Everything that MariaDB's own client does passes: it asks for encryption, it
// has several results to one text, an error among them, a procedure, a file of
// its own that it loads, and a long value.
func TestTheClientPasses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows")
	if err := os.WriteFile(file, []byte("1\tone\n2\ttwo\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	script := `
create table client_t(a int primary key, b text);
load data local infile '` + file + `' into table client_t;
delimiter //
create procedure client_p() begin select 1; select * from client_t; insert into client_t values (3, 'three'); end //
select 7; select 8 //
delimiter ;
call client_p();
select 1 from no_such_table;
insert into client_t values (1, 'again');
show warnings;
select a, b, length(repeat('x', 3000000)) from client_t order by a;
drop procedure client_p; drop table client_t;
`
	run := func(dsn string) string {
		u := try[*url.URL](t)(url.Parse(dsn))
		password, _ := u.User.Password()
		cmd := exec.Command("mariadb", "--no-defaults", "--protocol=tcp", "-h", u.Hostname(), "-P", u.Port(), "-u", "tussle", "-p"+password, "--force", "--local-infile=1", "--compress", "tussle")
		cmd.Stdin = strings.NewReader(script)
		out, err := cmd.CombinedOutput()
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out)
	}
	r := relay(t)
	want := run(server.DSN)
	if !strings.Contains(want, "two") || !strings.Contains(want, "Duplicate entry") || !strings.Contains(want, "no_such_table") {
		t.Fatalf("the script does not do what it should:\n%s", want)
	}
	for name, gate := range map[string]store.Gate{"passive": nil, "gated": &watcher{}} {
		r.Hold(gate)
		if diff := cmp.Diff(want, run(r.URL())); diff != "" {
			t.Errorf("%s: through the relay (+) it is another than without (-):\n%s", name, diff)
		}
	}
}

// MariaDB's own load generator runs through it, passive and through a gate.
func TestSlapPasses(t *testing.T) {
	r := relay(t)
	u := try[*url.URL](t)(url.Parse(r.URL()))
	password, _ := u.User.Password()
	for _, gate := range []store.Gate{nil, &watcher{}} {
		r.Hold(gate)
		out, err := exec.Command("mariadb-slap", "--no-defaults", "--protocol=tcp", "-h", u.Hostname(), "-P", u.Port(), "-u", "tussle", "-p"+password,
			"--auto-generate-sql", "--concurrency=3", "--number-of-queries=60").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Number of clients running queries: 3") {
			t.Errorf("%v: %s", err, out)
		}
	}
	if n := r.Counts().Statements; n < 120 {
		t.Errorf("%d statements passed", n)
	}
}

func TestUnitsCarryTheirSQL(t *testing.T) {
	r := relay(t)
	setup := connect(t, server.DSN)
	do(t, setup, "create table units(a int primary key, b int)")
	ctx := t.Context()
	for _, how := range []string{"inlined", "prepared"} {
		c := connect(t, r.URL(), how)
		w := &watcher{}
		r.Hold(w)
		insert := try[*sql.Stmt](t)(c.PrepareContext(ctx, "insert ignore into units values (?, ?)"))
		for range 2 { // the second time, a prepared statement comes without its text
			tx := try[*sql.Tx](t)(c.BeginTx(ctx, nil))
			try[sql.Result](t)(tx.StmtContext(ctx, insert).Exec(1, 1))
			var b int
			if err := tx.QueryRowContext(ctx, "select b from units where a = ? for update", 1).Scan(&b); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		rows := try[*sql.Rows](t)(c.QueryContext(ctx, "update units set b = b + 1; select b from units"))
		for rows.Next() || rows.NextResultSet() {
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		r.Hold(nil)
		var short []string
		for _, s := range w.seen {
			short = append(short, strings.Fields(s)[0])
		}
		once := []string{"START", "insert", "select", "COMMIT"}
		if diff := cmp.Diff(append(append(append([]string{}, once...), once...), "update"), short); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
		if got := strings.Join(w.after, ","); !strings.HasPrefix(got, "START 0,INSERT ") || !strings.HasSuffix(got, "SELECT 1,COMMIT 0,UPDATE 1") {
			t.Errorf("%s: answers %s", how, got)
		}
	}
}

// A statement goes to the server only when the gate lets it, and its answer
// comes to the application only when the gate lets that.
func TestTheGateHolds(t *testing.T) {
	r := relay(t)
	c, look := connect(t, r.URL()), connect(t, server.DSN)
	do(t, look, "create table held(a int)")
	let, deliver, answered := make(chan bool), make(chan bool), make(chan bool, 1)
	r.Hold(&watcher{arrive: func(*store.Statement) store.Action { <-let; return store.Action{} },
		answer: func(*store.Statement) store.Action { answered <- true; <-deliver; return store.Action{} }})
	done := make(chan error, 1)
	go func() {
		_, err := c.ExecContext(t.Context(), "insert into held values (1)")
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if n := number(t, look, "select count(*) from held"); n != 0 {
		t.Errorf("held, and %d rows are there", n)
	}
	let <- true
	<-answered
	if n := number(t, look, "select count(*) from held"); n != 1 {
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

// A deadlock that a gate raises does what the server's own does: it says number
// and SQLSTATE, and the whole transaction is undone. A lock that is not
// available undoes the statement alone.
func TestInjectedErrorsAreTheServersOwn(t *testing.T) {
	r := relay(t)
	look := connect(t, server.DSN)
	do(t, look, "create table injected(a int primary key)")
	ctx := t.Context()
	key := 0
	for _, how := range []string{"inlined", "prepared"} {
		for _, c := range []struct {
			code   string
			number uint16
			state  string
			left   int
		}{{"40001", 1213, "40001", 0}, {"40P01", 1213, "40001", 0}, {"55P03", 1205, "HY000", 1}} {
			conn := connect(t, r.URL(), how)
			r.Hold(&watcher{arrive: func(s *store.Statement) store.Action {
				if strings.HasPrefix(s.Text(), "update") {
					return store.Action{Do: store.Fail, Code: c.code, Message: "it's injected"}
				}
				return store.Action{}
			}})
			key++
			tx := try[*sql.Tx](t)(conn.BeginTx(ctx, nil))
			try[sql.Result](t)(tx.ExecContext(ctx, "insert into injected values (?)", key))
			var my *driver.MySQLError
			if _, err := tx.ExecContext(ctx, "update injected set a = ? where a = ?", key, key); !errors.As(err, &my) || my.Number != c.number || string(my.SQLState[:]) != c.state || my.Message != "it's injected" {
				t.Errorf("%s, %s: got %v", how, c.code, err)
			}
			if err := tx.Commit(); err != nil {
				t.Errorf("%s, %s: %v", how, c.code, err)
			}
			r.Hold(nil)
			if n := number(t, look, "select count(*) from injected where a = ?", key); n != c.left {
				t.Errorf("%s, %s: %d rows are left, want %d", how, c.code, n, c.left)
			}
		}
	}
}

func TestCuts(t *testing.T) {
	r := relay(t)
	look := connect(t, server.DSN)
	do(t, look, "create table cuts(a varchar(99))")
	ctx := t.Context()
	when := func(do store.Do) func(*store.Statement) store.Action {
		return func(s *store.Statement) store.Action {
			if s.Text() == "COMMIT" {
				return store.Action{Do: do}
			}
			return store.Action{}
		}
	}
	for _, c := range []struct {
		name string
		gate *watcher
		rows int
	}{
		{"before the commit", &watcher{arrive: when(store.Cut)}, 0},
		{"after the commit", &watcher{answer: when(store.Cut)}, 1},
		{"ended by the administrator", &watcher{gone: make(chan string, 1), arrive: when(store.Terminate)}, 0},
	} {
		conn := connect(t, r.URL())
		r.Hold(c.gate)
		tx := try[*sql.Tx](t)(conn.BeginTx(ctx, nil))
		try[sql.Result](t)(tx.ExecContext(ctx, "insert into cuts values (?)", c.name))
		err := tx.Commit()
		r.Hold(nil)
		if err == nil {
			t.Errorf("%s: the application is told nothing", c.name)
		}
		if c.gate.gone != nil {
			select {
			case <-c.gate.gone:
			case <-time.After(10 * time.Second):
				t.Errorf("%s: nobody is told that the answer will not come", c.name)
			}
		}
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) { // the server undoes it in its own time
			n := number(t, look, "select count(*) from cuts where a = ?", c.name)
			if n == c.rows {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %d rows are there, want %d", c.name, n, c.rows)
			}
		}
	}
}

func TestItKnowsWhoWaits(t *testing.T) {
	r := relay(t)
	a, b := connect(t, r.URL()), connect(t, r.URL())
	do(t, a, "create table waits(a int primary key, b int); insert into waits values (1, 1)")
	for _, c := range [][2]string{
		{"update waits set b = 2", "rollback"},
		{"select b from waits where a = 1 for update", "rollback"},
		{"lock tables waits write", "unlock tables"},
		{"select get_lock('it', 20)", "select release_lock('it')"},
	} {
		flying := make(chan uint64, 8)
		r.Hold(&watcher{arrive: func(s *store.Statement) store.Action { flying <- s.Conn; return store.Action{} }})
		do(t, a, "begin; "+c[0])
		<-flying
		done := make(chan error, 1)
		go func() { _, err := b.ExecContext(t.Context(), "begin; "+c[0]+"; "+c[1]); done <- err }()
		conn := <-flying
		for end := time.Now().Add(20 * time.Second); ; {
			if try[bool](t)(r.Waits(t.Context(), conn)) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: the wait is not seen", c[0])
			}
		}
		r.Hold(nil)
		do(t, a, c[1])
		if err := <-done; err != nil {
			t.Error(err)
		}
		if try[bool](t)(r.Waits(t.Context(), conn)) {
			t.Errorf("%s: it waits for ever", c[0])
		}
		do(t, b, "rollback")
		do(t, a, "rollback")
	}
}

// The status tells of the last deadlock first, with the threads that waited
// then; a statement's text may say anything.
func TestWaitingReadsOnlyWhoWaitsNow(t *testing.T) {
	const status = `
LATEST DETECTED DEADLOCK
*** (1) TRANSACTION:
---TRANSACTION 55, ACTIVE 1 sec
LOCK WAIT 3 lock struct(s)
MariaDB thread id 7, OS thread handle 1
LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 60, ACTIVE 2 sec starting index read
mysql tables in use 1, locked 1
LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)
MariaDB thread id 8, OS thread handle 2, query id 9 127.0.0.1 tussle Updating
update t set a = 1
---TRANSACTION 61, ACTIVE 2 sec
2 lock struct(s), heap size 1128, 1 row lock(s)
MariaDB thread id 9, OS thread handle 3, query id 9 127.0.0.1 tussle
select '
LOCK WAIT'
---TRANSACTION 62, ACTIVE 2 sec
LOCK WAIT 2 lock struct(s)
MySQL thread id 10, OS thread handle 3
--------
FILE I/O
--------
`
	if diff := cmp.Diff(map[uint32]bool{8: true, 10: true}, waiting(status)); diff != "" {
		t.Error(diff)
	}
}

func TestLongValuesAndManyRows(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	for _, how := range []struct {
		gate store.Gate
		name string
		size int // of an answer's packet
	}{{nil, "inlined", most}, {&watcher{}, "prepared", 17 << 20}} { // one packet and an empty one; two
		c := connect(t, r.URL(), how.name)
		r.Hold(how.gate)
		var back []byte
		if err := c.QueryRowContext(ctx, "select repeat('x', ?)", how.size-4).Scan(&back); err != nil || len(back) != how.size-4 || bytes.Count(back, []byte("x")) != len(back) {
			t.Errorf("%s: %d bytes came back as %d: %v", how.name, how.size, len(back), err)
		}
		if n := number(t, c, "select length(?)", back); n != len(back) {
			t.Errorf("%s: %d bytes arrived as %d", how.name, len(back), n)
		}
		rows := try[*sql.Rows](t)(c.QueryContext(ctx, "select seq, repeat('y', 20) from seq_1_to_50000"))
		sum := 0
		for rows.Next() {
			sum++
		}
		if rows.Err() != nil || sum != 50000 {
			t.Errorf("%s: %d rows, %v", how.name, sum, rows.Err())
		}
		r.Hold(nil)
	}
}

func TestAStoreThatIsNotThere(t *testing.T) {
	for _, address := range []string{"mysql://u:p@127.0.0.1:1/db", "postgres://u:p@127.0.0.1/db", "mysql://u:p@127.0.0.1:port/db", strings.Replace(server.DSN, "tussle:", "tussle:x", 1)} {
		if r, err := Open(t.Context(), address, "127.0.0.1:0"); err == nil || strings.Contains(err.Error(), ":p@") {
			t.Errorf("%s: got %v", address, err)
			if err == nil {
				r.Close()
			}
		}
	}
}

// Whatever a server says in place of an answer, reading it ends.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x01\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = ok(append([]byte{0}, b...))
		_, _, _ = failure(b)
		_, _ = greeted(b)
		_, _ = integer(b)
	})
}
