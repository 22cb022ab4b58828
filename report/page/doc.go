// Package page turns a report into tables and pictures, free of any format:
// an HTML page and a comment on a pull request show the same ones.
package page
