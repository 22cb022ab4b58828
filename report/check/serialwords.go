package check

import (
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// inWords names a sequence of requests: "A, then B".
func inWords(ran []int) string {
	var out []string
	for _, r := range ran {
		out = append(out, letter(r))
	}
	switch len(out) {
	case 0:
		return "none of them"
	case 1:
		return out[0] + " alone"
	}
	return strings.Join(out, ", then ")
}

// sentence tells what the exploration of a pair found, in plain words.
func (e *explored) sentence(x *Exploration) string {
	var counts []string
	for _, n := range x.Alone {
		counts = append(counts, strconv.Itoa(n))
	}
	head := strings.Join(x.Steps, " beside ") + ": " + count(int64(len(x.Steps)), "request") + ", " + strings.Join(counts, " + ") + " statements: "
	switch {
	case x.Verdict == NotExercised || x.Verdict == Undecided && x.NotSerial == 0:
		return head + count(x.Orders, "order") + "; " + string(x.Verdict) + ": " + x.Reason + "."
	case x.NotSerial == 0:
		text := head + scope(x) + " as one after the other"
		if x.Refused > 0 {
			text += ", " + number(x.Refused) + " of them with a request refused, the state as if it had never run"
		}
		return text + "."
	}
	text := head + walked(x) + ", " + number(x.NotSerial) + " not serial"
	if x.NotSerialOf > x.NotSerial {
		text += " (" + number(x.NotSerialOf) + " of " + number(x.StandFor) + ")"
	}
	if x.Refused > 0 {
		text += ", " + number(x.Refused) + " with a request refused and the state as if it had never run"
	}
	text += ". The shortest: " + x.Findings[0].Sentence
	if x.Verdict == Undecided {
		text += " Undecided: " + x.Reason + "."
	}
	return text
}

// walked counts the orders that were carried out.
func walked(x *Exploration) string {
	if x.Replay {
		return "one order, " + count(x.Orders, "time")
	}
	text := count(x.Orders, "order")
	if x.StandFor > x.Orders {
		text += " (which stand for " + number(x.StandFor) + ")"
	}
	return text + limit(x)
}

// scope says that all orders, or which of them, end well.
func scope(x *Exploration) string {
	switch {
	case x.Complete && x.Orders == 1:
		return "the only order ends"
	case x.Complete && x.StandFor > x.Orders:
		return "all " + number(x.StandFor) + " orders (" + number(x.Orders) + " that stand for them) end"
	case x.Complete:
		return "all " + number(x.Orders) + " orders end"
	}
	if x.Replay {
		return walked(x) + ": each time it ended"
	}
	return "all " + walked(x) + " end"
}

// limit says what was left out.
func limit(x *Exploration) string {
	if x.Complete {
		return ""
	}
	possible := "more"
	if x.Possible > 0 {
		possible = "at most " + number(x.Possible)
	}
	if x.Preemptions >= 0 {
		return ", all with at most " + count(int64(x.Preemptions), "preemption") + " among them, of " + possible
	}
	return " of " + possible
}

// verb names a statement by its verb.
func verb(sql string) string {
	words := strings.Fields(sql)
	if len(words) == 0 {
		return "an empty statement"
	}
	word := strings.ToUpper(strings.TrimRight(words[0], ";"))
	if upper := strings.ToUpper(sql); word == "SELECT" && strings.Contains(upper, "FOR UPDATE") {
		return "SELECT FOR UPDATE"
	}
	return word
}

// tellOrder says what happened in an order that is not serial, and what it
// should have left.
func tellOrder(y *yardstick, o *history.Order, f *OrderFinding) string {
	var seq []string
	for _, s := range o.Statements {
		if !s.Silent {
			seq = append(seq, letter(s.Of)+" "+verb(s.SQL))
		}
	}
	text := strings.Join(seq, ", ")
	if why := overwrites(o.Statements); why != "" {
		text += "; " + why
	}
	return text + ". " + answers(o) + "; " + left(y, o, f) + "."
}

// overwrites says which of the last two changes of one table undid the other.
func overwrites(list []history.Statement) string {
	changes := func(s *history.Statement) (string, string) {
		words := strings.Fields(s.SQL)
		if len(words) < 3 || s.Code != "" || strings.HasSuffix(s.Tag, " 0") {
			return "", ""
		}
		switch v := strings.ToUpper(words[0]); v {
		case "UPDATE":
			return v, strings.ToLower(words[1])
		case "INSERT", "DELETE":
			return v, strings.ToLower(words[2])
		}
		return "", ""
	}
	said := ""
	for i := len(list) - 1; i >= 0; i-- {
		kind, table := changes(&list[i])
		if kind == "" {
			continue
		}
		for k := i - 1; k >= 0; k-- {
			was, other := changes(&list[k])
			if was == "" || other != table || list[k].Of == list[i].Of {
				continue
			}
			a, b := letter(list[i].Of), letter(list[k].Of)
			switch {
			case kind == "UPDATE" && was == "UPDATE":
				return a + "'s UPDATE overwrites " + b + "'s"
			case said != "":
			case kind == "INSERT" && was == "INSERT":
				said = b + " and " + a + " both INSERT"
			default:
				said = a + "'s " + kind + " follows " + b + "'s " + was
			}
		}
	}
	return said
}

// answers says what the requests were told.
func answers(o *history.Order) string {
	said := func(r *history.Reply) string {
		if r.Status == 0 {
			return "not answered"
		}
		return "answered " + strconv.Itoa(r.Status)
	}
	first := said(&o.Replies[0])
	same := true
	for i := range o.Replies {
		same = same && said(&o.Replies[i]) == first
	}
	if same && len(o.Replies) == 2 {
		if o.Replies[0].Status == 0 {
			return "Neither was answered"
		}
		return "Both were " + first
	}
	var out []string
	for i := range o.Replies {
		out = append(out, letter(i)+" was "+said(&o.Replies[i]))
	}
	return strings.Join(out, ", ")
}

// left says what the order left, beside what serial ones leave; where states
// agree, what an answer should have been.
func left(y *yardstick, o *history.Order, f *OrderFinding) string {
	if len(f.Serial) == 0 {
		return "no serial run is recorded"
	}
	for i := range o.Final {
		if text := differs(y, finalName(i), &o.Final[i], f, func(s *SerialOutcome) *history.Reply { return &s.Final[i] }, "it left ", " would leave "); text != "" {
			return text
		}
	}
	for i := range o.Replies {
		r := func(s *SerialOutcome) *history.Reply { return &s.Replies[i] }
		if text := differs(y, letter(i)+" ", &o.Replies[i], f, r, letter(i)+" was told ", " it would be "); text != "" {
			return text
		}
	}
	return "each answer and the state are possible, but not together: no order of one after the other gives both"
}

// differs says where an answer differs from the same one in every serial run.
func differs(y *yardstick, name string, r *history.Reply, f *OrderFinding, in func(*SerialOutcome) *history.Reply, it, serial string) string {
	all := map[string]string{}
	put(all, name, r)
	var places []string
	for place := range all {
		places = append(places, place)
	}
	for i := range f.Serial {
		m := map[string]string{}
		put(m, name, in(&f.Serial[i]))
		for place := range m {
			if _, here := all[place]; !here {
				all[place] = ""
				places = append(places, place)
			}
		}
	}
	best := ""
	for _, place := range slices.Sorted(slices.Values(places)) {
		if y.varies[place] {
			continue
		}
		var others []string
		equal := false
		for i := range f.Serial {
			m := map[string]string{}
			put(m, name, in(&f.Serial[i]))
			v, there := m[place]
			if !there {
				v = "nothing"
			}
			equal = equal || v == all[place]
			others = append(others, v)
		}
		if equal {
			continue
		}
		now := all[place]
		if now == "" {
			now = "nothing"
		}
		what := strings.TrimPrefix(place, name)
		text := "one after the other" + serial + either(others) + ", " + it + now
		if what != "status" && r.Value != now {
			text += " (" + what + ")"
		}
		if r.Value == now && what != "status" {
			return text // the value under test says it best
		}
		if best == "" || what != "status" && strings.HasSuffix(best, "status") {
			best = text
		}
	}
	return best
}

func either(values []string) string {
	var out []string
	for _, v := range values {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, " or ")
}
