package sql

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"tussle/targets/postgres"
)

// spawn starts a server process of its own.
func spawn(t testing.TB, options map[string]string) client {
	t.Helper()
	c, _ := spawned(t, options)
	return c
}

// spawned also returns the process's id.
func spawned(t testing.TB, options map[string]string) (client, int) {
	t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TUSSLE_TEST_SERVER="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server process: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return client{t, strings.TrimSpace(strings.TrimPrefix(line, "listening ")), connection(t)}, cmd.Process.Pid
}

// both lets clients of two servers add to one item.
func both(a, b client, scheme string) (accepted, arrived int64, all tally) {
	a.put(scheme, "shared", "0")
	all = a.together(crowd, func(i int, c client) []answer {
		if i%2 == 1 {
			c.base = b.base
		}
		return times(each, func(int) answer { return c.do("POST /"+scheme+"/items/shared/add", `{"amount":1}`) })
	})
	return int64(all["200"]), b.value(scheme, "shared"), all
}

func TestTwoProcesses(t *testing.T) {
	sqlite := map[string]string{"file": filepath.Join(t.TempDir(), "shared.db"), "think": "2ms", "sync": "off", "lock_timeout": "60s"}
	for name, options := range map[string]map[string]string{"postgres": onPostgres(t, map[string]string{"think": "2ms"}), "sqlite": sqlite} {
		t.Run(name, func(t *testing.T) {
			a, b := spawn(t, options), spawn(t, options)
			if accepted, arrived, all := both(a, b, "process-lock"); accepted != crowd*each || arrived >= accepted {
				t.Errorf("a mutex each: %d accepted, %d arrived: expected some lost; %v", accepted, arrived, all)
			}
			if accepted, arrived, all := both(a, b, "atomic"); accepted != crowd*each || arrived != accepted {
				t.Errorf("one statement: %d accepted, %d arrived: %v", accepted, arrived, all)
			}
		})
	}
}

// The same within one process: two servers that share nothing but the database.
func TestTwoInstances(t *testing.T) {
	c := serve(t, onPostgres(t, map[string]string{"think": "2ms"}))
	if accepted, arrived, all := both(c, c, "process-lock"); accepted != arrived || accepted != crowd*each {
		t.Errorf("one instance: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
	c = serve(t, onPostgres(t, map[string]string{"think": "2ms", "instances": "2"}))
	if accepted, arrived, all := both(c, c, "process-lock"); accepted != crowd*each || arrived >= accepted {
		t.Errorf("two instances: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
	if accepted, arrived, all := both(c, c, "row-lock"); accepted != arrived || accepted != crowd*each {
		t.Errorf("row-lock, two instances: %d accepted, %d arrived: %v", accepted, arrived, all)
	}
}

// schema reports whether the database has the schema.
func schema(t *testing.T, name string) bool {
	t.Helper()
	c, err := pgx.Connect(context.Background(), running(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	var there bool
	if err := c.QueryRow(context.Background(), `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`, name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	return there
}

func TestTheLastOneDropsTheSchema(t *testing.T) {
	options := onPostgres(t, nil)
	o, err := Parse(options)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(errors.Join(err, a.Close()))
	}
	if err := a.Close(); err != nil || !schema(t, o.Schema) {
		t.Errorf("closed one of two: %v; the schema is there: %v", err, schema(t, o.Schema))
	}
	if err := b.Close(); err != nil || schema(t, o.Schema) {
		t.Errorf("closed both: %v; the schema is there: %v", err, schema(t, o.Schema))
	}
}

func TestSomebodyElsesSchemaIsLeftAlone(t *testing.T) {
	c, err := pgx.Connect(context.Background(), running(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), `CREATE SCHEMA precious`); err != nil {
		t.Fatal(err)
	}
	o, err := Parse(onPostgres(t, map[string]string{"schema": "precious"}))
	if err != nil {
		t.Fatal(err)
	}
	if target, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "option schema") {
		t.Errorf("got %v, %v", target, err)
	}
	if !schema(t, "precious") {
		t.Error("it is gone")
	}
}

func TestAddresses(t *testing.T) {
	e := &pgEngine{}
	t.Setenv("SOME_URL", "postgres://there/db")
	if got, err := e.address(context.Background(), Options{DSN: "env:SOME_URL"}); err != nil || got != "postgres://there/db" {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := e.address(context.Background(), Options{DSN: "env:NO_SUCH_URL"}); err == nil {
		t.Error("an environment without it: expected an error")
	}
	if _, err := Open(t.Context(), Options{Engine: "postgres", DSN: "postgres://127.0.0.1:1/db", Schema: "x", Pool: 1, Instances: 1, Sync: postgres.Full}); err == nil || !strings.Contains(err.Error(), "connect to PostgreSQL") {
		t.Errorf("nobody listens: got %v", err)
	}
}
