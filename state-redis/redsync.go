package redisstate

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	redsyncredis "github.com/go-redsync/redsync/v4/redis"
	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// voters are the masters that decide about one lock in one call, as redsync sees
// them: one pool for each, whose commands go through the adapter's pipelines.
//
// redsync asks each master in a goroutine of its own. An only master is asked on the
// goroutine of the call, before redsync, which then hears the answer: see answeredConn.
type voters struct {
	op op
	// taking is set for AcquireLock. redsync releases at once what it failed to
	// take; that is left to the orphans, as a release that is still on its way
	// could undo a later success with the same token.
	taking bool
	// sure is false if the token may be in place already.
	sure bool
	// unsure is set when a master may have given the lock unheard.
	unsure atomic.Bool
	// unconfirmed is set when the master gave the lock and too few replicas
	// confirmed it.
	unconfirmed atomic.Bool
	// answered is what redsync gets if there is but one master, and only what asks that.
	answered answeredConn
	only     voterConn
	// token is the one to take the lock with, which tokenOption tells redsync.
	token       string
	tokenOption redsync.Option
	// found is the context in which the pools find the voters.
	found voteContext
	// ride is what travels with the command to the only master. Nil: nothing.
	ride *ride
	// ballots are what each of several masters answers to AcquireLock.
	ballots []ballot
	// asking is what several masters are asked in. It ends, by giveUp, some time
	// after one of them has refused.
	asking context.Context
	giveUp context.CancelFunc
	// given are the ballots of the call whose lock this one undoes.
	given []ballot
	// released are closed as each of several masters answers to a release.
	released []chan struct{}
}

// idleVoters are of calls to an only master, which have ended: then nobody else uses them.
var idleVoters = sync.Pool{New: func() any {
	v := &voters{}
	v.tokenOption = redsync.WithGenValueFunc(func() (string, error) { return v.token, nil })
	return v
}}

// voters returns those of the call. They must be recycled, unless redsync goes on with them.
func (o *op) voters() *voters {
	v := idleVoters.Get().(*voters)
	v.op = *o
	return v
}

// recycle gives the voters up at the end of their call. Several masters may be asked
// longer.
func (v *voters) recycle() {
	if v.hasOnly() {
		*v = voters{tokenOption: v.tokenOption}
		idleVoters.Put(v)
	}
}

// newRedsync makes the redsync of an adapter. Its pools find the call that they
// serve in the context that redsync hands on to them.
func newRedsync(nodes []*node) *redsync.Redsync {
	pools := make([]redsyncredis.Pool, len(nodes))
	for i, n := range nodes {
		pools[i] = voter{n, i}
	}
	return redsync.New(pools...)
}

// redsyncScripts are redsync's own, with which it releases and extends a lock.
type redsyncScripts struct{ release, extend *script }

// learnScripts has redsync tell its scripts, which it does not export.
func learnScripts() redsyncScripts {
	l := &learner{}
	m := redsync.New(l).NewMutex("")
	_, _ = m.Unlock()
	release := l.seen
	_, _ = m.Extend()
	return redsyncScripts{release: release, extend: l.seen}
}

// learner is a pool that notes the last script that one of its connections was given.
type learner struct{ seen *script }

// Get returns a connection.
func (l *learner) Get(context.Context) (redsyncredis.Conn, error) { return learnerConn{of: l}, nil }

type learnerConn struct {
	unusedConn
	of *learner
}

// Eval notes the script.
func (c learnerConn) Eval(s *redsyncredis.Script, _ ...any) (any, error) {
	c.of.seen = &script{src: s.Src, hash: s.Hash}
	return int64(1), nil
}

// Options of every mutex. A master gets as much time as the call: redsync's own
// fraction of the TTL would fail short locks for nothing. With several masters
// the call ends when a majority has answered.
var (
	wholeCall     = redsync.WithTimeoutFactor(1000)
	wholeTTL      = redsync.WithTimeoutFactor(1)
	firstMajority = redsync.WithFailFast(true)
	allOfThem     = redsync.WithFailFast(false)
)

// anyTTL is that of a mutex that is only released.
const anyTTL = time.Minute

var anyExpiry = redsync.WithExpiry(anyTTL)

