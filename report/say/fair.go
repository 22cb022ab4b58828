package say

import (
	"fmt"
	"strings"

	"tussle/report/measure"
	"tussle/report/model"
)

// Fair says what a reader must know before believing a comparison: how each
// strategy tries again, what its time to commit consists of, who does less
// work an operation, and where tussle's own default of the back-off decides.
func Fair(r *model.Report) []string {
	var out []string
	for i := range r.Strategies {
		s := &r.Strategies[i]
		text := Visible(s.Name, CutName) + ": "
		if s.Retry != "" {
			text += "retry " + Visible(s.Retry, CutText)
		} else {
			text += "no retry"
		}
		if p := s.CommitParts; p != nil {
			text += "; mean time to commit " + parts(p)
		}
		out = append(out, text)
	}
	if len(r.Strategies) < 2 {
		return out
	}
	out = append(out, lessWork(r)...)
	if text := defaultBackOff(r); text != "" {
		out = append(out, text)
	}
	return out
}

// parts writes a sum: "14.2 ms = server 3.1 + think 2 + back-off 9.1".
func parts(p *measure.Parts) string {
	var sum float64
	var out []string
	for _, x := range []struct {
		name string
		v    *float64
	}{{"server", p.Server}, {"think", p.Think}, {"back-off", p.BackOff}, {"wait to start", p.Wait}} {
		if x.v != nil && *x.v > 0 {
			sum += *x.v
			out = append(out, x.name+" "+Figure(x.v))
		}
	}
	return Figure(&sum) + " ms = " + strings.Join(out, " + ")
}

// lessWork names strategies that do without a read what others do with one:
// one request and no thinking.
func lessWork(r *model.Report) []string {
	reads := func(s *model.Strategy) bool {
		for _, m := range s.Anatomy.Matrix {
			if m.Step == "read" {
				return true
			}
		}
		return false
	}
	any := false
	for i := range r.Strategies {
		any = any || reads(&r.Strategies[i]) && r.Strategies[i].Locking != "server-side"
	}
	var out []string
	for i := range r.Strategies {
		if s := &r.Strategies[i]; any && s.Locking == "server-side" {
			out = append(out, Visible(s.Name, CutName)+" does less per operation: one request and no think time, where others read, think and write")
		}
	}
	return out
}

// backOffShare is the part of the time to commit from which on the back-off is
// named when optimistic locking lost with the default policy.
const backOffShare = 0.2

// defaultBackOff speaks up where optimistic locking was slower than
// pessimistic while it waited by tussle's own default policy.
func defaultBackOff(r *model.Report) string {
	for i := range r.Strategies {
		opt := &r.Strategies[i]
		p := opt.CommitParts
		if opt.Locking != "optimistic" || !opt.RetryDefault || p == nil || p.BackOff == nil || *p.BackOff == 0 {
			continue
		}
		share := *p.BackOff / (*p.BackOff + *orZero(p.Server) + *orZero(p.Think) + *orZero(p.Wait))
		for j := range r.Strategies {
			if pes := &r.Strategies[j]; pes.Locking == "pessimistic" && share >= backOffShare && slower(r, opt, pes) {
				return fmt.Sprintf("%s spends %s of its time to commit in tussle's default back-off (%s): try a shorter one, such as --set strategy.%s.retry.cap=10ms, before you conclude that %s is faster",
					Visible(opt.Name, CutName), Share(share), Visible(opt.Retry, CutText), Visible(opt.Name, CutName), Visible(pes.Name, CutName))
			}
		}
	}
	return ""
}

func orZero(v *float64) *float64 {
	if v == nil {
		return new(float64)
	}
	return v
}

// slower reports whether a had significantly less goodput than b.
func slower(r *model.Report, a, b *model.Strategy) bool {
	for _, c := range r.Comparisons {
		if c.Metric == model.Goodput && (c.Base == a.Name && c.Head == b.Name && c.Verdict == measure.Better || c.Base == b.Name && c.Head == a.Name && c.Verdict == measure.Worse) {
			return true
		}
	}
	return false
}
