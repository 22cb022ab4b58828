package format

import (
	"bytes"
	"io"
	"math"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/history"
	"tussle/report"
	"tussle/report/internal/samples"
)

// Vegeta's own decoder and metrics read the export, and say what the report says.
func TestVegetaReadsTheExport(t *testing.T) {
	text := samples.Recorded(t, samples.FlashSale())
	hr, err := history.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Build(hr, "test")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range r.Strategies {
		hr, err := history.NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := WriteVegeta(&out, hr, ExportOptions{Strategy: s.Name}); err != nil {
			t.Fatal(err)
		}
		var m vegeta.Metrics
		var last time.Time
		dec := vegeta.NewJSONDecoder(&out)
		for seq := uint64(0); ; seq++ {
			var res vegeta.Result
			if err := dec.Decode(&res); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if res.Attack != s.Name || res.Seq != seq || res.Timestamp.Before(last) {
				t.Fatalf("%s: result %d of %q is out of order", s.Name, res.Seq, res.Attack)
			}
			last = res.Timestamp
			m.Add(&res)
		}
		m.Close()
		if int64(m.Requests) != s.Operations.Total || m.StatusCodes["200"] != int(s.Operations.Committed) {
			t.Errorf("strategy %d: vegeta counts %d and %d, the report %+v", i, m.Requests, m.StatusCodes["200"], s.Operations)
		}
		for name, pair := range map[string][2]float64{
			"p50": {float64(m.Latencies.P50) / 1e6, *s.TimeToCommit.P50},
			"p95": {float64(m.Latencies.P95) / 1e6, *s.TimeToCommit.P95},
			"max": {float64(m.Latencies.Max) / 1e6, *s.TimeToCommit.Max},
		} { // vegeta's percentiles are estimates of a t-digest
			if math.Abs(pair[0]-pair[1]) > 0.05*pair[1] {
				t.Errorf("strategy %d: %s is %.3f ms to vegeta, %.3f to the report", i, name, pair[0], pair[1])
			}
		}
	}
}

func TestExportOfStepsNamesThem(t *testing.T) {
	hr, err := history.NewReader(bytes.NewReader(samples.Recorded(t, samples.FlashSale())))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteVegeta(&out, hr, ExportOptions{Steps: true}); err != nil {
		t.Fatal(err)
	}
	attacks := map[string]int{}
	dec := vegeta.NewJSONDecoder(&out)
	for {
		var res vegeta.Result
		if dec.Decode(&res) != nil {
			break
		}
		attacks[res.Attack]++
	}
	for _, name := range []string{"optimistic/read", "optimistic/write", "pessimistic/lock", "last-write-wins/write"} {
		if attacks[name] == 0 {
			t.Errorf("no %s among %v", name, attacks)
		}
	}
	if err := WriteVegeta(io.Discard, hr, ExportOptions{Strategy: "nobody"}); err == nil {
		t.Error("a strategy that is not in the run was exported")
	}
}
