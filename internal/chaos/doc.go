// Package chaos runs bots as processes on one Redis or Postgres, sends them messages
// as a platform does, and meanwhile kills and pauses the bots and fails the server. In
// the end it judges from records whether the bot kept its promises.
//
// # The run
//
// A bot is this test binary, started again. Its handlers write what they do to a
// file of their process, one write for each record, so a record survives the
// SIGKILL that follows it. The platform sends the messages of a thread one after
// the other over HTTP, each to any of the bots, and sends a message again until
// it is answered with 2xx. Faults come from a plan. When all messages are
// accepted, the faults end, and the bots get time to finish.
//
// # The verdict
//
// A message that was answered with 2xx is accepted. It is handled when a handler
// that got it, as its message or as a skipped one, returned nil. It is lost if it
// is accepted, and neither handled nor a dead letter.
//
// Handlers of one thread get its messages in the order of acceptance: when one
// is seen for the first time, all seen before must be older. A message that is
// seen again is no matter of order but a repetition, and each repetition must
// have a reason: the handler before it was killed, lost its lock, or failed; or
// a fault came after its end and before its bot reported that the success was
// written down; or Redis failed, so that it could not be or was lost; or the message
// was stored twice, because the platform had to send it again.
//
// # What counts as an overlap
//
// A lock is a lease. A process that is stopped, or that waits for the processor,
// can not see that its lease ends, and nothing it has sent to elsewhere can be
// called back. What a lease can promise is this: once another handler has begun,
// the first one finds its context ended whenever it looks. So a handler notes
// the time and then looks at its context, again and again while it works. An
// overlap is a handler of a thread that began while an earlier one was still to
// find its context alive at a later time. As the time is noted before the look,
// a process that is stopped between the two accuses nobody wrongly, and as a
// context that has ended stays so, being alive at a time means having been alive
// at all times before.
//
// All processes read one clock, the machine's monotonic one.
//
// # What Redis must be set to
//
// Under Sentinel and on a Cluster a message is accepted when a replica has it
// too: Config.MinReplicas of redisstate is 1. That keeps it when the master dies,
// as the replica that has seen most takes over, and when the master comes back
// after another has taken over, as it then has no replica to confirm. A lock is
// given only when a replica has it, for the same reasons: two bots were seen to
// work on one thread while the master alone gave locks. The servers have
// min-replicas-to-write 1 besides: a master that comes back has lost its replicas
// and refuses also what waits for none, before it hears that it has been replaced.
//
// # Postgres
//
// One server, which waits for its disk. It is killed, as in a crash, and started again;
// its tables are locked, so that every statement waits; its sessions are ended.
//
// # Lost locks
//
// The loss trials have one bot hold many threads, at all phases of the renewal of
// their locks, and another one want them. Then locks are lost: the connection
// hangs, the server pauses, dies, fails over, loses its data, or somebody deletes
// the locks. A trial is one thread: when did the first handler's context end, and
// when did the other's handler begin? An overlap is what it is everywhere here. A
// handler that waits for the processor may see the end of its context after the
// other's begin although it ended before: that is counted apart.
//
// # Machines with other work
//
// A bot or a server that does not get the processor for long loses locks as one
// that was paused. So bots note when they did not run, and the test notes when
// Redis took no writes and when another server took over: that can be the reason
// for a repetition. It is none for a loss, an overlap or a wrong order.
//
// # Traffic
//
// A run in which little happens proves nothing: it does not count unless the
// messages were accepted at a minimum rate, and faults of bots and of Redis have
// struck while handlers ran. The small run among all checks does without that, as
// nobody knows what else its machine has to do.
//
// # To look at
//
// A Live is a run without an end, whose faults somebody does who watches it: see
// the command in the folder demo.
package chaos
