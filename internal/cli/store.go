package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"

	"tussle/runner/secrets"
	"tussle/runner/store"
	"tussle/runner/store/mysql"
	relay "tussle/runner/store/postgres"
	"tussle/scenarios"
	"tussle/targets/mariadb"
	"tussle/targets/postgres"
)

// storeKind is how a kind of store is relayed, and started to be thrown away.
type storeKind struct {
	relay func(ctx context.Context, address, listen string) (store.Relay, error)
	start func(ctx context.Context) (address string, stop func() error, err error)
}

// storeKinds are the kinds that target.store.kind names.
var storeKinds = map[string]storeKind{
	"postgres": {
		func(ctx context.Context, address, listen string) (store.Relay, error) {
			return relay.Open(ctx, address, listen)
		},
		func(ctx context.Context) (string, func() error, error) {
			s, err := postgres.Start(ctx, postgres.Options{Sync: postgres.Off, Settings: map[string]string{"deadlock_timeout": "100ms"}})
			if err != nil {
				return "", nil, err
			}
			return s.DSN, s.Stop, nil
		},
	},
	"mariadb": mariaDB,
	"mysql":   mariaDB,
}

var mariaDB = storeKind{
	func(ctx context.Context, address, listen string) (store.Relay, error) {
		return mysql.Open(ctx, address, listen)
	},
	func(ctx context.Context) (string, func() error, error) {
		s, err := mariadb.Start(ctx, mariadb.Options{})
		if err != nil {
			return "", nil, err
		}
		return s.DSN, s.Stop, nil
	},
}

// openStore starts or finds the scenario's store, puts a relay before it,
// tells the target of it, and lets the scenario's own command prepare it. stop
// ends what it started.
func openStore(ctx context.Context, s *scenarios.Scenario, dir string, reg *secrets.Registry) (_ store.Relay, stop func(), err error) {
	st := &s.Target.Store
	if s.Target.Use == "sql" && s.Target.Options["engine"] == "postgres" && st.Kind == "" {
		st.Kind, st.URL.Template = "postgres", scenarios.Throwaway
		if dsn := s.Target.Options["dsn"]; dsn != "" {
			st.URL.Template = dsn
		}
	}
	if st.Kind == "" {
		return nil, nil, &hinted{exitUsage, "the scenario does not say what store is behind the target", `[target.store] with kind = "postgres", url = "throwaway" and give = "DATABASE_URL"; see docs/explore.md`}
	}
	var undo []func()
	undone := func() {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}
	defer func() {
		if err != nil {
			undone() // stop is nil by now
		}
	}()
	kind := storeKinds[st.Kind]
	address := st.URL.Template
	if st.URL.Env != "" {
		v, _ := reg.Getenv(st.URL.Env)
		address = st.URL.Prefix + v
	}
	if address == scenarios.Throwaway {
		dsn, end, err := kind.start(ctx)
		if err != nil {
			return nil, nil, &hinted{exitCannotRun, "the throw-away store does not start: " + err.Error(), "see .ci/packages, or name a server of your own in target.store.url"}
		}
		undo = append(undo, func() { _ = end() }) // it is thrown away
		address = dsn
	}
	listen := st.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	r, err := kind.relay(ctx, address, listen)
	if err != nil {
		return nil, nil, &hinted{exitCannotRun, reg.Mask(err.Error()), "is target.store.url right, and is the server up?"}
	}
	undo = append(undo, func() { _ = r.Close() })
	reg.Add("password of the store", r.Password())
	if s.Target.Use != "" {
		options := maps.Clone(s.Target.Options)
		options["dsn"] = r.URL()
		s.Target.Options = options
	}
	if st.Give != "" {
		env := maps.Clone(s.Target.Env)
		if env == nil {
			env = map[string]string{}
		}
		env[st.Give] = r.URL()
		s.Target.Env = env
	}
	if len(st.Prepare) > 0 {
		if err := prepareStore(ctx, s, dir, r.URL(), reg); err != nil {
			return nil, nil, err
		}
	}
	return r, undone, nil
}

// prepareStore runs the user's own command; what it printed is kept.
func prepareStore(ctx context.Context, s *scenarios.Scenario, dir, url string, reg *secrets.Registry) error {
	st := s.Target.Store
	cmd := exec.CommandContext(ctx, st.Prepare[0], st.Prepare[1:]...)
	cmd.Dir = s.Target.Dir
	cmd.Env = os.Environ()
	for k, v := range s.Target.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	if st.Give == "" {
		cmd.Env = append(cmd.Env, "DATABASE_URL="+url)
	}
	out, err := cmd.CombinedOutput()
	name := filepath.Join(dir, "prepare.log")
	werr := writeFile(name, func(w io.Writer) error {
		_, err := io.WriteString(w, reg.Mask(string(out)))
		return err
	})
	if err == nil || werr != nil {
		return werr
	}
	return &hinted{exitCannotRun, fmt.Sprintf("target.store.prepare (%s) failed: %v", st.Prepare[0], err), "what it printed is in " + name}
}
