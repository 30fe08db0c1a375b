// SPDX-License-Identifier: Apache-2.0

// Package postgres is a store that keeps captured leads in a PostgreSQL database, which any
// number of processes may share. It needs PostgreSQL 15 or newer.
//
// A lead is as safe as the server commits it once Capture has returned: with the server's
// default, synchronous_commit on, it survives the end of any process and of the server.
// Captures of concurrent callers of a process share a commit. The clock is the server's.
//
// # Many processes
//
// One process at a time works on a connection, by its lease. Captures of a connection
// wait for each other only while they are written. All transactions are short, READ COMMITTED
// and take their locks in one order, so that none is the victim of a deadlock with another of
// this package; one that is cancelled for what a host's own transaction locks is repeated.
// CaptureTx and AddActivitiesTx capture in a transaction of the host.
//
// # Connections
//
// The pool is pgx's. Hosts that use package database/sql can give theirs and the store's
// one database; they need not share a pool. No session state is used, so PgBouncer may stand
// between, in transaction mode. Statements are prepared, which PgBouncer supports from 1.21
// on (max_prepared_statements, which is on from 1.24); with an older one, another pooler, or a pool that
// runs DISCARD ALL, set default_query_exec_mode=cache_describe or exec in the connection string; describe_exec does not
// work there. Rows of some hundred leads and more are copied (COPY FROM STDIN), which a pooler has to support.
//
// A server that restarts fails the calls that are in progress. The pool connects again for
// those after them.
//
// # Migrations
//
// Open and New take a transaction-level advisory lock while they migrate the schema, no other method takes one. All
// that is missing is one transaction, which begins anew when the context of Open ends before it: give it the time,
// or run Migrations with a tool of your own. Some rewrite the table of leads, which every other call waits for, and
// need as much space again: with a million leads (3.9 GB) migration 6 took 200 seconds here, 8 took 10 and 9 took
// 60, the others less than a second. Stop the processes of an earlier version first: on a schema that is newer than
// they know, their calls may fail.
//
// # Texts
//
// All texts are kept without loss: U+0000 and bytes that are not UTF-8, which PostgreSQL does
// not take, and backslashes, as escapes in the columns of ids and names. JSON is kept as text,
// byte for byte.
//
// # Personal data
//
// The tables contain personal data: grant their schema to the host's role only. Forget removes
// a lead from all rows. The server keeps deleted and overwritten rows, and their index entries,
// in its files until VACUUM has removed them, which autovacuum does after a while and VACUUM
// (or, for the blocks that it frees, VACUUM FULL) at once; its write-ahead log until the
// segments are recycled after a checkpoint; and archives of it, replicas and backups as long as
// they are kept. None of them can be read through SQL. Values are parameters of statements, but for
// default_query_exec_mode=simple_protocol, in which they are in the text that pg_stat_activity shows. A server that
// is set to log statements logs both (log_parameter_max_length=0 leaves out parameters).
package postgres
