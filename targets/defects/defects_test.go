package defects_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tussle/targets/defects"
	"tussle/targets/memory"
)

const (
	tries      = 40 // until a defect has to show
	twinsTries = 6  // in which its twin has to behave
)

// Each defect shows within bounded tries over plain HTTP; its sound twin, asked
// the same, does not.
func TestDefectsMisbehaveAndTheirTwinsDoNot(t *testing.T) {
	for _, d := range defects.All {
		if d.Name == "ack-before-durable" {
			continue // it takes a kill: TestAckBeforeDurable
		}
		try, ok := trials[d.Name]
		if !ok {
			t.Errorf("%s has no trial", d.Name)
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, d.Name, nil)
			wrong := ""
			for n := 0; n < tries && wrong == ""; n++ {
				wrong = try(c, n)
			}
			if wrong == "" {
				t.Errorf("it did not show in %d tries", tries)
			}
			twin := serve(t, "", nil)
			for n := range twinsTries {
				if wrong := try(twin, n); wrong != "" {
					t.Errorf("the sound twin, try %d: %s", n, wrong)
				}
			}
		})
	}
}

func TestListIsComplete(t *testing.T) {
	if len(defects.All) != 24 {
		t.Errorf("%d defects, expected 24", len(defects.All))
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for _, d := range defects.All {
		if ids[d.ID] || names[d.Name] {
			t.Errorf("%s %s is listed twice", d.ID, d.Name)
		}
		ids[d.ID], names[d.Name] = true, true
		if d.Title == "" || d.Property == "" || !strings.Contains(d.Origin, "#") || d.Apply == nil {
			t.Errorf("%s: title, property, origin and Apply are expected: %+v", d.Name, d)
		}
		if d.Needs != "" && d.Needs != "fault" {
			t.Errorf("%s needs %q: expected fault or nothing", d.Name, d.Needs)
		}
		target, err := memory.New(memory.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if target.Scheme(d.Twin) == nil {
			t.Errorf("%s: twin %q is no scheme of the target", d.Name, d.Twin)
		}
	}
	if _, err := defects.Find("no-such"); err == nil || !strings.Contains(err.Error(), "if-match-ignored") {
		t.Errorf("unknown defect: got %v, expected the names that there are", err)
	}
}

// One file a defect, named after it, with its origin, and short enough to be
// recognised.
func TestEachDefectIsOneShortFile(t *testing.T) {
	for _, d := range defects.All {
		name := strings.ReplaceAll(d.Name, "-", "_") + ".go"
		b, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Error(err)
			continue
		}
		if n := bytes.Count(b, []byte("\n")); n > 70 {
			t.Errorf("%s has %d lines, expected 70 at most", name, n)
		}
		if !bytes.Contains(b, []byte("// Origin: ")) {
			t.Errorf("%s does not tell its origin", name)
		}
	}
}
