package page

import (
	"slices"
	"strconv"
	"strings"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/say"
	"tussle/report/svg"
)

// OrderPicture draws an order of statements: a lane for each request, the
// database between them. Places tell the order, not the time: what counts is
// who came before whom.
func OrderPicture(x *check.Exploration, f *check.OrderFinding) Picture {
	p := Picture{Name: "order", Wide: true, Question: "In which order did it happen?", Answer: say.Visible(f.Sentence, 2*say.CutText), Table: OrderTable(f)}
	type span struct{ from, to float64 }
	spans := make([]span, len(f.Replies))
	for i := range spans {
		spans[i].from = -1
	}
	var middle []svg.Event
	for i, s := range f.Statements {
		if s.Of < 0 || s.Of >= len(spans) {
			continue
		}
		at := float64(i + 1)
		if spans[s.Of].from < 0 {
			spans[s.Of].from = at - 0.5
		}
		spans[s.Of].to = at + 0.5
		middle = append(middle, svg.Event{Lane: "database", From: at - 0.4, To: at + 0.4, Label: who(s.Of) + ": " + say.Visible(shortSQL(s.SQL), 60), Answer: outcome(&s)})
	}
	request := func(i int) []svg.Event {
		r := &f.Replies[i]
		status := "no answer"
		if r.Status != 0 {
			status = strconv.Itoa(r.Status)
		}
		return []svg.Event{{Lane: "request " + who(i), From: max(0, spans[i].from), To: spans[i].to, Label: say.Visible(string(r.Step), say.CutName), Answer: "→ " + status, Offends: true, Unanswered: r.Status == 0}}
	}
	events := append(request(0), middle...)
	for i := 1; i < len(f.Replies); i++ {
		events = append(events, request(i)...)
	}
	p.draw = func(fr svg.Frame) string { return svg.Lanes{Frame: fr, Events: events}.Render() }
	return p
}

// OrderTable lists the statements of an order.
func OrderTable(f *check.OrderFinding) Table {
	t := Table{Caption: "The statements in the order in which the database was sent them", Head: []string{"no.", "request", "statement", "the database", "connection"}}
	for i, s := range f.Statements {
		t.Rows = append(t.Rows, []string{say.Count(int64(i + 1)), who(s.Of), say.Visible(s.SQL, say.CutText), outcome(&s), strconv.FormatUint(s.Conn, 10)})
	}
	return t
}

// OutcomeTable puts what an order left beside what is left by one request
// after the other.
func OutcomeTable(x *check.Exploration, f *check.OrderFinding) Table {
	t := Table{Caption: "What it left, beside one after the other", Head: []string{"", "this order"}}
	for _, s := range f.Serial {
		t.Head = append(t.Head, say.Visible(s.Name, say.CutName))
	}
	row := func(name string, of func([]history.Reply, []history.Reply) string) {
		cells := []string{name, of(f.Replies, f.Final)}
		for _, s := range f.Serial {
			cells = append(cells, of(s.Replies, s.Final))
		}
		t.Rows = append(t.Rows, cells)
	}
	for i := range f.Replies {
		row("answer to "+who(i), func(replies, _ []history.Reply) string { return told(x, who(i)+" ", replies, i) })
	}
	for i := range f.Final {
		name := "final "
		if i > 0 {
			name = "final" + strconv.Itoa(i+1) + " "
		}
		row("then read", func(_, final []history.Reply) string { return told(x, name, final, i) })
	}
	return t
}

// told is an answer in a few words: status, and what its body says, but for
// what varies by itself.
func told(x *check.Exploration, place string, list []history.Reply, i int) string {
	if i >= len(list) {
		return ""
	}
	r := &list[i]
	if r.Status == 0 {
		return "no answer"
	}
	words := []string{strconv.Itoa(r.Status)}
	names := make([]string, 0, len(r.Facts))
	for name := range r.Facts {
		if !slices.Contains(x.Varies, place+name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), 8)] {
		words = append(words, strings.TrimPrefix(name, "/")+" "+r.Facts[name])
	}
	return say.Visible(strings.Join(words, ", "), say.CutText)
}

func who(i int) string { return string(rune('A' + i)) }

func outcome(s *history.Statement) string {
	text := say.Visible(s.Tag, say.CutName)
	switch {
	case s.Code != "":
		text = "error " + say.Visible(s.Code, say.CutName)
	case s.End == 0:
		text = "no answer"
	}
	if s.Waited {
		text = "waited for a lock, then " + text
	}
	return text
}

func shortSQL(sql string) string {
	if r := []rune(sql); len(r) > 48 {
		return string(r[:48]) + "…"
	}
	return sql
}
