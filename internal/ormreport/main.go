// Package main is the command ormreport: it explores idioms of object-relational mappers: for each, the
// orders of two requests, how many of them are not serial, and the shortest.
// Frameworks come from npm and from Debian. It compares what it finds with what
// is known, and writes the table as Markdown; it fails where the two differ.
package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed apps
var apps embed.FS

// row is one idiom, with what is known of it: all orders, and those that are
// not serial.
type row struct {
	framework, idiom, path string
	orders, odd            int64
}

var rows = []row{
	{"node-postgres 8", "SELECT, then UPDATE", "naive", 6, 4},
	{"node-postgres 8", "UPDATE ... WHERE stock >= n", "checked", 2, 0},
	{"node-postgres 8", "SELECT, UPDATE, INSERT in BEGIN ... COMMIT", "tx", 92, 80},
	{"node-postgres 8", "SELECT ... FOR UPDATE, UPDATE, INSERT in BEGIN ... COMMIT", "forupdate", 36, 0},
	{"Django 3.2", "`get()`, `save()`", "save", 20, 12},
	{"Django 3.2", "the same in `transaction.atomic()`", "atomic", 182, 140},
	{"Django 3.2", "`filter(...).update(stock=F('stock') - n)`", "f", 6, 0},
	{"Django 3.2", "`select_for_update()`, `save()`, `create()` in `transaction.atomic()`", "lock", 148, 0},
	{"Django 3.2", "`exists()`, then `create()`", "orders", 20, 12},
	{"Django 3.2", "`get_or_create()` on a primary key", "getorcreate", 182, 0},
}

// found is what report.json tells of the one pair.
type found struct {
	Orders      int64  `json:"orders"`
	StandFor    int64  `json:"stand_for"`
	NotSerial   int64  `json:"not_serial"`
	NotSerialOf int64  `json:"not_serial_of"`
	Refused     int64  `json:"refused"`
	Verdict     string `json:"verdict"`
	Sentence    string `json:"sentence"`
	Complete    bool   `json:"complete"`
}

func main() {
	tussle := flag.String("tussle", "tussle", "the binary")
	out := flag.String("o", "docs/orm-report.md", "file to write")
	only := flag.String("only", "", "run the rows of this framework alone, and write nothing")
	flag.Parse()
	if err := run(*tussle, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "ormreport:", err)
		os.Exit(1)
	}
}

