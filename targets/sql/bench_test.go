//go:build linux

package sql

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// One hot row and 16 clients: what an atomic +1 costs the service and what it
// costs PostgreSQL, in CPU time. With TUSSLE_TEST_PROFILE=FILE the service
// writes a CPU profile, which tells HTTP from the driver:
//
//	TUSSLE_TEST_PROFILE=/tmp/cpu go test -run - -bench Atomic -benchtime 20000x ./targets/sql
//	go tool pprof -top -focus 'targets/sql' /tmp/cpu
func BenchmarkAtomicOnPostgres(b *testing.B) {
	options := onPostgres(b, nil)
	c, pid := spawned(b, options)
	c.put("atomic", "hot", "0")
	postmaster := postmaster(b)
	service, database := cpu(b, func(p, _ int) bool { return p == pid }), cpu(b, func(p, parent int) bool { return p == postmaster || parent == postmaster })
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 16 {
		mine := c.apart()
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				mine.expect(200, "", mine.do("POST /atomic/items/hot/add", `{"amount":1,"tag":"t"}`))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	service = cpu(b, func(p, _ int) bool { return p == pid }) - service
	database = cpu(b, func(p, parent int) bool { return p == postmaster || parent == postmaster }) - database
	b.ReportMetric(service/float64(b.N), "service-us/op")
	b.ReportMetric(database/float64(b.N), "postgres-us/op")
	runtime.KeepAlive(c)
}

// postmaster is the tests' PostgreSQL.
func postmaster(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(running(t).Dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// cpu sums the CPU time of the processes that match, in microseconds.
func cpu(t testing.TB, match func(pid, parent int) bool) float64 {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	ticks := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		var pid, parent, user, system int
		name, rest, ok := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 13 {
			t.Fatalf("%s: got %q", f, text)
		}
		for to, from := range map[*int]string{&pid: strings.Fields(name)[0], &parent: fields[1], &user: fields[11], &system: fields[12]} {
			if *to, err = strconv.Atoi(from); err != nil {
				t.Fatal(fmt.Errorf("%s: %w", f, err))
			}
		}
		if match(pid, parent) {
			ticks += user + system
		}
	}
	return float64(ticks) * 10_000 // USER_HZ is 100
}
