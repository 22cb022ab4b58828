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

// Whatever the text, it is taken apart without an end.
func FuzzKindOf(f *testing.F) {
	f.Add("select 'a' from \"b\" /* c */ -- d\n where e = $1")
	f.Fuzz(func(t *testing.T, text string) {
		if k := KindOf([]string{text}); k < Silent || k > Changes {
			t.Errorf("%q is %d", text, k)
		}
	})
}
