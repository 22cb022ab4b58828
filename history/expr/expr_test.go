package expr

import (
	"errors"
	"strings"
	"testing"
)

var shop = Schema{
	Operations: map[string][]string{"redeem": nil, "invoice": {"number", "from", "to"}, "pay": {"status"}},
	Observed:   map[string]Observation{"coupon": {Fields: []string{"left", "state"}}, "rows": {Fields: []string{"qty", "role"}, Items: true}},
}

func ops(rows ...Captured) Operations { return Operations{Accepted: rows} }

func TestInvariants(t *testing.T) {
	number := func(n any) Captured { return Captured{"number": n} }
	stay := func(from, to any) Captured { return Captured{"from": from, "to": to, "number": int64(0)} }
	v := func(o map[string]Operations, left any) *Values {
		return &Values{Operations: o, Observed: map[string][]Captured{"coupon": {{"left": left, "state": "open"}},
			"rows": {{"qty": int64(2), "role": "admin"}, {"qty": 3.0, "role": "user"}}}}
	}
	for _, c := range []struct {
		text string
		v    *Values
		want Truth
	}{
		{"accepted('redeem') <= 1", v(map[string]Operations{"redeem": ops(nil)}, int64(0)), True},
		{"accepted('redeem') <= 1", v(map[string]Operations{"redeem": ops(nil, nil)}, int64(0)), False},
		{"accepted('redeem') == 0", v(nil, int64(0)), True},
		{"coupon.left + accepted('redeem') == 1", v(map[string]Operations{"redeem": ops(nil)}, int64(0)), True},
		{"coupon.left + accepted('redeem') == 1", v(map[string]Operations{"redeem": ops(nil)}, 0.0), True},
		{"coupon.left + accepted('redeem') == 1", v(map[string]Operations{"redeem": ops(nil)}, int64(1)), False},
		{"coupon.left == 0", v(nil, Wild{}), Maybe},
		{"coupon.left == 0 || accepted('redeem') == 0", v(nil, Wild{}), True},
		{"unique(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(1)), number(2.0))}, nil), True},
		{"unique(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(1)), number(1.0))}, nil), False},
		{"unique(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(1)), number("1"))}, nil), True},
		{"unique(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(1)), number(Wild{}))}, nil), Maybe},
		{"unique(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number("a"), number("a"), number(Wild{}))}, nil), False},
		{"no_gaps(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(3)), number(int64(1)), number(int64(2)))}, nil), True},
		{"no_gaps(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(3)), number(int64(1)))}, nil), False},
		{"no_gaps(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(3)), number(int64(1)), number(Wild{}))}, nil), Maybe},
		{"no_gaps(accepted('invoice').number)", v(map[string]Operations{"invoice": ops(number(int64(9)), number(int64(1)), number(Wild{}))}, nil), False},
		{"disjoint(accepted('invoice').from, accepted('invoice').to)", v(map[string]Operations{"invoice": ops(stay("2026-01-01", "2026-01-03"), stay("2026-01-03", "2026-01-04"))}, nil), True},
		{"disjoint(accepted('invoice').from, accepted('invoice').to)", v(map[string]Operations{"invoice": ops(stay(int64(1), int64(9)), stay(int64(2), int64(3)), stay(int64(8), int64(10)))}, nil), False},
		{"disjoint(accepted('invoice').from, accepted('invoice').to)", v(map[string]Operations{"invoice": ops(stay(int64(1), int64(2)), stay(Wild{}, Wild{}))}, nil), Maybe},
		{"sum(rows.qty) == 5", v(nil, nil), True},
		{"rows == 2 && size(rows) == 2 && count(rows) == 2", v(nil, nil), True},
		{"at_least(1, rows.filter(r, r.role == 'admin'))", v(nil, nil), True},
		{"at_least(2, rows.filter(r, r.role == 'admin'))", v(nil, nil), False},
		{"rows.all(r, r.qty > 1) && max(rows.qty) == 3 && min(rows.qty) == 2", v(nil, nil), True},
		{"coupon.state in ['open', 'closed']", v(nil, nil), True},
		{"!(accepted('pay') > 0 && accepted('redeem') > 0)", v(map[string]Operations{"pay": ops(Captured{"status": "x"}), "redeem": ops(nil)}, nil), False},
		{"accepted('pay').all(p, p.status == 'paid')", v(map[string]Operations{"pay": ops(Captured{"status": Wild{}})}, nil), Maybe},
		{"accepted('pay').all(p, p.status == 'paid')", v(map[string]Operations{"pay": ops(Captured{"status": Wild{}}, Captured{"status": "no"})}, nil), False},
		{"'paid' in accepted('pay').status", v(map[string]Operations{"pay": ops(Captured{"status": "paid"})}, nil), True},
		{"attempted('redeem') == 3 && refused('redeem') == 2", v(map[string]Operations{"redeem": {Accepted: []Captured{nil}, Refused: []Captured{nil, nil}}}, nil), True},
	} {
		p, err := Compile(c.text, shop)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, err := p.Eval(c.v); err != nil || got != c.want {
			t.Errorf("%s is %v (%v), want %v", c.text, got, err, c.want)
		}
	}
}

func TestMistakesAreToldWithTheirPlaces(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		says         string
	}{
		{"accepted('reedem') <= 1", 1, 10, "redeem"},
		{"accepted(redeem) <= 1", 1, 9, "in quotes"},
		{"accepted('redeem')", 1, 1, "a number"},
		{"accepted('redeem').number == 1", 1, 19, "captures no"},
		{"coupon.lft == 1", 1, 7, "left"},
		{"coupn.left == 1", 1, 1, "unknown name coupn"},
		{"coupon == 1", 1, 1, "has fields"},
		{"redeem <= 1", 1, 1, "accepted('redeem')"},
		{"true &&\n accepted('redeem') = 1", 2, 21, "=="},
		{"accepted('redeem') <= 'one'", 1, 20, "does not take"},
		{"uniq(accepted('invoice').number)", 1, 5, "uniq"},
		{"accepted('invoice').all(i, i.nmber > 0)", 1, 29, "number"},
		{"(accepted('redeem') <= 1", 1, 25, ""},
		{"sum(rows.qty)", 0, 0, ""},
		{strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), 1, 0, ""},
	} {
		_, err := Compile(c.text, shop)
		if c.line == 0 {
			if err != nil {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		var found Problems
		if !errors.As(err, &found) || len(found) == 0 {
			t.Errorf("%s: no problem found (%v)", c.text, err)
			continue
		}
		p := found[0]
		if p.Line != c.line || c.column > 0 && p.Column != c.column || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %d:%d %s, want %d:%d %q", c.text, p.Line, p.Column, err, c.line, c.column, c.says)
		}
	}
}

// What an expression cannot make of its values is an error, not a verdict.
func TestWhatHasNoValue(t *testing.T) {
	for text, v := range map[string]*Values{
		"coupon.left + 1 == 2": {Observed: map[string][]Captured{"coupon": {{"left": "one"}}}},
		"coupon.left == 0":     {},
		"sum(rows.qty) == 0":   {Observed: map[string][]Captured{"rows": {{"qty": "x"}}}},
		"max(rows.qty) == 0":   {},
		"coupon.left":          {Observed: map[string][]Captured{"coupon": {{"left": int64(1)}}}},
	} {
		p, err := Compile(text, shop)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := p.Eval(v); err == nil {
			t.Errorf("%s is %v, want an error", text, got)
		} else if strings.Contains(err.Error(), "tussle_") {
			t.Errorf("%s: the error shows names of ours: %v", text, err)
		}
	}
}
