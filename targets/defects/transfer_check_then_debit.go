package defects

import (
	"context"
	"strconv"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The balance is checked, then debited: two transfers that each fit, but not
// together, both go through and leave the account below zero. Debit and credit
// are two steps as well, so a list in between misses the money on its way.
//
// Origin: Rustchain#4296 and #4819, opexdev/core#355, ExcellentEconomy#79;
// ACIDRain (Warszawski and Bailis, SIGMOD 2017) found it in shops.
var transferCheckThenDebit = Defect{
	Name: "transfer-check-then-debit", ID: "B17",
	Title:    "a transfer checks the balance, debits and credits in three steps",
	Origin:   "opexdev/core#355",
	Property: "conservation", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", checksThenDebits{serverSide(t)})
		return nil
	},
}

type checksThenDebits struct{ *memory.ServerSide }

func (s checksThenDebits) Transfer(_ context.Context, t api.Transfer) error {
	from, to := s.Load(t.From), s.Load(t.To)
	if err := memory.Move(t, &from, &to); err != nil {
		return err
	}
	pause() // it was enough
	if err := s.book(t.From, -t.Amount, t.Tag); err != nil {
		return err
	}
	return s.book(t.To, t.Amount, t.Tag)
}

// book changes one balance, atomically.
func (s checksThenDebits) book(key string, amount int64, tag string) error {
	_, err := s.Update(key, func(st *memory.State) error {
		n, bad := api.Integer(st.Value)
		if bad != nil {
			return bad
		}
		st.Value, st.Tag = strconv.AppendInt(nil, n+amount, 10), tag
		return nil
	})
	return err
}
