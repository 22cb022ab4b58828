package history

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// slowly reads a line in the general way: a space after the brace is none that
// tussle writes.
func slowly(line string) (Record, error) {
	var d decoder
	var rec Record
	err := d.decode([]byte(`{ `+line[1:]), &rec)
	return rec, err
}

// Both ways of reading a line agree, on what tussle writes and on what is left
// of it after a few bytes were changed.
func TestBothWaysOfReadingALineAgree(t *testing.T) {
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-z0-9."\\/]{0,12}`), rapid.String())
	number := rapid.OneOf(rapid.IntRange(-3, 1000), rapid.Int())
	rapid.Check(t, func(t *rapid.T) {
		r := Request{Block: number.Draw(t, "block"), Client: number.Draw(t, "client"), Op: number.Draw(t, "op"), Attempt: number.Draw(t, "attempt"),
			Session: number.Draw(t, "session"), Step: Step(text.Draw(t, "step")), Key: text.Draw(t, "key"), Call: int64(number.Draw(t, "call")), Return: int64(number.Draw(t, "return")),
			Status: number.Draw(t, "status"), Class: Class(text.Draw(t, "class")), Effect: Effect(text.Draw(t, "effect")), Expect: text.Draw(t, "expect"),
			Version: text.Draw(t, "version"), Base: text.Draw(t, "base"), Tag: text.Draw(t, "tag"), Saw: text.Draw(t, "saw"), Value: text.Draw(t, "value"),
			Lock: text.Draw(t, "lock"), Fence: text.Draw(t, "fence"), TTL: int64(number.Draw(t, "ttl")), Absent: rapid.Bool().Draw(t, "absent"),
			Part: text.Draw(t, "part"), Sent: number.Draw(t, "sent"), Received: number.Draw(t, "received"), Fault: text.Draw(t, "fault"),
			Truth: number.Draw(t, "truth"), Error: text.Draw(t, "error"), Problem: text.Draw(t, "problem"), Detail: text.Draw(t, "detail"), Vars: text.Draw(t, "vars")}
		o := Operation{Block: r.Block, Client: r.Client, Op: r.Op, Session: r.Session, Intent: Intent(r.Step), Name: text.Draw(t, "name"), Key: r.Key, Key2: text.Draw(t, "key2"),
			Planned: int64(number.Draw(t, "planned")), Call: r.Call, Return: r.Return, Commit: int64(number.Draw(t, "commit")), Outcome: Outcome(r.Class), Attempts: r.Attempt,
			Conflicts: number.Draw(t, "conflicts"), Requests: number.Draw(t, "requests"), Waited: int64(number.Draw(t, "waited")), Amount: int64(number.Draw(t, "amount")),
			Reason: text.Draw(t, "reason"), Captured: text.Draw(t, "captured"), Known: r.Absent, Breach: text.Draw(t, "breach")}
		for _, line := range [][]byte{r.AppendJSON(nil), o.AppendJSON(nil)} {
			line = line[:len(line)-1]
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				line[rapid.IntRange(1, len(line)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(`"\,:}{-0 xn`)).Draw(t, "byte")
			}
			var d decoder
			var quick Record
			quickErr := d.decode(line, &quick)
			slow, slowErr := slowly(string(line))
			if (quickErr == nil) != (slowErr == nil) {
				t.Fatalf("%s\nquickly: %v, slowly: %v", line, quickErr, slowErr)
			}
			if quickErr == nil {
				if diff := cmp.Diff(slow, quick); diff != "" {
					t.Fatalf("%s\n(-slowly +quickly)\n%s", line, diff)
				}
			}
		}
	})
}
