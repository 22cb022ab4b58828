package store

import "testing"

func TestKindOf(t *testing.T) {
	for text, want := range map[string]Kind{
		"":                                   Silent,
		"BEGIN":                              Silent,
		"begin isolation level serializable": Silent,
		"START TRANSACTION READ WRITE":       Silent,
		"SET TIME ZONE 'UTC'":                Silent,
		"SELECT 1":                           Silent,
		"select version()":                   Silent,
		"-- ping\nselect 1;":                 Silent,
		"SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = ns.oid WHERE typname = 'hstore'": Silent,

		"SELECT stock FROM items WHERE id = $1":                                                 Reads,
		`SELECT "items"."id", "items"."stock" FROM "items" WHERE "items"."id" = 'x for update'`: Reads,
		"select count(*), coalesce(max(n), 0) from orders":                                      Reads,
		"SELECT EXISTS (SELECT 1 FROM t WHERE a IN (1, 2))":                                     Reads,
		"/* traceparent='00-update' */ select a from t":                                         Reads,

		"SELECT stock FROM items WHERE id = $1 FOR UPDATE":        Changes,
		"SELECT stock FROM items WHERE id = 1 for  no key update": Changes,
		"select * from items for share":                           Changes,
		"select nextval('s')":                                     Changes,
		"select pg_advisory_xact_lock(1)":                         Changes,
		"select f(a) from t":                                      Changes,
		"select * from f()":                                       Changes,
		"select a into b from t":                                  Changes,
		"select a from t; update t set a = 1":                     Changes,
		`select E'\'' , a from t for update -- '`:                 Changes,
		"select $$'$$, a from t for update -- '":                  Changes,
		"with x as (delete from t returning 1) select * from x":   Changes,
		"update t set a = 1":                                      Changes,
		"commit":                                                  Changes,
		"rollback":                                                Changes,
		"rollback to savepoint s":                                 Changes,
		"set constraints all immediate":                           Changes,
		"prepare transaction 'x'":                                 Changes,
		"execute p":                                               Changes,
		"truncate t":                                              Changes,
	} {
		if got := KindOf([]string{text}); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
	if got := KindOf([]string{"BEGIN", "select a from t"}); got != Reads {
		t.Errorf("a batch is what its strongest statement is, got %d", got)
	}
	if got := KindOf(nil); got != Silent {
		t.Errorf("nothing is silent, got %d", got)
	}
}

func TestKindOfMySQL(t *testing.T) {
	for text, want := range map[string]Kind{
		"BEGIN":             Silent,
		"START TRANSACTION": Silent,
		"SET NAMES utf8mb4": Silent,
		"SET @@SESSION.sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')": Silent,
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED":            Silent,
		"SET autocommit=1":      Silent,
		"SELECT @@version, 1;":  Silent,
		"SELECT DATABASE()":     Silent,
		"SHOW VARIABLES":        Silent,
		"select 1 -- a comment": Silent,
		"SAVEPOINT s":           Silent,
		"select table_name from information_schema.tables": Silent,

		"START TRANSACTION WITH CONSISTENT SNAPSHOT":            Reads,
		"select `stock` from `items` where `id` = 'for update'": Reads,
		"select ifnull(sum(n), 0) from `orders`":                Reads,

		"select stock from items where id = 1 lock in share mode": Changes,
		"select stock from items where id = ? for update":         Changes,
		"select /*! sql_no_cache */ a from t":                     Changes,
		"select a from t # '\n for update":                        Changes,
		"select a from t where b = 5--1 for update":               Changes,
		"select get_lock('a', 5)":                                 Changes,
		"select release_lock('a')":                                Changes,
		"select sleep(1)":                                         Changes,
		"do release_lock('a')":                                    Changes,
		"select a into @x from t":                                 Changes,
		"set @x = (select max(a) from t)":                         Changes,
		"set @x = get_lock('a', 1)":                               Changes,
		"set global a = 1":                                        Changes,
		"lock tables t write":                                     Changes,
		"unlock tables":                                           Changes,
		"insert into t values (1) on duplicate key update a = a":  Changes,
		"replace into t values (1)":                               Changes,
		"call p()":                                                Changes,
		"execute p":                                               Changes,
		"commit":                                                  Changes,
	} {
		if got := KindOfMySQL([]string{text}, false); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"begin", "start transaction", "set autocommit = 1"} { // it commits what is open
		if got := KindOfMySQL([]string{text}, true); got != Changes {
			t.Errorf("in a transaction, %q is %d", text, got)
		}
	}
}

// Whatever the text, it is taken apart without an end.
func FuzzKindOf(f *testing.F) {
	f.Add("select 'a' from \"b\" /* c */ -- d\n where e = $1")
	f.Fuzz(func(t *testing.T, text string) {
		if k := KindOf([]string{text}); k < Silent || k > Changes {
			t.Errorf("%q is %d", text, k)
		}
		if k := KindOfMySQL([]string{text}, true); k < Silent || k > Changes {
			t.Errorf("%q is %d", text, k)
		}
	})
}
