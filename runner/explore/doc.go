// Package explore puts the database statements of two requests into every
// order. A relay holds each statement; one request runs at a time, from the
// answer to one statement to its next one, so that what arrives is known to be
// its own. Each order starts from fresh keys. What came of it is written into a
// history, where it is judged.
//
// [walk] enumerates orders and knows nothing of requests; [order] carries one
// out; [gate] is what the relay asks.
package explore
