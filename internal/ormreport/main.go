// Package main is the command ormreport: it explores idioms of object-relational mappers: for each, the
// orders of two requests, how many of them are not serial, and the shortest.
// Frameworks come from npm and from Debian. It compares what it finds with what
// is known, and writes the table as Markdown; it fails where the two differ.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed apps/app_node.js
var node string

//go:embed apps/app_django.py
var django string

//go:embed apps/schema.sql
var schema string

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
	Orders    int64  `json:"orders"`
	StandFor  int64  `json:"stand_for"`
	NotSerial int64  `json:"not_serial"`
	Verdict   string `json:"verdict"`
	Sentence  string `json:"sentence"`
	Complete  bool   `json:"complete"`
}

func main() {
	tussle := flag.String("tussle", "tussle", "the binary")
	out := flag.String("o", "docs/orm-report.md", "file to write")
	flag.Parse()
	if err := run(*tussle, *out); err != nil {
		fmt.Fprintln(os.Stderr, "ormreport:", err)
		os.Exit(1)
	}
}

func run(tussle, out string) error {
	dir, err := os.MkdirTemp("", "tussle-orm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{"app_node.js": node, "app_django.py": django, "schema.sql": schema} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	npm := exec.Command("npm", "install", "--no-fund", "--no-audit", "pg@8")
	npm.Dir = dir
	if text, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install pg@8: %w: %s", err, text)
	}
	var b bytes.Buffer
	b.WriteString(head)
	wrong := 0
	for _, r := range rows {
		full, took, err := explore(tussle, dir, r, "--every")
		if err != nil {
			return err
		}
		quick, tookQuick, err := explore(tussle, dir, r)
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
	if wrong > 0 {
		return fmt.Errorf("%d of %d rows are not as expected", wrong, len(rows))
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

// explore runs one row and reads its report.
func explore(tussle, dir string, r row, args ...string) (found, time.Duration, error) {
	port, err := free()
	if err != nil {
		return found{}, 0, err
	}
	command := []string{"node", "app_node.js"}
	if strings.HasPrefix(r.framework, "Django") {
		command = []string{"/usr/bin/python3", "app_django.py"}
	}
	quoted, err := json.Marshal(command)
	if err != nil {
		return found{}, 0, err
	}
	file := filepath.Join(dir, r.path+".toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, scenario, r.path, port, quoted, port, r.path, r.path), 0o644); err != nil {
		return found{}, 0, err
	}
	to := filepath.Join(dir, "out")
	if err := os.RemoveAll(to); err != nil {
		return found{}, 0, err
	}
	begun := time.Now()
	text, err := exec.Command(tussle, append([]string{"explore", file, "--pair", "add,add", "-q", "-o", to}, args...)...).CombinedOutput()
	took := time.Since(begun).Round(100 * time.Millisecond)
	b, rerr := os.ReadFile(filepath.Join(to, "report.json"))
	if rerr != nil {
		return found{}, took, fmt.Errorf("%s: %w: %s", r.path, err, text)
	}
	var report struct{ Explorations []found }
	if err := json.Unmarshal(b, &report); err != nil || len(report.Explorations) != 1 {
		return found{}, took, fmt.Errorf("%s: report.json tells of %d pairs (%v)", r.path, len(report.Explorations), err)
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
env     = { PORT = "%d" }
ready   = { request = "GET /", within = "60s" }
[target.store]
kind    = "postgres"
url     = "throwaway"
give    = "DATABASE_URL"
prepare = ["sh", "-c", "psql \"$DATABASE_URL\" -q -f schema.sql"]
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
