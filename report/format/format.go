package format

import (
	"fmt"
	"io"
	"strings"

	"tussle/report/model"
)

// Options steer a rendering. The zero value is right for a file.
type Options struct {
	Color    bool   // text: ANSI colours
	Width    int    // text: columns; 0 is 100
	MaxBytes int    // markdown, html: size to stay below; 0 is 60,000 and 300,000
	Link     string // markdown: http(s) address of the full report
	Marker   string // markdown: id in the hidden comment that finds a sticky comment again
	Chart    string // svg: which chart; "" is the first
}

// Format is one way to write a report.
type Format struct {
	Name string // as in --format
	Ext  string // of files, with the dot
	Use  string // what it is for
	// write renders; all are pure functions of report and options.
	write func(io.Writer, *model.Report, Options) error
}

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

func writeJSON(w io.Writer, r *model.Report, _ Options) error { return model.WriteJSON(w, r) }
