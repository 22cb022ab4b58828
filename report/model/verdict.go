package model

import (
	"tussle/report/check"
)

// Noted is the verdict of a self-check that found something worth knowing
// which does not speak against the figures.
const Noted check.Verdict = "note"

// Exit codes of a report, of the ones that the commands know.
const (
	exitOK           = 0
	exitFail         = 1
	exitInconclusive = 4
)

// ExitCode is 0, 1 or 4: every promise held and every threshold was met; one
// was not; the run does not tell, which allowInconclusive turns into 0. That
// a run was interrupted is the command's to say.
func (r *Report) ExitCode(allowInconclusive bool) int {
	switch {
	case r.Verdict == check.Pass, r.Verdict == check.Inconclusive && allowInconclusive:
		return exitOK
	case r.Verdict == check.Fail:
		return exitFail
	}
	return exitInconclusive
}
