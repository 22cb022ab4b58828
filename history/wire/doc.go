// Package wire says how the steps of a run are spoken in HTTP, for both who
// sends the requests and who shows them again: the grammar of templates and
// captures, their filters and escapes, requests as data with their curl, .http
// and test forms, and what a status means for class and effect.
//
// It is pure. Every value is escaped for the place where it is put; nothing
// that a server sends can end a header, leave a JSON string or start a path
// segment.
package wire
