//go:build unix

package explore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"tussle/report/check"
	"tussle/runner/explore"
)

// statement is one statement of a transaction: what it reads is told to the client,
// as one number.
type statement struct {
	sql   string
	reads bool
}

const (
	readX = "select n from items where id = $1"
	readY = "select n from firsts where item = $1"
	count = "select count(*) from orders where item = $1"
)

// transaction runs statements; $2 is the request's own number, added to what
// was read last where adds is set.
func transaction(level string, rollback bool, of func(n int) []statement) idiom {
	return func(ctx context.Context, c *pgx.Conn, key string, n int) (told int, err error) {
		tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.TxIsoLevel(level)})
		if err != nil {
			return 0, err
		}
		sum := 0
		for _, s := range of(n) {
			if s.reads {
				var v int
				if err := tx.QueryRow(ctx, s.sql, key).Scan(&v); err != nil {
					return 0, errors.Join(err, tx.Rollback(ctx))
				}
				told, sum = told*100+v, sum+v
				continue
			}
			if _, err := tx.Exec(ctx, s.sql, key, sum+n); err != nil {
				return 0, errors.Join(err, tx.Rollback(ctx))
			}
		}
		if rollback && n == 3 {
			return told, tx.Rollback(ctx)
		}
		return told, tx.Commit(ctx)
	}
}

func set(sql ...string) (out []statement) {
	for _, s := range sql {
		out = append(out, statement{s, len(s) > 6 && s[:6] == "select"})
	}
	return out
}

// The anomalies of https://github.com/ept/hermitage come out as PostgreSQL
// documents its levels: which of them a level lets through.
func TestHermitage(t *testing.T) {
	const (
		writeX = "update items set n = $2 where id = $1"
		writeY = "update firsts set n = $2 where item = $1"
		insert = "insert into orders(item, n) values ($1, $2)"
	)
	both := func(list []statement) func(int) []statement { return func(int) []statement { return list } }
	each := func(a, b []statement) func(int) []statement {
		return func(n int) []statement {
			if n == 3 {
				return a
			}
			return b
		}
	}
	yes, no := check.Violated, check.Holds
	for _, row := range []struct {
		name     string
		rollback bool
		of       func(int) []statement
		want     [3]check.Verdict // read committed, repeatable read, serializable
	}{
		{"G0 dirty write", false, both(set(writeX, writeY)), [3]check.Verdict{no, no, no}},
		{"G1a aborted read", true, each(set(writeX), set(readX, readX)), [3]check.Verdict{no, no, no}},
		{"G1b intermediate read", false, each(set("update items set n = 1 + 0 * $2::int where id = $1", writeX), set(readX)), [3]check.Verdict{no, no, no}},
		{"PMP phantom", false, each(set(insert), set(count, count)), [3]check.Verdict{yes, no, no}},
		{"P4 lost update", false, both(set(readX, writeX)), [3]check.Verdict{yes, no, no}},
		{"G-single read skew", false, each(set(writeX, writeY), set(readX, readY)), [3]check.Verdict{yes, no, no}},
		{"G2-item write skew", false, each(set(readX, readY, writeX), set(readX, readY, writeY)), [3]check.Verdict{yes, yes, no}},
		{"G2 write skew by a predicate", false, both(set(count, insert)), [3]check.Verdict{yes, yes, no}},
	} {
		for i, level := range []string{"read committed", "repeatable read", "serializable"} {
			idioms["hermitage"] = transaction(level, row.rollback, row.of)
			x, _ := explored(t, "hermitage", "crossed", 4, explore.Options{})
			if x.Verdict != row.want[i] || !x.Complete {
				t.Errorf("%s at %s is %s, want %s: %s", row.name, level, x.Verdict, row.want[i], x.Sentence)
			}
		}
	}
}