// mutex makes redsync's mutex for one attempt.
func (v *voters) mutex(name string, ttl time.Duration, last redsync.Option) *redsync.Mutex {
	a := v.op.a
	timeout, wait, expiry := wholeCall, allOfThem, anyExpiry
	if ttl != anyTTL {
		expiry = redsync.WithExpiry(ttl)
	}
	if ttl > 24*time.Hour {
		timeout = wholeTTL // a thousand times as much may not fit in a Duration
	}
	if len(a.locks) > 1 {
		wait = firstMajority
	}
	return a.redsync.NewMutex(name, expiry, timeout, wait, last)
}

// votersKey is under what a voteContext has its voters.
type votersKey struct{}

// voteContext carries the voters to their pools through redsync, which derives a
// context with a timeout. The commands obey the call's own context: this one
// only looks as if it had the call's deadline, so that no timer is started.
type voteContext struct {
	context.Context
	v *voters
}

func (v *voters) context() context.Context {
	v.found = voteContext{v.op.ctx, v}
	return &v.found
}

// Done never comes.
func (*voteContext) Done() <-chan struct{} { return nil }

// Err is always nil.
func (*voteContext) Err() error { return nil }

// Value finds the voters.
func (c *voteContext) Value(key any) any {
	if key == (votersKey{}) {
		return c.v
	}
	return nil
}

// voter is one master's pool.
type voter struct {
	node  *node
	index int
}

// Get returns a connection for one command. With one master it has the answer. With
// several the command has time of its own: a majority may end the call before a
// slow master has answered, and that master shall hear of it all the same.
func (p voter) Get(ctx context.Context) (redsyncredis.Conn, error) {
	v, ok := ctx.Value(votersKey{}).(*voters)
	if !ok {
		return nil, errUnused
	}
	if len(v.op.a.locks) == 1 {
		return &v.answered, nil
	}
	o := v.op
	asking := v.asking
	if asking == nil {
		asking = context.WithoutCancel(v.op.ctx)
	}
	o.ctx, o.cancel = context.WithTimeout(asking, v.op.a.cfg.Timeout)
	return &voterConn{voters: v, node: p.node, op: &o, index: p.index}, nil
}

// answeredConn is the connection to an only master that was asked already, as redsync
// would have asked it: with the answer redsync decides.
type answeredConn struct {
	unusedConn
	name, value string // of the lock, that the master was asked about
	taking      bool   // see voters
	status      int64
	err         error
}

// askOnly asks the only master about a lock, on the goroutine of the call. It returns how
// much of the TTL is left for redsync, which believes that it asks only now.
func (v *voters) askOnly(name, value string, ttl time.Duration, ask func(*voterConn) (int64, error)) (left time.Duration) {
	sent := time.Now()
	v.only = voterConn{voters: v, node: v.op.a.locks[0], op: &v.op}
	status, err := ask(&v.only)
	v.answered = answeredConn{name: name, value: value, taking: v.taking, status: status, err: err}
	return ttl - time.Since(sent)
}

// hasOnly reports whether there is but one master.
func (v *voters) hasOnly() bool { return len(v.op.a.locks) == 1 }

// SetNX returns the answer.
func (c *answeredConn) SetNX(name, value string, _ time.Duration) (bool, error) {
	if name != c.name || value != c.value {
		return false, errUnused
	}
	return c.status == 1, c.err
}

// Eval returns the answer.
func (c *answeredConn) Eval(_ *redsyncredis.Script, keysAndArgs ...any) (any, error) {
	switch {
	case c.taking:
		return int64(0), nil // see voters.taking
	case keysAndArgs[0] != c.name || keysAndArgs[1] != c.value:
		return nil, errUnused
	}
	return c.status, c.err
}

// voterConn executes redsync's commands on one master.
type voterConn struct {
	unusedConn
	*voters
	node  *node
	op    *op
	index int
}

// Close ends what Get began.
func (c *voterConn) Close() error {
	if c.op != &c.voters.op {
		c.op.end()
	}
	return nil
}

