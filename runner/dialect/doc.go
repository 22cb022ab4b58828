// Package dialect speaks the steps of a strategy in HTTP as the scenario's
// tables say: it renders a step into a request and reads its answer into
// values, versions, tokens, a class and an effect. It decides nothing about
// what comes next.
//
// Every value is escaped for the place where it is put; nothing that a server
// sends can end a header, leave a JSON string or start a path segment.
// Answers are never trusted: what is not well-formed yields no captures and
// matches no rule about its contents, and the status speaks alone.
package dialect
