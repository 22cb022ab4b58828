package say

import (
	"fmt"
	"strings"

	"tussle/report/model"
)

// HowToRead explains each figure in words; docs/reading-a-report.md says more.
var HowToRead = []Section{
	{"The verdict of the run", "PASS: every promise held and every threshold was met. FAIL: a promise was violated or a threshold missed. INCONCLUSIVE: a promise was not exercised or could not be decided, or the load generator was too busy to be trusted. It is a verdict of the gate, not praise for the target."},
	{"The verdict of a strategy", "✔ holds: what it promises was tried hard enough and never broken. ✘ violated: the record contains requests that cannot all be right. ○ not-exercised: nothing could go wrong, for instance because no two operations overlapped on a key. ? undecided: the record does not decide it. – not-judged: it promises nothing. What is not promised is still checked and shown."},
	{"Commits/s (goodput)", "Committed operations a second; plain reads do not count. It is the median of the blocks, with its 95 % interval. A strategy that lost data keeps its figure, struck out: it did not do the same job."},
	{"vs base", "The first strategy is the base. A percentage stands only where a difference is claimed: the U test's p, Holm-corrected, is below 0.05 and the interval of the ratio lies outside the noise threshold. “~” means that no difference was detected, “≈” that it is below the noise threshold, “!” that the strategy broke something and is not compared."},
	{"Conflicts", "An attempt conflicts when one of its steps is refused because the version moved, the thing exists already, it is locked, something depends on it, or it could not be serialized. The rate is conflicting attempts of all attempts. A lock that waits has no conflicts: its cost is in the time."},
	{"p50, p95, p99, max", "Time to commit, from the intended start to the answer of the deciding write, all retries and waits included. p99 needs 100 operations and p99.9 needs 1,000; with fewer there is a dash."},
	{"Tries, gave up, Jain", "Tries: attempts a commit, on average. Gave up: operations that used up their retries. Jain's index says how evenly the commits spread over the clients: 1 is even, 1/n is one client taking all."},
	{"The pictures", "Each strategy keeps its colour, dash and marker everywhere. A hollow marker and a cross stand for a strategy that broke something. Bands and bars are 95 % intervals; shaded stretches are the windows of faults, or of a crossover. The table under a picture has the same figures."},
}

// Limits says what the reader must not conclude, given how it was run.
func Limits(r *model.Report) []string {
	out := []string{"“Holds” means that no violation was found in this record, not that none can happen.",
		"One machine, one network path, one run: other hardware, other latency and other data give other figures. Compare strategies inside one report; compare reports only from the same machine."}
	if l := r.Scenario.Load; l.Rate != "" {
		out = append(out, "Open load: operations start at their planned times however slow the target is. Time to commit counts from the planned start, so stalls are not hidden.")
	} else if l.Clients > 0 {
		out = append(out, "Closed load: a client starts its next operation only when the last one has ended. A slow target is therefore asked less often, and its worst times are seen less often than open traffic would see them.")
	}
	if n := model.Blocks(r); n < 6 {
		out = append(out, fmt.Sprintf("With %s a strategy there are no intervals, and no difference is claimed (6 are needed).", Plural(int64(n), "block")))
	}
	if len(r.Sweeps) == 0 {
		out = append(out, "One load only: whether the other strategy wins with more or fewer clients is not shown. A sweep shows it (tussle run --sweep).")
	}
	if r.Provenance.Target.Use != "" {
		out = append(out, "A built-in target was used: it shows what the strategies cost, not how your own API behaves.")
	}
	return out
}

// Provenance lists where the figures come from, as names and texts.
func Provenance(r *model.Report) [][2]string {
	p := r.Provenance
	var out [][2]string
	add := func(name string, parts ...string) {
		var kept []string
		for _, s := range parts {
			if s != "" {
				kept = append(kept, Visible(s, CutText))
			}
		}
		if len(kept) > 0 {
			out = append(out, [2]string{name, strings.Join(kept, ", ")})
		}
	}
	w, l := r.Scenario.Workload, r.Scenario.Load
	add("scenario", r.Scenario.Name, r.Scenario.Description)
	add("scenario SHA-256", r.Scenario.SHA256)
	add("seed", fmt.Sprint(r.Scenario.Seed))
	add("overrides", p.Overrides...)
	add("workload", w.Kind, Plural(int64(w.Keys), "key"), w.Skew, prefix("think ", w.Think), prefix("pause ", w.Pause), prefix("plain reads ", Share(w.ReadShare)))
	add("load", Plural(int64(l.Clients), "client"), prefix("rate ", l.Rate), prefix("burst ", l.Burst), "blocks of "+span(l.Duration), "warm-up "+span(l.Warmup)+" (checked, not measured)", Plural(int64(l.Repeat), "repeat"))
	for i := range r.Strategies {
		s := &r.Strategies[i]
		add("strategy "+Visible(s.Name, CutName), prefix("locking ", s.Locking), prefix("dialect ", s.Dialect), prefix("retry: ", s.Retry))
	}
	for _, f := range r.Scenario.Faults {
		window := "all the time"
		if f.From > 0 || f.For > 0 {
			window = "from " + span(f.From)
			if f.For > 0 {
				window += " for " + span(f.For)
			}
		}
		shareText := ""
		if f.Share > 0 {
			shareText = Share(f.Share) + " of the requests"
		}
		add("fault "+Visible(f.Kind, CutName), shareText, window)
	}
	add("order of the blocks", p.Order)
	add("target", p.Target.Use, p.Target.URL, p.Target.Version, strings.Join(p.Target.Command, " "))
	add("started", p.Start)
	add("ended", p.End)
	m := p.Machine
	add("machine", m.OS+"/"+m.Arch, Plural(int64(m.CPUs), "CPU"), m.CPU, m.Kernel, m.Go)
	add("run", p.Run)
	if p.Records > 0 {
		add("records in the history", Count(p.Records))
	}
	add("recorded by", r.RecordedBy)
	add("judged by", r.JudgedBy)
	return out
}

func prefix(lead, s string) string {
	if s == "" {
		return ""
	}
	return lead + s
}

// Command is the command line that gave the run, quoted for a shell.
func Command(r *model.Report) string {
	var out []string
	for _, a := range r.Provenance.Command {
		a = Visible(a, CutText)
		if a == "" || strings.ContainsAny(a, " \t\"'`$&|;<>()*?[]#~=%\\!{}") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

// ScenarioText keeps the lines of the scenario, each made inert.
func ScenarioText(r *model.Report) string {
	if r.Provenance.Text == "" {
		return ""
	}
	lines := strings.Split(r.Provenance.Text, "\n")
	for i, l := range lines {
		lines[i] = Visible(strings.ReplaceAll(l, "\t", "    "), CutText)
	}
	return strings.Join(model.First(lines, 300), "\n")
}

// Section is a title with a text below it.
type Section struct{ Title, Text string }

// Scope keeps two kinds of numbers apart that differ for the same strategy.
const Scope = "Figures are of the measured window only; verdicts are of everything recorded."
