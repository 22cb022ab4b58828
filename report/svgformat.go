package report

import (
	"fmt"
	"io"
	"strings"
)

// writeSVG writes one chart as a file of its own, with its question and answer
// in the picture: for a comment that can carry an image, or for a document.
func writeSVG(w io.Writer, r *Report, o Options) error {
	all := pictures(r)
	if _, _, f := firstFinding(r); f != nil {
		all = append(all, findingPicture(f))
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
