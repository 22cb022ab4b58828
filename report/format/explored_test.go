package format

import (
	"reflect"
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/internal/samples"
	"tussle/report/internal/sink/sinktest"
	"tussle/report/model"
)

// orders is a report of an exploration with one pair that is not serial.
func orders() *model.Report {
	reply := func(status int, left string) history.Reply {
		return history.Reply{Step: history.StepAdd, Sent: true, Status: status, Class: history.OK, Effect: history.Applied, Facts: map[string]string{"/left": left}, Curl: "curl x"}
	}
	r := samples.Small()
	r.Explorations = []check.Exploration{{Strategy: "take", Steps: []string{"add", "add"}, Wants: []string{"curl a", "curl b"}, Verdict: check.Violated,
		Sentence: "add beside add: 4 orders, 2 not serial.", Alone: []int{2, 2}, Orders: 4, StandFor: 6, NotSerial: 2, Complete: true, Varies: []string{"A /at"},
		Findings: []check.OrderFinding{{Number: 3, Choices: []int{0, 1, 1, 0}, Sentence: "A SELECT, B SELECT, B UPDATE, A UPDATE.", Replays: 2, Repeated: 2,
			Statements: []history.Statement{{Of: 0, SQL: "SELECT 1", Tag: "SELECT 1", Conn: 2, End: 1}, {Of: 1, SQL: "UPDATE t", Code: "40001", Waited: true, Conn: 3, End: 1}},
			Replies:    []history.Reply{reply(200, "7"), reply(0, "")}, Final: []history.Reply{reply(200, "6")},
			Serial: []check.SerialOutcome{{Name: "A, then B", Replies: []history.Reply{reply(200, "7"), reply(200, "3")}, Final: []history.Reply{reply(200, "3")}}}}}}}
	return r
}

func TestEveryFormatTellsTheOrder(t *testing.T) {
	for format, words := range map[string][]string{
		"text":     {"A  SELECT 1", "waited for a lock, then error 40001", "answer to B: no answer", "A, then B: 200, left 3", "--replay order-0-3.json"},
		"markdown": {"add beside add", "waited for a lock", "violated"},
		"html":     {"database", "request A", "waited for a lock, then error 40001", "A, then B", "--replay order-0-3.json", "Not compared"},
		"json":     {`"explorations"`, `"not_serial": 2`},
	} {
		text := render(t, orders(), format, Options{})
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q", format, w)
			}
		}
	}
	if text := render(t, orders(), "html", Options{}); strings.Contains(text, "Comparison of the strategies") {
		t.Error("the page compares figures that nobody measured")
	}
}

func TestHostileTextsAreInertInOrders(t *testing.T) {
	for _, s := range sinktest.Hostile {
		r := poisoned(s)
		r.Explorations = orders().Explorations
		poison(reflect.ValueOf(&r.Explorations).Elem(), s)
		inert(t, r)
	}
}
