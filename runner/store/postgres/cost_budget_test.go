//go:build unix && !race

package postgres

import (
	"sort"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestCostBudget measures what a passive relay adds to a statement: the
// difference of the medians, direct and through the relay taking turns.
func TestCostBudget(t *testing.T) {
	r := relay(t)
	ctx := t.Context()
	through := connect(t, r, "unnamed")
	config := try[*pgx.ConnConfig](t)(pgx.ParseConfig(server.DSN))
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	direct := try[*pgx.Conn](t)(pgx.ConnectConfig(ctx, config))
	defer direct.Close(ctx)
	times := [2][]time.Duration{}
	for range 3000 {
		for i, c := range []*pgx.Conn{direct, through} {
			begun := time.Now()
			var n int
			if err := c.QueryRow(ctx, "select $1::int", 7).Scan(&n); err != nil {
				t.Fatal(err)
			}
			times[i] = append(times[i], time.Since(begun))
		}
	}
	for i := range times {
		sort.Slice(times[i], func(a, b int) bool { return times[i][a] < times[i][b] })
	}
	median := func(i int) time.Duration { return times[i][len(times[i])/2] }
	t.Logf("median of a statement: %v direct, %v through the relay, %v more", median(0), median(1), median(1)-median(0))
}
