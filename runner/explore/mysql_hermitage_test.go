//go:build unix

package explore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"tussle/report/check"
	"tussle/runner/explore"
)

// mariaTransaction runs statements; the request's own number, added to what was
// read, is the value of those that write.
func mariaTransaction(rollback bool, of func(n int) []statement) mariaIdiom {
	return func(ctx context.Context, c *sql.Conn, key string, n int) (told int, err error) {
		tx, err := c.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		sum := 0
		for _, s := range of(n) {
			if s.reads {
				var v int
				if err := tx.QueryRowContext(ctx, s.sql, key).Scan(&v); err != nil {
					return 0, errors.Join(err, tx.Rollback())
				}
				told, sum = told*100+v, sum+v
				continue
			}
			if _, err := tx.ExecContext(ctx, s.sql, sum+n, key); err != nil {
				return 0, errors.Join(err, tx.Rollback())
			}
		}
		if rollback && n == 3 {
			return told, tx.Rollback()
		}
		return told, tx.Commit()
	}
}

// The anomalies of https://github.com/ept/hermitage come out as InnoDB is known
// for: REPEATABLE READ lets lost updates and write skew through, unless
// innodb_snapshot_isolation refuses the former.
func TestHermitageOnMariaDB(t *testing.T) {
	const (
		readX  = "select n from items where id = ?"
		readY  = "select n from seconds where item = ?"
		count  = "select count(*) from orders where item = ?"
		writeX = "update items set n = ? where id = ?"
		writeY = "update seconds set n = ? where item = ?"
		insert = "insert into orders(n, item) values (?, ?)"
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
	levels := []map[string]string{
		{"tx_isolation": "'READ-UNCOMMITTED'"}, {"tx_isolation": "'READ-COMMITTED'"}, {"tx_isolation": "'REPEATABLE-READ'"},
		{"tx_isolation": "'REPEATABLE-READ'", "innodb_snapshot_isolation": "1"}, {"tx_isolation": "'SERIALIZABLE'"},
	}
	yes, no := check.Violated, check.Holds
	for _, row := range []struct {
		name     string
		rollback bool
		of       func(int) []statement
		want     [5]check.Verdict // of each level
	}{
		{"G0 dirty write", false, both(set(writeX, writeY)), [5]check.Verdict{no, no, no, no, no}},
		{"G1a aborted read", true, each(set(writeX), set(readX, readX)), [5]check.Verdict{yes, no, no, no, no}},
		{"G1b intermediate read", false, each(set("update items set n = 1 + 0 * ? where id = ?", writeX), set(readX)), [5]check.Verdict{yes, no, no, no, no}},
		{"PMP phantom", false, each(set(insert), set(count, count)), [5]check.Verdict{yes, yes, no, no, no}},
		{"P4 lost update", false, both(set(readX, writeX)), [5]check.Verdict{yes, yes, yes, no, no}},
		{"G-single read skew", false, each(set(writeX, writeY), set(readX, readY)), [5]check.Verdict{yes, yes, no, no, no}},
		{"G2-item write skew", false, each(set(readX, readY, writeX), set(readX, readY, writeY)), [5]check.Verdict{yes, yes, yes, yes, no}},
		{"G2 write skew by a predicate", false, both(set(count, insert)), [5]check.Verdict{yes, yes, yes, yes, no}},
	} {
		for i, level := range levels {
			x, _ := onMaria(t, "hermitage", level, mariaTransaction(row.rollback, row.of), explore.Options{})
			if x.Verdict != row.want[i] || !x.Complete {
				t.Errorf("%s at %v is %s, want %s: %s", row.name, level, x.Verdict, row.want[i], x.Sentence)
			}
		}
	}
}
