package format

import (
	"fmt"
	"io"
	"strings"

	"tussle/report/model"
)

// Formats lists every format; a new one is a file and a line here.
var Formats = []Format{
	{"html", ".html", "one page for people, with its data inside", writeHTML},
	{"markdown", ".md", "a pull request's comment or a job's summary", writeMarkdown},
	{"json", ".json", "every figure, for programs", writeJSON},
	{"junit", ".xml", "test reports of CI hosts", writeJUnit},
	{"openmetrics", ".txt", "metrics reports and time series databases", writeOpenMetrics},
	{"csv", ".csv", "every figure, for spreadsheets", writeCSV},
	{"svg", ".svg", "one chart", writeSVG},
	{"text", "", "the table of the terminal", writeText},
}

// Write renders r in the named format.
func Write(w io.Writer, r *model.Report, format string, o Options) error {
	var names []string
	for _, f := range Formats {
		if f.Name == format {
			return f.write(w, r, o)
		}
		names = append(names, f.Name)
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(names, ", "))
}
