//go:build unix

package explore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"tussle/history"
	"tussle/report/check"
	"tussle/runner"
	"tussle/runner/explore"
	"tussle/runner/store"
	relay "tussle/runner/store/postgres"
	"tussle/scenarios"
	"tussle/targets/postgres"
)

var dsn string

func TestMain(m *testing.M) {
	server, err := postgres.Start(context.Background(), postgres.Options{Sync: postgres.Off, Settings: map[string]string{"deadlock_timeout": "100ms"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dsn = server.DSN
	code := m.Run()
	if err := stopMaria(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shop is an application with a table of items, which takes stock off in as
// many ways as there are idioms.
type shop struct {
	pool chan *pgx.Conn
}

type idiom func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error)

var errRefused = errors.New("refused")

func begun(level string, lock string, write func(ctx context.Context, tx pgx.Tx, key string, have, n int) error) idiom {
	return func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.TxIsoLevel(level)})
		if err != nil {
			return 0, err
		}
		var have int
		if err = tx.QueryRow(ctx, "select stock from items where id = $1"+lock, key).Scan(&have); err == nil {
			if err = write(ctx, tx, key, have, n); err == nil {
				return have - n, tx.Commit(ctx)
			}
		}
		return 0, errors.Join(err, tx.Rollback(ctx))
	}
}

func computed(ctx context.Context, tx pgx.Tx, key string, have, n int) error {
	_, err := tx.Exec(ctx, "update items set stock = $2 where id = $1", key, have-n)
	return err
}

var idioms = map[string]idiom{
	"naive": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		var have int
		if err := c.QueryRow(ctx, "select stock from items where id = $1", key).Scan(&have); err != nil {
			return 0, err
		}
		_, err := c.Exec(ctx, "update items set stock = $2 where id = $1", key, have-n)
		return have - n, err
	},
	"guarded": func(ctx context.Context, c *pgx.Conn, key string, n int) (left int, err error) {
		err = c.QueryRow(ctx, "update items set stock = stock - $2 where id = $1 and stock >= $2 returning stock", key, n).Scan(&left)
		if errors.Is(err, pgx.ErrNoRows) {
			err = errRefused
		}
		return left, err
	},
	"version": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		var have, version int
		if err := c.QueryRow(ctx, "select stock, version from items where id = $1", key).Scan(&have, &version); err != nil {
			return 0, err
		}
		tag, err := c.Exec(ctx, "update items set stock = $2, version = version + 1 where id = $1 and version = $3", key, have-n, version)
		if err == nil && tag.RowsAffected() == 0 {
			err = errRefused
		}
		return have - n, err
	},
	"version, not compared": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		var have, version int
		if err := c.QueryRow(ctx, "select stock, version from items where id = $1", key).Scan(&have, &version); err != nil {
			return 0, err
		}
		_, err := c.Exec(ctx, "update items set stock = $2, version = version + 1 where id = $1", key, have-n)
		return have - n, err
	},
	"read committed":    begun("read committed", "", computed),
	"repeatable read":   begun("repeatable read", "", computed),
	"serializable":      begun("serializable", "", computed),
	"for update":        begun("read committed", " for update", computed),
	"for update, RR":    begun("repeatable read", " for update", computed),
	"for no key update": begun("read committed", " for no key update", computed),
	"for share":         begun("read committed", " for share", computed),
	"first of its kind": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		var there bool
		if err := c.QueryRow(ctx, "select exists(select 1 from orders where item = $1)", key).Scan(&there); err != nil {
			return 0, err
		}
		if there {
			return 0, errRefused
		}
		_, err := c.Exec(ctx, "insert into orders(item, n) values ($1, $2)", key, n)
		return n, err
	},
	"first, unique": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		var there bool
		if err := c.QueryRow(ctx, "select exists(select 1 from firsts where item = $1)", key).Scan(&there); err != nil {
			return 0, err
		}
		if there {
			return 0, errRefused
		}
		_, err := c.Exec(ctx, "insert into firsts(item, n) values ($1, $2)", key, n)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" {
			err = errRefused
		}
		return n, err
	},
	"two rows, crossed": func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		tx, err := c.Begin(ctx)
		if err != nil {
			return 0, err
		}
		first, second := "items", "firsts"
		if n%2 == 0 {
			first, second = second, first
		}
		for _, table := range []string{first, second} {
			if _, err = tx.Exec(ctx, "update "+table+" set n = n + $2 where "+map[string]string{"items": "id", "firsts": "item"}[table]+" = $1", key, n); err != nil {
				return 0, errors.Join(err, tx.Rollback(ctx))
			}
		}
		return n, tx.Commit(ctx)
	},
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.Background() // a request that is given up comes to its end
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // the client may be gone
	}
	c := <-s.pool
	defer func() {
		if c.IsClosed() { // as a pool does
			var err error
			if c, err = pgx.ConnectConfig(ctx, c.Config()); err != nil {
				return
			}
		}
		s.pool <- c
	}()
	if len(parts) != 2 {
		answer(404, nil)
		return
	}
	key := parts[1]
	switch r.Method {
	case "PUT":
		_, err := c.Exec(ctx, "insert into items(id, stock) values ($1, 10)", key)
		if strings.HasPrefix(key, "r") && err == nil && parts[0] == "crossed" {
			_, err = c.Exec(ctx, "insert into firsts(item, n) values ($1, 0)", key)
		}
		if err != nil {
			answer(500, err.Error())
			return
		}
		answer(201, nil)
	case "GET":
		var stock, n, orders, firsts int
		err := c.QueryRow(ctx, `select stock, n, (select coalesce(sum(n), 0) from orders where item = id), (select coalesce(sum(n), 0) from firsts where item = id)
			from items where id = $1`, key).Scan(&stock, &n, &orders, &firsts)
		if err != nil {
			answer(404, err.Error())
			return
		}
		answer(200, map[string]int{"stock": stock, "n": n, "orders": orders, "firsts": firsts})
	case "POST":
		var body struct{ N int }
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			answer(400, nil)
			return
		}
		left, err := idioms[strings.ReplaceAll(parts[0], "_", " ")](ctx, c, key, body.N)
		switch {
		case errors.Is(err, errRefused):
			answer(409, nil)
		case err != nil:
			answer(503, "try again")
		default:
			answer(200, map[string]int{"left": left})
		}
	}
}

