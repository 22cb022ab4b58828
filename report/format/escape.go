package format

import (
	"tussle/report/internal/sink"
)

// The escapers of the sinks, by short names: they stand in every line that
// writes a text.
var (
	mdCode   = sink.MarkdownCode
	mdText   = sink.MarkdownText
	mdLabel  = sink.MermaidLabel
	htmlText = sink.MarkdownHTML
	line     = sink.Line
	lineTo   = sink.LineTo
	csvCell  = sink.CSVCell
	omLabel  = sink.MetricLabel
	link     = sink.Link
)
