// Package say turns a report into English: words, sentences, answers. Model
// in, text out, free of any format; every text from outside is made harmless
// here ([Visible]) before it becomes part of a sentence.
package say
