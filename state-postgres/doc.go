// Package pgstate keeps a bot's state in Postgres, for teams that have a Postgres and
// no Redis.
//
// # Setup
//
//	a, err := pgstate.New(pgstate.Config{URL: "postgres://bot:secret@localhost:5432/chat"})
//
// or, chosen by configuration,
//
//	import _ "github.com/chat-adapter/chat-go/state-postgres"
//
//	a, err := state.Open(ctx, os.Getenv("STATE_URL"))
//
// The URL is that of libpq,
//
//	postgres://[user[:password]@]host[:5432][,host[:port]][/database]
//
// or the same with postgresql. Reserved characters in a user name or a password are
// percent-encoded, as %40 for @. With several hosts the one that takes writes is used.
// Query parameters are
//
//	prefix            keeps the bots that share the tables apart   chat-sdk
//	schema            schema of the tables                         that of the search_path
//	timeout           bound of a call without a deadline           5s
//	dial_timeout      bound of opening a connection                2s
//	max_retries       how often a call is tried again              3
//	pool_size         connections                                  10
//	sweep_interval    how often expired rows are removed           1m
//	skip_migrations   whether someone else makes the tables        false
//	pgbouncer         whether a transaction pooler is in between   false
//
// and of libpq's host, port, dbname, user, password, passfile, connect_timeout,
// application_name, target_session_attrs, sslmode, sslcert, sslkey, sslrootcert,
// sslpassword, sslsni, sslnegotiation, channel_binding and require_auth
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS). What
// the URL leaves out comes from libpq's environment variables, such as PGPASSWORD. Any
// other parameter is an error.
//
// # Abilities
//
// The adapter has every required role of package state, and Inbox, Swaps,
// Turns, Checker and Fences. A call is one round trip and one transaction. Where many
// callers start turns, or end them, at the same time, their calls share one.
//
// # Tables
//
//	chat_go_subscriptions    threads
//	chat_go_locks            tokens, with expiry; the sequence chat_go_fences numbers them
//	chat_go_cache            values, with expiry
//	chat_go_lists            lists, with expiry; their values are in chat_go_list_values
//	chat_go_queues           queues with entries, with expiry and since when they wait
//	chat_go_queue_entries    entries as JSON
//	chat_go_migrations       versions of these tables
//
// Connect makes what is missing, under an advisory lock, so that many instances may
// start at once. The role needs the right CREATE on the schema for it, once. With
// Config.SkipMigrations another role makes the tables, with the SQL of the folder
// migrations, which [Migrations] returns; then the bot's role needs no more than
//
//	GRANT USAGE ON SCHEMA public TO bot;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON chat_go_locks, chat_go_cache, chat_go_lists, chat_go_queues TO bot;
//	GRANT SELECT, INSERT, DELETE ON chat_go_subscriptions, chat_go_list_values, chat_go_queue_entries TO bot;
//	GRANT SELECT ON chat_go_migrations TO bot;
//	GRANT USAGE ON SEQUENCE chat_go_fences TO bot;
//
// Connect names the rights that are missing.
//
// [Adapter.MigrateFromTypeScript] takes over what the TypeScript adapter
// @chat-adapter/state-pg has stored. The two kinds of bots cannot share their data.
//
// Behind a PgBouncer in transaction mode set pgbouncer=true: nothing is prepared, and
// nothing is kept in a session.
//
// # Limits
//
// Postgres 13 or later is needed, and a database with the encoding UTF8.
//
// Locks, expiry and marks go by the server's clock. If that is set, or a standby with
// another clock is promoted, they end sooner or later by as much.
//
// A lock is a lease, and nothing makes it a proof: the holder must stop when
// Lock.ExpiresAt is near. What a server had not replicated is lost when it fails over to
// a standby, locks and accepted messages too, unless the server waits for the standby
// (synchronous_standby_names, see
// https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION).
//
// Changes of one queue, one list or one lock come one after the other. Values, lists and
// entries that have expired are removed in batches of 500 by one of the instances.
//
// What a call does when its reply is lost is written with each method. In short: reads,
// subscriptions, locks, claims, Set, Delete and Settle are sent again; Enqueue, Accept,
// AppendToList and Dequeue are not, and their error matches [state.ErrUnknownOutcome].
//
// # Errors
//
// Every error matches one or more of the errors of package state, and the context's
// error if the call was given up. A failure on the way to the server or in it is an
// *[Error] with its cause. What waiting does not mend matches [state.ErrMisconfigured]:
// a wrong password, a missing right or table, a database that does not exist.
package pgstate
