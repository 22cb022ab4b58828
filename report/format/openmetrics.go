package format

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"tussle/report/model"
	"tussle/report/page"
)

// writeOpenMetrics writes every figure as a gauge in the OpenMetrics text
// format. Values have three significant digits: GitLab's metrics report
// compares them as text and would show every run as changed. Counts stay
// whole. A figure that the sample does not support is left out.
func writeOpenMetrics(w io.Writer, r *model.Report, _ Options) error {
	b := bufio.NewWriter(w)
	all := append(page.VerdictItems(r), page.Items(r)...)
	done := map[string]bool{}
	for _, f := range all {
		if done[f.Name] {
			continue
		}
		done[f.Name] = true
		name, scale, help := omName(f.Name)
		fmt.Fprintf(b, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help)
		seen := map[string]bool{}
		for _, g := range all {
			if g.Name != f.Name || g.Value == nil || math.IsNaN(*g.Value) || math.IsInf(*g.Value, 0) {
				continue
			}
			labels := omLabels(r, g.Labels)
			if seen[labels] { // a name cut short may come twice; a sample may not
				continue
			}
			seen[labels] = true
			fmt.Fprintf(b, "%s%s %s\n", name, labels, rounded(*g.Value*scale))
		}
	}
	b.WriteString("# EOF\n")
	return b.Flush()
}

// omName names a figure by Prometheus' rules: base units, no "_ms".
func omName(name string) (full string, scale float64, help string) {
	help = strings.ReplaceAll(name, "_", " ")
	switch {
	case strings.HasSuffix(name, "_ms"):
		return "tussle_" + strings.TrimSuffix(name, "_ms") + "_seconds", 1e-3, strings.TrimSuffix(help, " ms") + " in seconds"
	case strings.Contains(name, "_ms_count"):
		return "tussle_" + strings.Replace(name, "_ms_count", "_sample_size", 1), 1, strings.Replace(help, " ms count", " sample size", 1)
	case strings.Contains(name, "_per_s"):
		return "tussle_" + strings.Replace(name, "_per_s", "_per_second", 1), 1, strings.Replace(help, " per s", " per second", 1)
	case strings.HasSuffix(name, "_rate"):
		return "tussle_" + strings.TrimSuffix(name, "_rate") + "_ratio", 1, help + ", 0 to 1"
	}
	return "tussle_" + name, 1, help
}

func omLabels(r *model.Report, pairs []string) string {
	out := []string{"scenario=" + omLabel(r.Scenario.Name)}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pairs[i]+"="+omLabel(pairs[i+1]))
	}
	return "{" + strings.Join(out, ",") + "}"
}

func rounded(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	digits, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return "0"
	}
	return strconv.FormatFloat(digits, 'f', -1, 64)
}
