//go:build unix

package explore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"tussle/report/check"
	"tussle/runner/explore"
	"tussle/runner/fault"
	"tussle/scenarios"
)

// A target that does its work once more when the answer to its COMMIT was lost
// has done it twice; one that says that it failed has not, and one that asks
// whether it was done has done it once. A COMMIT that never came may be sent
// again.
func TestCommitsThatAreCut(t *testing.T) {
	take := func(ctx context.Context, c *pgx.Conn, key string, n int) (left int, err error) {
		err = pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			return tx.QueryRow(ctx, "update items set stock = stock - $2 where id = $1 returning stock", key, n).Scan(&left)
		})
		return left, err
	}
	idioms["gives up"] = take
	idioms["tries again"] = func(ctx context.Context, c *pgx.Conn, key string, n int) (int, error) {
		left, err := take(ctx, c, key, n)
		if err == nil || !c.IsClosed() {
			return left, err
		}
		other, err := pgx.ConnectConfig(ctx, c.Config())
		if err != nil {
			return 0, err
		}
		defer other.Close(ctx)
		return take(ctx, other, key, n)
	}
	for _, c := range []struct {
		idiom, kind, code string
		count             int
		want              check.Verdict
	}{
		{"gives up", "cut-after-commit", "", 1, check.Holds},
		{"tries again", "cut-after-commit", "", 1, check.Violated},
		{"gives up", "cut-before-commit", "", 1, check.Holds},
		{"tries again", "cut-before-commit", "", 1, check.Holds},
		{"gives up", "store-error", "40001", 1, check.Holds},
		{"tries again", "store-error", "57P01", 1, check.Holds},
	} {
		s := &scenarios.Scenario{Seed: 1, Strategies: []scenarios.Strategy{{Name: "it"}}, Load: scenarios.LoadPlan{Duration: 1 << 40},
			Faults: []scenarios.Fault{{Kind: c.kind, Code: c.code, Count: c.count}}}
		set, err := fault.New(s)
		if err != nil {
			t.Fatal(err)
		}
		x, orders := explored(t, c.idiom, "items", 6, explore.Options{Faults: set})
		n := set.Counts()[0]
		if x.Verdict != c.want || n.Injected < x.Orders || n.Effective != n.Injected {
			t.Errorf("%s, %s%s: %s, %+v in %d orders: %s", c.idiom, c.kind, c.code, x.Verdict, n, x.Orders, x.Sentence)
		}
		if c.kind == "cut-after-commit" {
			for i := range orders {
				for _, st := range orders[i].Statements {
					if strings.HasSuffix(st.Tag, "cut off") && orders[i].Role == "serial" {
						t.Error("a run one after the other is struck")
					}
				}
			}
		}
	}
}
