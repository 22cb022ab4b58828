package say

import (
	"strings"

	"tussle/report/check"
	"tussle/report/model"
)

// VerdictWord is the verdict of the run in capitals, for the first line of each
// format. A run in which nothing was promised has none.
func VerdictWord(r *model.Report) string {
	if r.Verdict == check.Inconclusive && model.Unpromised(r) {
		return "NO VERDICT"
	}
	return strings.ToUpper(Visible(string(r.Verdict), 20))
}

// Sign is the symbol of a verdict; it always stands beside the word.
func Sign(v check.Verdict) string {
	switch v {
	case check.Pass, check.Holds:
		return "✔"
	case check.Fail, check.Violated:
		return "✘"
	case check.Undecided, check.Inconclusive:
		return "?"
	case check.NotExercised:
		return "○"
	case model.Noted:
		return "!"
	}
	return "–"
}

// Tone is the colour class of a verdict: good, bad, open or none.
func Tone(v check.Verdict) string {
	switch v {
	case check.Pass, check.Holds:
		return "good"
	case check.Fail, check.Violated:
		return "bad"
	case check.Undecided, check.Inconclusive, check.NotExercised, model.Noted:
		return "open"
	}
	return "none"
}

// Gloss says in a few words what a locking kind does.
func Gloss(locking string) string {
	switch locking {
	case "optimistic":
		return "fails on conflict, then retries"
	case "pessimistic":
		return "waits for a lock"
	case "server-side":
		return "the server does it in one request"
	case "none":
		return "no locking, the last write wins"
	}
	return ""
}

// Standing is a strategy's verdict for a table's cell: the word, or what was
// broken. A broken property shows as violated even when it was not promised.
func Standing(s *model.Strategy) (v check.Verdict, text string) {
	if bad := model.Broken(s); len(bad) > 0 {
		return check.Violated, HarmShort(bad[0])
	}
	return s.Verdict, Visible(string(s.Verdict), 20)
}
