package format

import (
	"io"

	"tussle/report/model"
)

// Options steer a rendering. The zero value is right for a file.
type Options struct {
	Color    bool   // text: ANSI colours
	Width    int    // text: columns; 0 is 100
	Verbose  bool   // text: all there is to say, not what fits on a screen
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

func writeJSON(w io.Writer, r *model.Report, _ Options) error { return model.WriteJSON(w, r) }
