package say

import "tussle/report/internal/sink"

// Visible makes a text from outside harmless: see [sink.Visible]. Every one
// passes through it on its way into a sentence, a table or a format.
var Visible = sink.Visible

// Lengths, in runes, to which untrusted texts are cut.
const (
	CutName = sink.CutName
	CutText = sink.CutText
	CutCurl = 4000 // a longer command is left out, see [Pasted]
)
