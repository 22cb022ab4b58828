package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"tussle/targets/mariadb"
	"tussle/targets/postgres"
)

// known is what is known of an idiom on one store: orders, and those that are
// not serial.
type known struct{ orders, odd int64 }

// wide is one idiom of a framework on both stores, with the level of isolation
// that it asks for; "" is the framework's own default.
type wide struct {
	framework, idiom, path, level string
	want                          [2]known // on stores[0] and stores[1]
}

// frameworks are how each is started, and its name for the program.
var frameworks = map[string]struct {
	command []string
	env     string
}{
	"Sequelize 6":      {[]string{"node", "app_npm.js"}, "sequelize"},
	"TypeORM 0.3":      {[]string{"node", "app_npm.js"}, "typeorm"},
	"Knex 3":           {[]string{"node", "app_npm.js"}, "knex"},
	"SQLAlchemy 1.4":   {[]string{"/usr/bin/python3", "app_sqlalchemy.py"}, ""},
	"ActiveRecord 6.1": {[]string{"ruby", "app_rails.rb"}, ""},
}

// stores are the kinds that the wide rows run on.
var stores = [2]struct{ kind, name string }{{"postgres", "PostgreSQL"}, {"mariadb", "MariaDB"}}

const repeatable, serializable = "REPEATABLE READ", "SERIALIZABLE"

var wideRows = []wide{
	{"Sequelize 6", "`findByPk()`, `save()`", "save", "", [2]known{{12, 9}, {6, 4}}},
	{"Sequelize 6", "the same in `transaction()`", "tx", "", [2]known{{22, 20}, {14, 12}}},
	{"Sequelize 6", "the same", "tx", repeatable, [2]known{{22, 0}, {14, 12}}},
	{"Sequelize 6", "the same", "tx", serializable, [2]known{{22, 0}, {12, 0}}},
	{"Sequelize 6", "`findByPk(lock: UPDATE)`, `save()` in `transaction()`", "lock", "", [2]known{{6, 0}, {6, 0}}},
	{"Sequelize 6", "`decrement()`", "add", "", [2]known{{2, 0}, {2, 0}}},
	{"Sequelize 6", "`version: true`, `save()`", "version", "", [2]known{{11, 0}, {6, 0}}},
	{"Sequelize 6", "`findOrCreate()` without a unique index", "create", "", [2]known{{32, 30}, {20, 18}}},
	{"Sequelize 6", "`findOrCreate()` on a primary key", "unique", "", [2]known{{22, 0}, {14, 0}}},

	{"TypeORM 0.3", "`findOne()`, `save()`", "save", "", [2]known{{50, 48}, {50, 48}}},
	{"TypeORM 0.3", "the same in `transaction()`", "tx", "", [2]known{{50, 48}, {50, 48}}},
	{"TypeORM 0.3", "the same", "tx", repeatable, [2]known{{50, 0}, {50, 48}}},
	{"TypeORM 0.3", "the same", "tx", serializable, [2]known{{50, 0}, {40, 0}}},
	{"TypeORM 0.3", "`pessimistic_write`, `save()` in `transaction()`", "lock", "", [2]known{{8, 0}, {8, 0}}},
	{"TypeORM 0.3", "`decrement()`", "add", "", [2]known{{2, 0}, {2, 0}}},
	{"TypeORM 0.3", "`version: true`, `save()` (it does not compare the version)", "version", "", [2]known{{50, 48}, {92, 90}}},

	{"Knex 3", "`first()`, `update()`", "save", "", [2]known{{6, 4}, {6, 4}}},
	{"Knex 3", "the same in `transaction()`", "tx", "", [2]known{{14, 12}, {14, 12}}},
	{"Knex 3", "the same", "tx", repeatable, [2]known{{14, 0}, {14, 12}}},
	{"Knex 3", "`forUpdate()`, `update()` in `transaction()`", "lock", "", [2]known{{6, 0}, {6, 0}}},
	{"Knex 3", "`decrement()`", "add", "", [2]known{{2, 0}, {2, 0}}},
	{"Knex 3", "`first()`, then `insert()`", "create", "", [2]known{{6, 4}, {6, 4}}},
	{"Knex 3", "`insert().onConflict().merge()`", "merge", "", [2]known{{2, 0}, {2, 0}}},

	{"SQLAlchemy 1.4", "`get()`, change, `commit()`", "save", "", [2]known{{14, 12}, {52, 42}}},
	{"SQLAlchemy 1.4", "the same", "save", repeatable, [2]known{{14, 0}, {80, 70}}},
	{"SQLAlchemy 1.4", "the same", "save", serializable, [2]known{{14, 0}, {66, 0}}},
	{"SQLAlchemy 1.4", "`get(with_for_update=True)`, change, `commit()`", "lock", "", [2]known{{6, 0}, {26, 0}}},
	{"SQLAlchemy 1.4", "`version_id_col`, change, `commit()`", "version", "", [2]known{{14, 0}, {52, 0}}},
	{"SQLAlchemy 1.4", "`update().values(stock=Item.stock - n)`", "add", "", [2]known{{4, 0}, {14, 0}}},
	{"SQLAlchemy 1.4", "`select()`, then `add()`", "create", "", [2]known{{20, 18}, {68, 60}}},
	{"SQLAlchemy 1.4", "`select()`, then `add()` on a primary key", "unique", "", [2]known{{14, 0}, {50, 0}}},

	{"ActiveRecord 6.1", "`find`, `save!`", "save", "", [2]known{{14, 12}, {14, 12}}},
	{"ActiveRecord 6.1", "the same in `transaction`", "tx", "", [2]known{{14, 12}, {14, 12}}},
	{"ActiveRecord 6.1", "the same", "tx", repeatable, [2]known{{14, 0}, {14, 12}}},
	{"ActiveRecord 6.1", "`lock.find`, `save!` in `transaction`", "lock", "", [2]known{{6, 0}, {6, 0}}},
	{"ActiveRecord 6.1", "`update_counters`", "add", "", [2]known{{2, 0}, {2, 0}}},
	{"ActiveRecord 6.1", "`lock_version`, `save!`", "version", "", [2]known{{14, 0}, {14, 0}}},
	{"ActiveRecord 6.1", "`find_or_create_by!` without a unique index", "create", "", [2]known{{20, 18}, {20, 18}}},
	{"ActiveRecord 6.1", "`validates_uniqueness_of`, `create!`", "validates", "", [2]known{{20, 18}, {20, 18}}},
	{"ActiveRecord 6.1", "`create_or_find_by!` on a primary key", "unique", "", [2]known{{4, 0}, {4, 0}}},
}