// SetNX takes the lock on this one of several masters, when it is its turn.
func (c *voterConn) SetNX(name, value string, expiry time.Duration) (bool, error) {
	if !c.turn() {
		c.ballots[c.index].cast(false, nil)
		return false, nil
	}
	won, err := c.take(name, value, expiry)
	if err == nil {
		c.node.silent.Store(0)
		if !won {
			time.AfterFunc(ballotPatience, c.giveUp)
		}
	}
	c.ballots[c.index].cast(won, err)
	if err != nil && c.asking.Err() != nil {
		return false, nil // another asks, too: only a silent master could decide
	}
	return won, err
}

// take takes the lock on this master, or finds that an earlier attempt did.
func (c *voterConn) take(name, value string, expiry time.Duration) (bool, error) {
	o := c.op
	if o.a.replicatesLocks() {
		cmd := newRun(lockScript, name, value, millisText(expiry))
		err := o.replicate(name, lockScript, cmd, again)
		switch {
		case isTooFew(err):
			c.unconfirmed.Store(true)
		case fateOf(err) == unknown:
			c.unsure.Store(true)
		}
		return err == nil && cmd.Val() == 1, err
	}
	if c.ride != nil && c.ride.start != nil {
		return c.takeAtStart(name, value, expiry)
	}
	if c.sure {
		cmd := newBool("set", name, value, "px", millis(expiry), "nx")
		err := c.send(cmd)
		f := fateOf(err)
		if f == answered {
			return cmd.Val(), err
		}
		c.node.failed(err)
		if o.a.cfg.Retry.Off || o.ctx.Err() != nil || !o.pause(0) {
			c.unsure.Store(c.unsure.Load() || f == unknown)
			return false, err
		}
	}
	cmd := newRun(lockScript, name, value, millisText(expiry))
	err := o.run(c.node, lockScript, cmd, again)
	if fateOf(err) == unknown {
		c.unsure.Store(true)
	}
	return err == nil && cmd.Val() == 1, err
}

// takeAtStart takes the lock if the claim that it rides with is set.
func (c *voterConn) takeAtStart(name, value string, expiry time.Duration) (bool, error) {
	s := c.ride.start
	given := c.op.runStart(c.node, s, name, value, expiry)
	if fateOf(s.err) == unknown {
		c.unsure.Store(true)
	}
	return given, s.err
}

// send executes a command once, with what rides along.
func (c *voterConn) send(cmd redis.Cmder) error {
	r := c.ride
	if r == nil {
		return c.node.send(c.op.ctx, cmd)
	}
	cmds := append(append(r.before, cmd), r.after...)
	r.gone = true
	if r.err = c.node.sendInOrder(c.op.ctx, cmds...); r.err != nil {
		return r.err
	}
	return cmd.Err()
}

// Eval runs redsync's scripts, which extend and release, on this one of several masters.
func (c *voterConn) Eval(s *redsyncredis.Script, keysAndArgs ...any) (any, error) {
	if c.taking {
		return int64(0), nil // see voters.taking
	}
	sc, key, token := &script{src: s.Src, hash: s.Hash}, keysAndArgs[0].(string), keysAndArgs[1].(string)
	if c.released != nil {
		defer close(c.released[c.index])
	}
	err := c.op.a.ballots.wait(c.op.ctx, token, c.index)
	var status int64
	if err == nil {
		status, err = c.eval(sc, key, keysAndArgs[1:]...)
	}
	if err != nil {
		c.undoLater(err, sc, key, token)
		return nil, err
	}
	return status, nil
}

// eval runs a script that extends or releases.
func (c *voterConn) eval(sc *script, key string, args ...any) (status int64, err error) {
	o, isRelease := c.op, len(args) == 1
	var cmd scriptCmd
	if c.ride != nil && c.ride.script.IntCmd != nil {
		cmd = c.ride.script
	} else {
		cmd = newRunHash(sc.hash, key, args...)
	}
	if o.a.replicatesLocks() && !isRelease {
		err = o.replicate(key, sc, cmd, again)
	} else {
		err = c.send(cmd)
		if err != nil {
			if c.ride != nil {
				c.ride.apart = true
			}
			err = o.retry(c.node, cmd, again, err)
		}
		if isNoScript(err) {
			cmd.byText(sc)
			err = o.do(c.node, cmd, again)
		}
	}
	switch {
	case err != nil:
		return 0, err
	case isRelease && o.resent:
		return 1, nil // an attempt whose reply was lost may have released it
	case isRelease && cmd.Val() < 0:
		return 0, nil // nobody has it: redsync would wait for every master
	}
	return cmd.Val(), nil
}