// explored runs an idiom against itself and returns what is judged of it.
func explored(t *testing.T, name, put string, connections int, o explore.Options) (check.Exploration, []history.Order) {
	t.Helper()
	ctx := t.Context()
	r, err := relay.Open(ctx, dsn, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := &shop{make(chan *pgx.Conn, connections)}
	for range connections {
		config, err := pgx.ParseConfig(r.URL())
		if err != nil {
			t.Fatal(err)
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		c, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		s.pool <- c
	}
	c := <-s.pool
	if _, err := c.Exec(ctx, `create table if not exists items(id text primary key, stock int not null, version int not null default 1, n int not null default 0)`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, `create table if not exists orders(item text, n int)`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, `create table if not exists firsts(item text primary key, n int)`); err != nil {
		t.Fatal(err)
	}
	s.pool <- c
	return exploredAt(t, r, s, name, put, o)
}

// exploredAt does so with an application that reaches its store through the
// relay.
func exploredAt(t *testing.T, r store.Relay, app http.Handler, name, put string, o explore.Options) (check.Exploration, []history.Order) {
	t.Helper()
	ctx := t.Context()
	web := httptest.NewServer(app)
	defer web.Close()
	scenario, err := scenarios.Parse("explore.toml", fmt.Sprintf(`
[target]
url = %q
[target.setup]
request = "PUT /%s/{key}"
[target.add]
request = "POST /%s/{key}"
body = { n = "{amount}" }
[target.read]
request = "GET /items/{key}"
value = "json:stock"
[workload]
kind = "counter"
initial = 10
[[strategy]]
name = "it"
locking = "server-side"
`, web.URL, put, strings.ReplaceAll(name, " ", "_")), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	session, err := runner.Open(ctx, scenario, runner.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if o.Pairs == nil {
		o.Pairs = [][]history.Step{{history.StepAdd, history.StepAdd}}
	}
	odd := &check.Odd{}
	o.Serial, o.Odd = odd.Add, odd.Is
	var out bytes.Buffer
	if err := explore.Run(ctx, session, r, &out, o); err != nil {
		t.Fatal(err)
	}
	return judged(t, &out)
}

func judged(t *testing.T, r io.Reader) (check.Exploration, []history.Order) {
	t.Helper()
	read, err := history.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	judge := check.New()
	var orders []history.Order
	for {
		var rec history.Record
		if err := read.Read(&rec); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if rec.Kind == history.KindOrder {
			orders = append(orders, *rec.Order)
		}
		if err := judge.Add(&rec); err != nil {
			t.Fatal(err)
		}
	}
	list := judge.Explorations()
	if len(list) != 1 {
		t.Fatalf("%d pairs, want 1", len(list))
	}
	return list[0], orders
}

// Each idiom has so many orders, of which so many are not serial, and in so
// many of which one is refused. Statements that cannot matter are no choice.
func TestIdioms(t *testing.T) {
	for _, c := range []struct {
		name               string
		stand, odd, refuse int64
		verdict            check.Verdict
	}{
		{"naive", 6, 4, 0, check.Violated},
		{"guarded", 2, 0, 0, check.Holds},
		{"version", 6, 0, 4, check.Holds},
		{"version, not compared", 6, 4, 0, check.Violated},
		{"read committed", 14, 12, 0, check.Violated},
		{"repeatable read", 14, 0, 12, check.Holds},
		{"serializable", 14, 0, 12, check.Holds},
		{"for update", 6, 0, 0, check.Holds},
		{"for update, RR", 6, 0, 4, check.Holds},
		{"for no key update", 6, 0, 0, check.Holds},
		{"first of its kind", 6, 4, 0, check.Violated},
		{"first, unique", 6, 0, 4, check.Holds},
	} {
		x, orders := explored(t, c.name, "items", 4, explore.Options{})
		refused := int64(0)
		for i := range orders {
			if o := &orders[i]; o.Role == history.RoleOrder && (o.Replies[0].Status != 200 || o.Replies[1].Status != 200) {
				refused += o.Weight
			}
		}
		if x.StandFor != c.stand || x.NotSerialOf != c.odd || x.Verdict != c.verdict || !x.Complete || x.Refused > 0 != (c.refuse > 0 && c.name != "first, unique") {
			t.Errorf("%s: %d orders, %d not serial, %d refused, %s; want %+v\n%s", c.name, x.StandFor, x.NotSerialOf, refused, x.Verdict, c, x.Sentence)
		}
		if c.odd > 0 && (len(x.Findings) == 0 || x.Findings[0].Repeated != x.Findings[0].Replays || x.Findings[0].Replays == 0) {
			t.Errorf("%s: no finding that repeats", c.name)
		}
		full, _ := explored(t, c.name, "items", 4, explore.Options{Every: true})
		if full.Verdict != x.Verdict || full.Orders < x.StandFor {
			t.Errorf("%s: with nothing left out, %d orders are %s", c.name, full.Orders, full.Verdict)
		}
	}
}

// Two that wait for each other: the database refuses one, which is the other
// alone.
func TestADeadlockIsARefusal(t *testing.T) {
	x, orders := explored(t, "two rows, crossed", "crossed", 4, explore.Options{})
	deadlocks := 0
	for i := range orders {
		for _, s := range orders[i].Statements {
			if s.Code == "40P01" {
				deadlocks++
			}
		}
	}
	if x.Verdict != check.Holds || x.Refused == 0 || deadlocks == 0 {
		t.Errorf("%s, %d refused, %d deadlocks: %s", x.Verdict, x.Refused, deadlocks, x.Sentence)
	}
}

// An application with one connection lets nothing be put into an order, and
// that is said.
func TestOneConnectionIsNoTest(t *testing.T) {
	x, _ := explored(t, "read committed", "items", 1, explore.Options{})
	if x.Verdict != check.NotExercised || !strings.Contains(x.Reason, "one connection") {
		t.Errorf("%s: %s", x.Verdict, x.Sentence)
	}
}

// A finding is followed again as often as one likes.
func TestReplay(t *testing.T) {
	x, _ := explored(t, "read committed", "items", 4, explore.Options{})
	again, orders := explored(t, "read committed", "items", 4, explore.Options{Replay: x.Findings[0].Choices, Times: 20})
	if again.Orders != 20 || again.NotSerial != 20 || again.Verdict != check.Violated {
		t.Errorf("%d of %d not serial: %s", again.NotSerial, again.Orders, again.Sentence)
	}
	for i := range orders {
		if o := &orders[i]; o.Role == history.RoleOrder && fmt.Sprint(o.Choices) != fmt.Sprint(x.Findings[0].Choices) {
			t.Errorf("followed %v", o.Choices)
		}
	}
}

// Beyond the bound, the report says what was left out.
func TestABoundIsSaid(t *testing.T) {
	x, _ := explored(t, "for update", "items", 4, explore.Options{Every: true, MaxOrders: 10})
	if x.Complete || x.Orders != 10 || x.Preemptions < 0 || !strings.Contains(x.Sentence, "preemption") {
		t.Errorf("%+v", x.Sentence)
	}
}
