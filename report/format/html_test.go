package format

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tussle/report/internal/samples"
	"tussle/report/model"
)

func render(t testing.TB, r *model.Report, format string, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, format, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func TestPageIsSelfContainedAndSmall(t *testing.T) {
	for _, f := range samples.Reports() {
		out := render(t, f.R, "html", Options{})
		if len(out) > htmlBytes {
			t.Errorf("%s: %d bytes, limit %d", f.Name, len(out), htmlBytes)
		}
		for _, bad := range []string{" style=", "javascript:", " onclick", " src=", "@import", "url(http", "<link", "<iframe", "<object", "<form"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: the page holds %q", f.Name, bad)
			}
		}
		if strings.Count(out, "<style>") != 1 || strings.Count(out, "<script") != 2 {
			t.Errorf("%s: one style sheet, one block of data and one script were expected", f.Name)
		}
	}
	if len(pageJS) > 12<<10 || len(pageCSS) > 8<<10 {
		t.Errorf("script %d bytes (limit 12,288), style sheet %d (8,192)", len(pageJS), len(pageCSS))
	}
}

func TestPageCarriesItsReport(t *testing.T) {
	for _, f := range samples.Reports() {
		model.NoNulls(f.R)
		got, err := FromHTML([]byte(render(t, f.R, "html", Options{})))
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		var want, have bytes.Buffer
		if err := model.WriteJSON(&want, f.R); err != nil {
			t.Fatal(err)
		}
		if err := model.WriteJSON(&have, got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.String(), have.String()); d != "" {
			t.Errorf("%s: the report changed on its way through the page:\n%s", f.Name, d)
		}
	}
	for name, text := range map[string]string{"empty": "", "foreign": "<html></html>", "cut": dataOpen + `{"schema":1`, "broken": dataOpen + `{"schema":1</script>`} {
		if _, err := FromHTML([]byte(text)); err == nil {
			t.Errorf("%s: an error was expected", name)
		}
	}
}
