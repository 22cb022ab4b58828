package report

import (
	"testing"
	"time"

	"tussle/report/internal/samples"
	"tussle/report/internal/virtual"
	"tussle/report/model"
)

// million is a run of about a million requests.
func million(b testing.TB) []byte {
	load := virtual.Load{Keys: 8, Clients: 32, Repeat: 6, Duration: 4300 * time.Millisecond, Delay: 500 * time.Microsecond,
		Think: time.Millisecond, Pause: time.Millisecond, ReadShare: 0.2, Seed: 1, Details: true,
		Strategies: []virtual.Strategy{
			{Name: "optimistic", Locking: "optimistic", Promises: []string{"no-lost-update"}},
			{Name: "pessimistic", Locking: "pessimistic", Promises: []string{"no-lost-update"}},
			{Name: "last-write-wins", Locking: "none"},
		}}
	return samples.Recorded(b, load)
}

// BenchmarkBuild reads, judges and measures a million requests.
func BenchmarkBuild(b *testing.B) {
	file := million(b)
	var r *model.Report
	for b.Loop() {
		r = built(b, file)
	}
	var n int64
	for _, s := range r.Strategies {
		n += s.Requests
	}
	b.ReportMetric(float64(n), "requests")
	b.ReportMetric(float64(len(file)), "file-bytes")
}