const wideHead = `
## More frameworks, on PostgreSQL and MariaDB

The same two requests, and the same rule. *Orders* are those that the ones which were walked stand for: what cannot matter to the other request
is no choice here. *Level* is what the transaction asks for; where it is empty, PostgreSQL's is read committed and MariaDB's repeatable read. *Refused* counts
the orders that were walked in which a request was refused, the state as if it had never run. Sequelize opens connections to PostgreSQL while it is
explored, which adds statements: its numbers of orders may differ elsewhere.

| framework | idiom | store | level | orders | not serial | refused | the shortest |
|---|---|---|---|--:|--:|--:|---|
`

// wideTable explores each idiom on both stores and adds the table to b. It
// returns how many rows are not as expected. Only rows that name the filter are
// run, and then nothing is expected to be complete.
func wideTable(tussle, dir, only string, b *bytes.Buffer) (wrong, count int, err error) {
	ctx := context.Background()
	pg, err := postgres.Start(ctx, postgres.Options{Sync: postgres.Off, Settings: map[string]string{"deadlock_timeout": "100ms"}})
	if err != nil {
		return 0, 0, err
	}
	defer pg.Stop()
	maria, err := mariadb.Start(ctx, mariadb.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer maria.Stop()
	b.WriteString(wideHead)
	for _, r := range wideRows {
		if !strings.Contains(r.framework, only) {
			continue
		}
		f := frameworks[r.framework]
		for i, dsn := range []string{pg.DSN, maria.DSN} {
			x, took, err := explore(tussle, dir, app{command: f.command, path: r.path, store: stores[i].kind, dsn: dsn,
				env: map[string]string{"FRAMEWORK": f.env, "ISOLATION": r.level}})
			if err != nil {
				return 0, 0, err
			}
			count++
			fmt.Fprintf(os.Stderr, "%s: %s %s on %s: %d orders, %d not serial, %d refused, %s, %v\n",
				r.framework, r.idiom, r.level, stores[i].name, x.StandFor, x.NotSerialOf, x.Refused, x.Verdict, took)
			if want := r.want[i]; x.StandFor != want.orders || x.NotSerialOf != want.odd || !x.Complete {
				fmt.Fprintf(os.Stderr, "  expected %d orders, %d not serial; %s\n", want.orders, want.odd, x.Sentence)
				wrong++
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %d | **%d** | %d | %s |\n", r.framework, r.idiom, stores[i].name, strings.ToLower(r.level), x.StandFor, x.NotSerialOf, x.Refused, shortest(x))
		}
	}
	return wrong, count, nil
}
