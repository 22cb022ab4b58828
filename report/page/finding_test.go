package page

import (
	"strings"
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/model"
)

// The caption of a bar says what was sent, in few words; what was answered
// stands behind the arrow.
func TestCaptionOfABarIsBrief(t *testing.T) {
	for role, want := range map[string]string{
		`wrote 47 (tagged 3.1.1) on the state tagged 2.0.1, if still version "46": accepted`:   "wrote 47 if v46",
		`wrote 11 (tagged 1.0.1) on the initial state, if still version "1": refused with 412`: "wrote 11 if v1",
		`wrote 12 (tagged 30.8.1) on the state tagged 6.7.1: accepted`:                         "wrote 12 on 6.7.1",
		`wrote 13 (version 8) on version 7, if still that: accepted`:                           "wrote 13 if v7",
		`wrote 13 on version 7: accepted as version "9"`:                                       "wrote 13 on v7",
		`wrote (tagged w1) on the state tagged c1, if still version "1": accepted as "2"`:      "wrote if v1",
		`read 12, the state tagged 6.7.1`:                                                      "read 12 = 6.7.1",
		`read 10, the initial state, version "1"`:                                              "read 10 = initial",
		`read the state tagged c1, version "1"`:                                                "read = c1",
		`read version 7`:                                                                       "read v7",
		`read 13: the tag of client 7`:                                                         "read 13: the tag of client 7",
		`deleted (tagged d1) on the state tagged c1, if still version "1": accepted`:           "deleted if v1",
		`created (tagged c2): accepted as version "1"`:                                         "created",
		`asked for the lock: refused with 423`:                                                 "asked for the lock",
		`read: there is none (404)`:                                                            "read: there is none (404)",
	} {
		if got := brief(role); got != want {
			t.Errorf("%s: %q, want %q", role, got, want)
		}
	}
	_, _, f := model.FirstFinding(samples.Failed())
	out := FindingPicture(f).Draw("v1", false)
	if !strings.Contains(out, "4 ✘ wrote 13 on v7 → 200<") {
		t.Errorf("the guilty bar's caption is cut:\n%s", out)
	}
}