func run(tussle, out, only string) error {
	dir, err := os.MkdirTemp("", "tussle-orm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := fs.Sub(apps, "apps")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	npm := exec.Command("npm", "install", "--no-fund", "--no-audit", "pg@8", "pg-hstore@2", "mysql2@3", "sequelize@6", "typeorm@0.3", "reflect-metadata@0.2", "knex@3")
	npm.Dir = dir
	if text, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install: %w: %s", err, text)
	}
	var b bytes.Buffer
	b.WriteString(head)
	wrong, count := 0, 0
	for _, r := range rows {
		if !strings.Contains(r.framework, only) {
			continue
		}
		count++
		a := app{command: []string{"node", "app_node.js"}, path: r.path, store: "postgres", prepare: true}
		if strings.HasPrefix(r.framework, "Django") {
			a.command = []string{"/usr/bin/python3", "app_django.py"}
		}
		full, took, err := explore(tussle, dir, a, "--every")
		if err != nil {
			return err
		}
		quick, tookQuick, err := explore(tussle, dir, a)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: %s: %d orders, %d not serial, %v; with what cannot matter left out %d, %d, %v\n",
			r.framework, r.idiom, full.Orders, full.NotSerial, took, quick.Orders, quick.NotSerial, tookQuick)
		if full.Orders != r.orders || full.NotSerial != r.odd || !full.Complete || quick.Verdict != full.Verdict || !quick.Complete {
			fmt.Fprintf(os.Stderr, "  expected %d orders, %d not serial\n", r.orders, r.odd)
			wrong++
		}
		fmt.Fprintf(&b, "| %s | %s | %d | **%d** | %d | %s |\n", r.framework, r.idiom, full.Orders, full.NotSerial, quick.Orders, shortest(quick))
	}
	more, rest, err := wideTable(tussle, dir, only, &b)
	if err != nil {
		return err
	}
	if wrong += more; wrong > 0 {
		return fmt.Errorf("%d of %d rows are not as expected", wrong, count+rest)
	}
	if only != "" {
		return nil
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

const head = `# What ORM idioms do when two requests meet

Two requests take 3 and 4 off a stock of 10, or create the same thing. ` + "`tussle explore`" + ` put their statements into every order, on PostgreSQL at
its default level, read committed. *Orders* holds every statement; *walked* leaves out what cannot matter to the other request
(` + "`BEGIN`, `SET`" + `, which of two reads came first) and comes to the same verdict. Made by ` + "`make orm-report`" + `, which fails when a row is another.

| framework | idiom | orders | not serial | walked | the shortest |
|---|---|--:|--:|--:|---|
`

// shortest takes the order out of the sentence.
func shortest(f found) string {
	_, text, ok := strings.Cut(f.Sentence, "The shortest: ")
	if !ok {
		return ""
	}
	text, _, _ = strings.Cut(text, ". ")
	return text
}

// app is an application to explore one request of.
type app struct {
	command     []string
	path, store string
	dsn         string // of the store; "": one that tussle throws away
	prepare     bool   // its tables are made by schema.sql
	env         map[string]string
}

// explore runs one row and reads its report.
func explore(tussle, dir string, a app, args ...string) (found, time.Duration, error) {
	port, err := free()
	if err != nil {
		return found{}, 0, err
	}
	quoted, err := json.Marshal(a.command)
	if err != nil {
		return found{}, 0, err
	}
	env := fmt.Sprintf("PORT = %q", strconv.Itoa(port))
	for _, name := range slices.Sorted(maps.Keys(a.env)) {
		env += fmt.Sprintf(", %s = %q", name, a.env[name])
	}
	place, prepare := `"throwaway"`, ""
	if a.dsn != "" {
		place = `{ env = "ORM_STORE" }`
	}
	if a.prepare {
		prepare = `prepare = ["sh", "-c", "psql \"$DATABASE_URL\" -q -f schema.sql"]`
	}
	file := filepath.Join(dir, a.path+".toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, scenario, a.path, port, quoted, env, a.store, place, prepare, a.path, a.path), 0o644); err != nil {
		return found{}, 0, err
	}
	to := filepath.Join(dir, "out")
	if err := os.RemoveAll(to); err != nil {
		return found{}, 0, err
	}
	begun := time.Now()
	cmd := exec.Command(tussle, append([]string{"explore", file, "--pair", "add,add", "-q", "-o", to}, args...)...)
	cmd.Env = append(os.Environ(), "ORM_STORE="+a.dsn)
	text, err := cmd.CombinedOutput()
	took := time.Since(begun).Round(100 * time.Millisecond)
	b, rerr := os.ReadFile(filepath.Join(to, "report.json"))
	if rerr != nil {
		return found{}, took, fmt.Errorf("%s: %w: %s", a.path, err, text)
	}
	var report struct{ Explorations []found }
	if err := json.Unmarshal(b, &report); err != nil || len(report.Explorations) != 1 {
		return found{}, took, fmt.Errorf("%s: report.json tells of %d pairs (%v)", a.path, len(report.Explorations), err)
	}
	return report.Explorations[0], took, nil
}

func free() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

const scenario = `name = "%s"
[target]
url     = "http://127.0.0.1:%d"
command = %s
dir     = "."
env     = { %s }
ready   = { request = "GET /", within = "60s" }
[target.store]
kind    = "%s"
url     = %s
give    = "DATABASE_URL"
%s
[target.setup]
request = "POST /items/{key}"
body    = { stock = "{value}" }
[target.add]
request = "POST /%s/{key}"
body    = { n = "{amount}" }
[target.read]
request = "GET /items/{key}"
value   = "json:stock"
[workload]
kind    = "counter"
initial = 10
[[strategy]]
name    = "%s"
locking = "server-side"
`
