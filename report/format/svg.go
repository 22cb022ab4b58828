package format

import (
	"fmt"
	"io"
	"strings"

	"tussle/report/model"
	"tussle/report/page"
)

// writeSVG writes one chart as a file of its own, with its question and answer
// in the picture: for a comment that can carry an image, or for a document.
func writeSVG(w io.Writer, r *model.Report, o Options) error {
	all := page.Pictures(r)
	if _, _, f := model.FirstFinding(r); f != nil {
		all = append(all, page.FindingPicture(f))
	}
	if len(all) == 0 {
		return fmt.Errorf("the report has no figures to draw: no block was measured")
	}
	var names []string
	for _, p := range all {
		if o.Chart == "" || p.Name == o.Chart {
			_, err := io.WriteString(w, p.Draw("chart", true)+"\n")
			return err
		}
		names = append(names, p.Name)
	}
	return fmt.Errorf("no chart %q in this report: expected one of %s", o.Chart, strings.Join(names, ", "))
}
