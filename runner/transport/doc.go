// Package transport sends requests over connections that it owns: one a
// client, nothing pooled, nothing followed, nothing sent twice. A request is
// encoded into bytes first and written with one system call, so that a fault
// can cut, double or hold back exactly the bytes it wants.
//
// HTTP/1.1 is encoded and parsed by fasthttp's Request and Response; its
// client, which re-sends idempotent requests, is not used.
package transport
