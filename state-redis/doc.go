// Package redisstate keeps a bot's state in Redis: on a single server, under
// Sentinel, on a Cluster, with locks on several masters. It stores the same keys
// and the same JSON as the TypeScript adapters, so that bots of both kinds can
// share one Redis.
//
// # Setup
//
//	a, err := redisstate.New(redisstate.Config{URL: "redis://localhost:6379"})
//
// or, chosen by configuration,
//
//	import _ "github.com/chat-adapter/chat-go/state-redis"
//
//	a, err := state.Open(ctx, os.Getenv("STATE_URL"))
//
// The URL is one of
//
//	redis://[user:password@]host[:6379][/database]
//	redis+cluster://[user:password@]host:port,host:port
//	redis+sentinel://[user:password@]host[:26379],host:port/master[/database]
//	redis+unix://[user:password@]/path/of/socket
//
// or the first three with rediss, for TLS. valkey and valkeys mean the same as redis
// and rediss. Reserved characters in a user name or a password are percent-encoded,
// as %40 for @; a plus is a plus everywhere, and a space is %20. Query parameters are
//
//	prefix            key prefix                             chat-sdk
//	db                database, as in the path               0
//	timeout           bound of a call without a deadline     5s
//	dial_timeout      bound of opening a connection          2s
//	read_timeout      bound of waiting for a reply           3s
//	write_timeout     bound of sending a request             3s
//	max_retries       how often a call is tried again        3
//	pool_size         connections to one server              10 for each CPU
//	pipelining        whether calls share connections        true
//	min_replicas      replicas that confirm a message        0
//	replica_timeout   bound of waiting for them              1s
//	subscriptions     set, keys or both                      set
//	sentinel_username, sentinel_password                     none
//	tls_ca, tls_cert, tls_key, tls_server_name               files in PEM form
//
// Any other parameter is an error.
//
// # Abilities
//
// The adapter has every role of package state: the required ones, Inbox, Swaps, Turns,
// Fences and Checker. A call is one round trip; Accept too, but two on a Cluster or
// with MinReplicas. Concurrent calls share connections: what is ready at the same time
// leaves in one write.
//
// # Keys
//
//	{prefix}:subscriptions           SET     thread ids
//	{prefix}:subscription:{thread}   STRING  "1", with SubscriptionKeys or SubscriptionBoth only
//	{prefix}:lock:{thread}           STRING  the token, with expiry
//	{prefix}:cache:{key}             STRING  the value, with expiry if it has one
//	{prefix}:list:{key}              LIST    values, with expiry if it has one
//	{prefix}:queue:{thread}          LIST    entries as JSON, with expiry
//	{prefix}:fence:{thread}          STRING  how often Fence was asked for the thread
//	{prefix}:pending:{0..15}         ZSET    threads with waiting entries, by time in microseconds
//	{prefix}:probe:{n}               any     within one script of Connect and Check; nobody sees it
//
// Every command touches one key, except on a single server the scripts that begin a
// turn or look for one, which touch two or more.
//
// # Commands
//
// An ACL user needs these commands on the keys {prefix}:*
//
//	get exists set del sadd srem sismember rpush lpop lrange llen lrem ltrim pexpire pttl
//	zadd zscore zrem zrangebyscore incr eval evalsha
//
// and hello; on a Cluster cluster|slots (and readonly is not needed); with a
// database other than 0 select; with MinReplicas wait; for
// MigrateSubscriptions sscan.
//
//	ACL SETUSER bot on >password ~chat-sdk:* resetchannels -@all +hello +get +exists +set +del +sadd +srem
//	  +sismember +rpush +lpop +lrange +llen +lrem +ltrim +pexpire +pttl +zadd +zscore +zrem
//	  +zrangebyscore +incr +eval +evalsha
//
// Connect tries all of them and names one that is missing. As the default user it also
// sends info, to warn of a server that evicts keys; as another it does not, which would
// leave an entry in the ACL LOG.
//
// Under Sentinel the Sentinels' own user needs sentinel|get-master-addr-by-name,
// sentinel|master, sentinel|replicas, sentinel|sentinels, and subscribe to the
// channels +switch-master and +failover-state-wait-promotion.
//
// # Limits
//
// Redis 6.2 or later is needed, or a server that is compatible with it. A redis.Ring is
// refused.
//
// The server's maxmemory-policy must be noeviction: any other throws away locks, queues
// and, with allkeys, subscriptions when the memory is full, in silence. With noeviction
// a full server refuses writes, and the platforms deliver again
// (https://redis.io/docs/latest/develop/reference/eviction/). What is stored survives
// the server's restart as far as its persistence goes: with appendonly and appendfsync
// everysec up to a second is lost, with snapshots alone all since the last one, with
// neither everything
// (https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/).
//
// An idle connection that the server has closed, because of its setting timeout or its
// restart, is noticed before a command goes out on it; not on Windows, where nothing
// can look. One that ends while a command is on its way gives the outcomes below.
//
// All subscriptions are one set by default, held by one server of a Cluster. A
// million threads take about 85 MiB there, ten million 950 MiB; a check takes the
// same time at every size. With SubscriptionKeys a million take about 100 MiB,
// spread over all servers.
//
// A lock is a lease. One master that fails over loses what it had not
// replicated, so until the first one's TTL ends two may hold one lock; a clock
// that jumps on a master can do the same. Config.MinReplicas narrows the first.
// Several independent masters (Config.Masters) need a
// majority for a lock, and lose none when a minority fails, provided that a
// master which lost its memory stays away for the longest TTL. Nothing makes a
// lease a proof: the holder must stop when Lock.ExpiresAt is near.
//
// The holder of a lock does not see at once that its key is gone: deleted, forced,
// or lost with all data, by FLUSHALL or by a server that restarts without
// persistence. It learns of it when it next extends the lock, and until then
// another can hold the lock, too.
//
// With Config.MinReplicas, Accept returns only when so many replicas have
// confirmed that they received the entry and its mark, and AcquireLock and
// ExtendLock when they have confirmed the lock (the command WAIT, see
// https://redis.io/docs/latest/commands/wait/). Then the loss of the master
// loses these only if a replica that has not confirmed is promoted; Sentinel
// and Cluster prefer the replica that is furthest, but do not promise it. In a
// failover that an operator asks Sentinel for while the master lives, the old
// master and the replicas that still follow it go on confirming for a moment:
// only with as many confirmations as there are replicas does nothing get lost
// then. It is in their memory, not on their disks: WAIT does not make Redis a
// strongly consistent store. Without MinReplicas what was written within the
// replication delay, usually a millisecond, is lost with the master: an accepted
// entry, or a lock, which another can then take while its holder goes on. The
// server's min-replicas-to-write makes a master that has lost its replicas refuse
// every write, also those that wait for none: set both.
//
// What a call does when the reply to its command is lost is written with each
// method. In short: reads, subscriptions, locks, claims, Set, Delete and Settle
// are sent again; Enqueue, Accept, AppendToList and Dequeue are not, and their
// error matches state.ErrUnknownOutcome. Sent again by the caller, the first three
// can double an entry and never lose another; Dequeue may have taken one entry
// that never arrived. Inbox loses none. A command that is given up before it was
// sent was not executed, and its error says nothing of an unknown outcome.
//
// # Logs
//
// Config.Logger gets what the adapter has to say. The client below, go-redis, has one
// logger for the whole process, which writes to standard error; a connection that
// cannot be opened is reported there, too. It is the program's to set:
//
//	redis.SetLogger(logger) // or logging.Disable, of github.com/redis/go-redis/v9/logging
//
// # Errors
//
// What waiting does not mend matches [state.ErrMisconfigured]: a wrong password, a
// missing right, a database that does not exist, a scheme that does not fit the server.
// A program should end with it.
//
// Every error matches one or more of the errors of package state, and the
// context's error if the call was given up. A failure on the way to the server
// or in it is an *[Error] with its cause. Data of a wrong type is a
// *[state.CorruptError].
package redisstate
