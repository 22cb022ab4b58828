// Package postgres relays PostgreSQL's protocol (version 3): start-up,
// authentication as it comes, simple and extended queries, pipelines, copies,
// cancellation and notifications. A unit is what the server ends with
// ReadyForQuery: one Query, or all messages up to a Sync. Where a driver asks
// for answers by Flush, the unit ends there.
//
// A request for encryption is declined, so the application must allow a plain
// connection (sslmode=disable or prefer): it stays on this machine. The
// server's side is encrypted as its address says.
package postgres
