package page

import (
	"fmt"
	"slices"
	"strings"

	"tussle/report/model"
	"tussle/report/say"
	"tussle/report/svg"
)

// spentKinds orders the ways in which requests are spent; the first two and
// plain reads are useful work.
var spentKinds = []string{"committed first try", "committed after retry", "conflict then retried", "gave up", "lock wait", "reads", "errors", "unknown"}

// spentPicture shows where the requests went.
func spentPicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "requests", Question: "Of all requests sent, how many did useful work?",
		Table: Table{Caption: "Requests by what became of them", Head: []string{"strategy"}}}
	sent := map[string]int64{}
	all := slices.Clone(spentKinds)
	for i := range r.Strategies {
		for _, sh := range r.Strategies[i].Anatomy.Spent {
			sent[sh.Name] += sh.N
			if !slices.Contains(all, sh.Name) {
				all = append(all, sh.Name)
			}
		}
	}
	var kinds []svg.Kind
	for k, name := range all {
		if sent[name] > 0 {
			kinds = append(kinds, svg.Kind{Name: say.Visible(name, say.CutName), Fill: k})
			p.Table.Head = append(p.Table.Head, say.Visible(name, say.CutName))
		}
	}
	var bars []svg.StackRow
	var answers []string
	for i := range r.Strategies {
		s := &r.Strategies[i]
		bar := svg.StackRow{Name: label(s)}
		cells := []string{label(s)}
		var total, useful int64
		for _, sh := range s.Anatomy.Spent {
			total += sh.N
			if strings.HasPrefix(sh.Name, "committed") || sh.Name == "reads" {
				useful += sh.N
			}
		}
		for k, name := range all {
			if sent[name] == 0 {
				continue
			}
			var n int64
			for _, sh := range s.Anatomy.Spent {
				if sh.Name == name {
					n += sh.N
				}
			}
			bar.Parts = append(bar.Parts, svg.Part{N: float64(n), Fill: k})
			cells = append(cells, say.Count(n)+" ("+say.Share(float64(n)/float64(max(total, 1)))+")")
		}
		if total > 0 && model.Clean(s) {
			answers = append(answers, fmt.Sprintf("%s %s", say.Visible(s.Name, say.CutName), say.Share(float64(useful)/float64(total))))
		} else if total > 0 {
			answers = append(answers, fmt.Sprintf("%s cannot tell, since it %s", say.Visible(s.Name, say.CutName), say.Harm(model.Broken(s)[0])))
		}
		bars = append(bars, bar)
		p.Table.Rows = append(p.Table.Rows, cells)
	}
	p.Answer = "Requests that led to a commit, or were plain reads: " + strings.Join(answers, ", ") + "."
	p.draw = func(f svg.Frame) string { return svg.Stack{Frame: f, Rows: bars, Kinds: kinds}.Render() }
	return p, len(answers) > 0
}

// attemptsPicture shows how many attempts a commit took.
func attemptsPicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "attempts", Question: "How many attempts does one commit take?",
		Table: Table{Caption: "Committed operations by number of attempts", Head: []string{"attempts"}}}
	labels := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"}
	for _, l := range labels {
		p.Table.Rows = append(p.Table.Rows, []string{l})
	}
	var groups []svg.Group
	var answers []string
	for i := range r.Strategies {
		s := &r.Strategies[i]
		var total int64
		for _, n := range s.Anatomy.Attempts {
			total += n
		}
		p.Table.Head = append(p.Table.Head, label(s))
		g := svg.Group{Name: label(s), Look: i, Note: "no commits"}
		for k := range labels {
			var n int64
			if k < len(s.Anatomy.Attempts) {
				n = s.Anatomy.Attempts[k]
			}
			p.Table.Rows[k] = append(p.Table.Rows[k], say.Count(n))
			if total > 0 {
				g.Shares = append(g.Shares, float64(n)/float64(total))
			}
		}
		if total > 0 {
			g.Note = say.Share(g.Shares[0]) + " at the first"
			answers = append(answers, fmt.Sprintf("%s %s", say.Visible(s.Name, say.CutName), say.Share(g.Shares[0])))
		}
		groups = append(groups, g)
	}
	p.Answer = "Committed at the first attempt: " + strings.Join(answers, ", ") + "."
	p.draw = func(f svg.Frame) string {
		return svg.Columns{Frame: f, XTitle: "attempts", Labels: labels, Groups: groups}.Render()
	}
	return p, len(answers) > 0
}

// fairnessPicture shows how the commits spread over the clients: Lorenz's
// curve, or with few clients each client's share.
func fairnessPicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "fairness", Question: "Does every client get its turn?",
		Table: Table{Caption: "Commits of each client, from least to most", Head: []string{"strategy", "least", "median", "most", "clients", "Jain"}}}
	var answers []string
	clients := 0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		n := len(s.Anatomy.PerClient)
		if n == 0 {
			continue
		}
		clients = max(clients, n)
		c := slices.Clone(s.Anatomy.PerClient)
		slices.Sort(c)
		p.Table.Rows = append(p.Table.Rows, []string{label(s), say.Count(c[0]), say.Count(c[n/2]), say.Count(c[n-1]), say.Count(int64(n)), say.Jain(s.Fairness)})
		answers = append(answers, fmt.Sprintf("%s from %s to %s commits a client", say.Visible(s.Name, say.CutName), say.Count(c[0]), say.Count(c[n-1])))
	}
	p.Answer = strings.Join(answers, "; ") + ". Jain's index is 1 when all get the same."
	if clients >= 8 {
		p.draw = func(f svg.Frame) string { return lorenz(r, f) }
	} else {
		p.draw = func(f svg.Frame) string { return perClient(r, f, clients) }
	}
	return p, clients > 1
}

func lorenz(r *model.Report, f svg.Frame) string {
	panel := svg.Panel{Title: "share of the commits that these clients got", Percent: true, Height: 210, Max: 1,
		Series: []svg.Series{{Name: "all the same", Look: -1, Points: []svg.Point{{X: 0, Y: 0}, {X: 100, Y: 1}}}}}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		c := slices.Clone(s.Anatomy.PerClient)
		slices.Sort(c)
		var total, sum int64
		for _, n := range c {
			total += n
		}
		if total == 0 {
			continue
		}
		l := svg.Series{Name: label(s), Look: i, Points: []svg.Point{{X: 0, Y: 0}}}
		for k, n := range c {
			sum += n
			l.Points = append(l.Points, svg.Point{X: 100 * float64(k+1) / float64(len(c)), Y: float64(sum) / float64(total)})
		}
		panel.Series = append(panel.Series, l)
	}
	return svg.Lines{Frame: f, XTitle: "clients, from fewest commits to most, %", Panels: []svg.Panel{panel}, RowsAt: []float64{}}.Render()
}

func perClient(r *model.Report, f svg.Frame, clients int) string {
	var labels []string
	for k := range clients {
		labels = append(labels, fmt.Sprint(k))
	}
	var groups []svg.Group
	for i := range r.Strategies {
		s := &r.Strategies[i]
		var total int64
		for _, n := range s.Anatomy.PerClient {
			total += n
		}
		g := svg.Group{Name: label(s), Look: i, Note: "share of the commits"}
		for _, n := range s.Anatomy.PerClient {
			g.Shares = append(g.Shares, float64(n)/float64(max(total, 1)))
		}
		groups = append(groups, g)
	}
	return svg.Columns{Frame: f, XTitle: "client", Labels: labels, Groups: groups}.Render()
}
