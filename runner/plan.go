package runner

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"tussle/history"
	"tussle/runner/draw"
	"tussle/runner/fault"
	"tussle/runner/retry"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// stretch is one block as planned.
type stretch struct {
	strategy, repeat, point int
	at                      float64            // swept value
	workload                scenarios.Workload // as swept
	load                    scenarios.LoadPlan
}

// stretches orders the blocks: strategies A B C, then C B A, so that a slow
// drift of the machine meets all of them alike; sweep points likewise run up
// and down.
func stretches(s *scenarios.Scenario) []stretch {
	points := sweepPoints(s)
	var out []stretch
	for r := range s.Load.Repeat {
		for i := range points {
			p := i
			if r%2 == 1 {
				p = len(points) - 1 - i
			}
			for j := range s.Strategies {
				k := j
				if (r+i)%2 == 1 {
					k = len(s.Strategies) - 1 - j
				}
				b := points[p]
				b.strategy, b.repeat, b.point = k, r, p
				out = append(out, b)
			}
		}
	}
	return out
}

// sweepPoints returns the workload and load of each swept value; one point
// without a sweep.
func sweepPoints(s *scenarios.Scenario) []stretch {
	base := stretch{workload: s.Workload, load: s.Load}
	if !s.SweepOn {
		return []stretch{base}
	}
	var out []stretch
	add := func(at float64, change func(*stretch)) {
		b := base
		b.at = at
		change(&b)
		out = append(out, b)
	}
	for _, n := range s.Sweep.Clients {
		add(float64(n), func(b *stretch) { b.load.Clients = n })
	}
	for _, n := range s.Sweep.Keys {
		add(float64(n), func(b *stretch) { b.workload.Keys = n })
	}
	for i, k := range s.Sweep.Skew {
		at := k.A
		if k.Kind != "zipf" {
			at = float64(i)
		}
		add(at, func(b *stretch) { b.workload.Skew = k })
	}
	for _, t := range s.Sweep.Think {
		add(float64(t.A)/float64(time.Millisecond), func(b *stretch) { b.workload.Think = t })
	}
	for _, r := range s.Sweep.Rate {
		add(r.Mean, func(b *stretch) { b.load.Rate = r })
	}
	if out == nil {
		return []stretch{base}
	}
	return out
}

func planSweep(s *scenarios.Scenario) *history.PlanSweep {
	if !s.SweepOn {
		return nil
	}
	p := &history.PlanSweep{}
	label := func(parameter, text string) {
		p.Parameter = parameter
		p.Labels = append(p.Labels, text)
	}
	for _, n := range s.Sweep.Clients {
		label("clients", strconv.Itoa(n))
	}
	for _, n := range s.Sweep.Keys {
		label("keys", strconv.Itoa(n))
	}
	for _, k := range s.Sweep.Skew {
		label("skew", k.Text)
	}
	for _, t := range s.Sweep.Think {
		label("think", t.Text)
	}
	for _, r := range s.Sweep.Rate {
		label("rate", r.Text)
	}
	for _, pt := range sweepPoints(s) {
		p.Values = append(p.Values, pt.at)
	}
	return p
}

// plan turns a scenario into the plan that the history carries.
func plan(s *scenarios.Scenario, speak []*spoken) history.Plan {
	w, l := s.Workload, s.Load
	p := history.Plan{
		Scenario: s.Name, Description: s.Description, File: s.File, Text: s.Text, SHA256: s.SHA256,
		Overrides: slices.Clone(s.Overrides), Seed: s.Seed, Sweep: planSweep(s),
		Workload: history.PlanWorkload{Kind: w.Kind, Keys: w.Keys, Skew: w.Skew.Text, Think: w.Think.Text, Pause: w.Pause.Text,
			ReadShare: w.ReadShare, Initial: w.Initial, Floor: w.Floor, Ceiling: w.Ceiling},
		Load: history.PlanLoad{Clients: l.Clients, Rate: l.Rate.Text, Burst: l.Burst,
			Duration: int64(l.Duration), Warmup: int64(l.Warmup), Repeat: l.Repeat},
	}
	for i, st := range s.Strategies {
		p.Strategies = append(p.Strategies, history.PlanStrategy{
			Name: st.Name, Locking: st.Locking, Inside: st.Inside, Dialect: st.Dialect, Retry: speak[i].retry.String(), RetryDefault: st.Retry.Default, Promises: st.Promises,
			Identify: speak[i].identify, Fencing: speak[i].fencing, LeaseTTL: int64(speak[i].ttl), Options: st.Target, Rejects: rejects(st.Outcomes),
			CreatesTold: speak[i].speak.TellsCreates(), Requests: speak[i].speak.Requests(),
		})
	}
	schema := s.Schema(false)
	for i := range s.Operations {
		p.Operations = append(p.Operations, history.PlanOperation{Name: s.Operations[i].Name, Captures: schema.Operations[s.Operations[i].Name]})
	}
	for i := range s.Observes {
		o := &s.Observes[i]
		p.Observations = append(p.Observations, history.PlanObservation{Name: o.Name, Captures: slices.Sorted(maps.Keys(o.Capture)),
			Items: o.Items != "", Beside: o.Every > 0, Lag: int64(o.Lag)})
	}
	for _, v := range s.Invariants {
		p.Invariants = append(p.Invariants, history.PlanInvariant{Name: v.Name, Expr: v.Expr, All: v.Over == "all"})
	}
	for _, t := range s.Thresholds {
		p.Thresholds = append(p.Thresholds, history.PlanThreshold(t))
	}
	for _, f := range s.Faults {
		minimum := int64(1)
		if f.Min != nil {
			minimum = *f.Min
		}
		p.Faults = append(p.Faults, history.PlanFault{Kind: f.Kind, Share: f.Share, Count: f.Count,
			From: int64(f.From), For: int64(f.For), Every: int64(f.Every), Min: minimum, Args: fault.Args(f)})
	}
	return p
}

// rejects are the statuses of answers that a rule calls rejected.
func rejects(rules []scenarios.Outcome) (ranges [][2]int) {
	for _, o := range rules {
		switch {
		case o.Class != string(history.Rejected):
		case len(o.Status) == 0:
			return [][2]int{{100, 599}}
		default:
			for _, s := range o.Status {
				ranges = append(ranges, [2]int{s.From, s.To})
			}
		}
	}
	return ranges
}

// tools makes what the clients of a block share.
func (b *stretch) tools(s *scenarios.Scenario, strategy int) (workload.Workload, retry.Policy, error) {
	wanted := b.workload
	wanted.Own = s.Strategies[strategy].Own
	w, err := workload.New(wanted, draw.Seed(s.Seed))
	if err != nil {
		return nil, nil, err
	}
	p, err := retry.New(s.Strategies[strategy].Retry)
	return w, p, err
}
