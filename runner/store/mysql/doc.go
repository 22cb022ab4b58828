// Package mysql relays the protocol of MySQL and MariaDB: the handshake,
// authentication as it comes, COM_QUERY, prepared statements, several results
// to one text, files that the application sends. A unit is one command that is
// executed (COM_QUERY, COM_STMT_EXECUTE and its bulk form) with all of its
// results; all other commands pass without being asked for. To prepare is none:
// drivers keep what they have prepared, so the number of units would vary.
//
// Encryption and compression are taken out of the server's greeting, so the
// application must allow a plain connection: it stays on this machine. What
// would make answers harder to follow is taken out as well; clients do without.
package mysql