// undoLater goes on asking a master that may hold a lock nobody wants, in time of
// its own, until it answers.
func (c *voterConn) undoLater(err error, s *script, key string, token any) {
	if c.given == nil || fateOf(err) == answered {
		return
	}
	ballot, end := &c.given[c.index], time.Now().Add(undoFor)
	go func() {
		<-ballot.done
		if fateOf(ballot.err) != unknown {
			return
		}
		// A request may overtake what is still on another connection: so one that
		// finds nothing is made twice.
		for answers := 0; answers < 2 && time.Now().Before(end); {
			o, err := c.op.a.begin(background, "release lock")
			if err != nil {
				return
			}
			cmd := newRunHash(s.hash, key, token)
			if err = o.run(c.node, s, cmd, again); err == nil && cmd.Val() == 1 {
				return
			}
			if fateOf(err) == answered {
				answers++
			}
			select {
			case <-time.After(undoPace):
			case <-o.a.closing:
				return
			}
		}
	}()
}

const (
	// undoFor is how long a master is asked to forget a lock. Nearly every TTL is
	// over by then.
	undoFor = time.Minute
	// undoPace is the pause between two requests.
	undoPace = 100 * time.Millisecond
)

var errUnused = errors.New("redisstate: redsync used a command that a lock does not need")

// unusedConn has what no mutex here uses of redsync's port.
type unusedConn struct{}

// Close does nothing.
func (unusedConn) Close() error { return nil }

// SetNX is unused.
func (unusedConn) SetNX(string, string, time.Duration) (bool, error) { return false, errUnused }

// Set is unused.
func (unusedConn) Set(string, string) (bool, error) { return false, errUnused }

// Get is unused.
func (unusedConn) Get(string) (string, error) { return "", errUnused }

// PTTL is unused.
func (unusedConn) PTTL(string) (time.Duration, error) { return 0, errUnused }

// ScriptLoad is unused.
func (unusedConn) ScriptLoad(*redsyncredis.Script) error { return errUnused }

// verdict sorts redsync's error: how many masters refused because another has
// the lock, or nobody, and the first error of a master that did not answer.
func verdict(err error, refused *int) error {
	switch e := err.(type) { //nolint:errorlint // what redsync made itself, part by part
	case interface{ Unwrap() []error }:
		var first error
		for _, part := range e.Unwrap() {
			if cause := verdict(part, refused); first == nil {
				first = cause
			}
		}
		return first
	case *redsync.ErrTaken:
		*refused += len(e.Nodes)
		return nil
	case *redsync.ErrNodeTaken:
		*refused++
		return nil
	case *redsync.RedisError:
		return e.Err
	}
	return err
}

// lockError is the error of an AcquireLock that failed.
func (v *voters) lockError(err error, threadID string) error {
	refused := 0
	cause := verdict(err, &refused)
	switch n := len(v.op.a.locks); {
	case refused > n-(n/2+1): // the others are no majority
		return state.ErrLocked
	case cause == nil || errors.Is(cause, redsync.ErrFailed):
		if refused > 0 {
			return state.ErrLocked
		}
		return v.op.fail(errTooLate, "lock", threadID)
	default:
		return v.op.fail(cause, "lock", threadID)
	}
}

// heldError is the error of an extension or a release that failed.
func (v *voters) heldError(err error, threadID string) error {
	refused := 0
	cause := verdict(err, &refused)
	switch n := len(v.op.a.locks); {
	case refused > n-(n/2+1):
		return v.op.error(nil, state.ErrLockLost)
	case cause == nil || errors.Is(cause, redsync.ErrExtendFailed) || errors.Is(cause, redsync.ErrFailed):
		if refused > 0 {
			return v.op.error(nil, state.ErrLockLost)
		}
		return v.op.fail(errTooLate, "lock", threadID)
	default:
		return v.op.fail(cause, "lock", threadID)
	}
}

// errTooLate is the cause when the answer came after the lock had expired.
var errTooLate = errors.New("the answer came when the TTL had passed already")
