package format

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/internal/sink/sinktest"
	"tussle/report/page"
)

// validated hands a document to xmllint with the common schema.
func validated(t *testing.T, name, document string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("xmllint", "--noout", "--schema", "testdata/junit.xsd", path).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v (Debian: apt-get install libxml2-utils)\n%.2000s", name, err, out)
	}
}

func TestJUnitValidatesAgainstTheCommonSchema(t *testing.T) {
	for _, f := range samples.Reports() {
		validated(t, f.Name, render(t, f.R, "junit", Options{}))
	}
	for _, s := range sinktest.Hostile {
		validated(t, s, render(t, poisoned(s), "junit", Options{}))
	}
	// The schema itself must refuse: otherwise the above says nothing.
	broken := strings.Replace(render(t, samples.Rich(), "junit", Options{}), "<properties>", "<system-out></system-out><properties>", 1)
	path := filepath.Join(t.TempDir(), "broken.xml")
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("xmllint", "--noout", "--schema", "testdata/junit.xsd", path).CombinedOutput(); err == nil {
		t.Errorf("a suite out of order is accepted: %s", out)
	}
}

// Programs read a property's value: a number has no separators of thousands,
// no unit, and is what report.json says.
func TestJUnitPropertiesArePlainNumbers(t *testing.T) {
	r := samples.Swept()
	var got struct {
		Suites []struct {
			Name       string `xml:"name,attr"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(render(t, r, "junit", Options{})), &got); err != nil {
		t.Fatal(err)
	}
	numbers, large := map[string]bool{}, 0
	for _, s := range got.Suites {
		for _, p := range s.Properties {
			if p.Name == "scenario" || p.Name == "seed" || p.Name == "judged_by" || p.Value == "" {
				continue
			}
			v, err := strconv.ParseFloat(p.Value, 64)
			if err != nil {
				t.Errorf("%s: %s is %q", s.Name, p.Name, p.Value)
			}
			if v >= 1000 {
				large++
			}
			name, _, _ := strings.Cut(p.Name, " ")
			numbers[name+" "+strconv.FormatFloat(v, 'g', -1, 64)] = true
		}
	}
	if large == 0 {
		t.Error("no figure is 1,000 or more: nothing was tested")
	}
	for _, f := range page.Items(r) {
		if f.Value != nil && !numbers[f.Name+" "+strconv.FormatFloat(*f.Value, 'g', -1, 64)] {
			t.Errorf("%s = %v is missing", f.Name, *f.Value)
		}
	}
}
