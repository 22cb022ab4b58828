// Package model is a report as data: the struct that every format shows, its
// JSON, and the few questions that every reader asks of it. It has no opinion
// and no words.
package model
