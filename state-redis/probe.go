package redisstate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// probeScript uses every command that the adapter uses on one key, and deletes it. It
// is one step of the server: nobody sees the key, unless the user may not delete it,
// and then it expires.
//
//	KEYS[1] probe   ARGV: 'all', or 'lock' for what a lock needs   → empty, or the command that failed and its error
var probeScript = newScript(`
local k, failed = KEYS[1], nil
local function try(...)
  if failed then return end
  local r = redis.pcall(...)
  if type(r) == 'table' and r.err then failed = {(...), r.err} end
end
try('set', k, '1', 'PX', 60000)
try('get', k)
try('pexpire', k, 60000)
try('del', k)
if ARGV[1] == 'all' then
  try('incr', k)
  try('del', k)
  try('exists', k)
  try('pttl', k)
  try('rpush', k, '1')
  try('lrange', k, 0, -1)
  try('llen', k)
  try('ltrim', k, 0, -1)
  try('lrem', k, 1, '2')
  try('lpop', k)
  try('sadd', k, '1')
  try('sismember', k, '1')
  try('srem', k, '1')
  try('zadd', k, 1, '1')
  try('zscore', k, '1')
  try('zrangebyscore', k, 0, 1)
  try('zrem', k, '1')
end
if failed then redis.pcall('del', k) return failed end
return {}`)

// Check writes one key on every server that the adapter writes to, and deletes it. Its
// error says why a server takes no writes: it is a replica, its memory is full, a
// right is missing, too few replicas confirm. It matches [state.ErrUnavailable], or
// [state.ErrMisconfigured] where waiting does not help. With several masters a
// majority suffices.
func (a *Adapter) Check(ctx context.Context) error {
	o, err := a.begin(ctx, "check")
	if err != nil {
		return err
	}
	defer o.end()
	if err := a.probe(o.ctx); err != nil {
		return o.probeError(err)
	}
	return nil
}

// probe checks every server that the adapter writes to.
func (a *Adapter) probe(ctx context.Context) error {
	if err := a.probeNode(ctx, a.main); err != nil {
		return err
	}
	others := a.locks[1:]
	results := make(chan error, len(others))
	for _, n := range others {
		go func() { results <- a.probeNode(ctx, n) }()
	}
	var failures []error
	for range others {
		if err := <-results; err != nil {
			a.cfg.Logger.WarnContext(ctx, "a lock master cannot be used", "error", err)
			failures = append(failures, err)
		}
	}
	if len(a.locks)-len(failures) < len(a.locks)/2+1 {
		return errors.Join(failures...)
	}
	return nil
}

func (a *Adapter) probeNode(ctx context.Context, n *node) error {
	var err error
	if n.cluster == nil {
		err = a.probeServer(ctx, n, n.client, a.keys.probe+"0")
	} else {
		err = a.probeCluster(ctx, n)
	}
	if err == nil {
		return nil
	}
	if a.phase.Load() == connected && fateOf(err) != answered {
		n.failed(err)
	}
	return fmt.Errorf("%s: %w", n.describe, n.explain(err, a.keys.prefix))
}

// probeCluster checks every master of a Cluster.
func (a *Adapter) probeCluster(ctx context.Context, n *node) error {
	keys, err := a.probeKeys(ctx, n)
	if err != nil {
		return err
	}
	results := make(chan error, len(keys))
	for master, key := range keys {
		go func() {
			err := a.probeServer(ctx, n, master, key)
			if isRedirection(err) { // a slot has just moved
				err = a.probeServer(ctx, n, n.client, key)
			}
			if err != nil {
				err = fmt.Errorf("master %s: %w", master.Options().Addr, err)
			}
			results <- err
		}()
	}
	var first error
	for range keys {
		if err := <-results; first == nil {
			first = err
		}
	}
	return first
}

// probeKeys finds a key for each master of a Cluster. One that has few slots or none
// may be left out: all keys are in one slot if the prefix has a {tag}.
func (a *Adapter) probeKeys(ctx context.Context, n *node) (map[*redis.Client]string, error) {
	var masters atomic.Int64
	err := n.cluster.ForEachMaster(ctx, func(context.Context, *redis.Client) error {
		masters.Add(1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	keys := map[*redis.Client]string{}
	for i := range 64 * masters.Load() {
		key := a.keys.probe + strconv.FormatInt(i, 10)
		master, err := n.cluster.MasterForKey(ctx, key)
		if err != nil {
			return nil, err
		}
		if keys[master] == "" {
			keys[master] = key
		}
		if int64(len(keys)) == masters.Load() {
			break
		}
	}
	return keys, nil
}

// probeServer checks what is behind a client: that it knows the script and then its
// name, what the script says, and that replicas confirm it if they must.
func (a *Adapter) probeServer(ctx context.Context, n *node, client redis.UniversalClient, key string) error {
	scope := "all"
	if n != a.main {
		scope = "lock"
	}
	byText := newStrings("eval", probeScript.src, 1, key, scope)
	byName := newStrings("evalsha", probeScript.hash, 1, key, scope)
	cmds := []redis.Cmder{byText, byName}
	wait := newInt("wait", a.cfg.MinReplicas, millis(a.cfg.ReplicaTimeout))
	replicated := n == a.main && a.cfg.MinReplicas > 0
	if replicated {
		cmds = append(cmds, wait)
	}
	if n == a.main && n.cluster == nil {
		// One server of a Cluster has some of the keys only.
		for i := range 8 {
			cmds = append(cmds, newInt("exists", a.keys.probe+strconv.Itoa(i+1)))
		}
	}
	if err := n.exec(ctx, client.Pipeline(), cmds); err != nil {
		return err
	}
	for _, cmd := range []stringsCmd{byText, byName} {
		if err := cmd.Err(); err != nil {
			return err
		}
		if failed := cmd.Val(); len(failed) == 2 {
			return &commandError{failed[0], replyError(strings.TrimSpace(failed[1]))}
		}
	}
	for _, cmd := range cmds[2:] {
		if err := cmd.Err(); err != nil {
			return err
		}
	}
	if have := wait.Val(); replicated && have < int64(a.cfg.MinReplicas) {
		return &replicasError{have: have, want: a.cfg.MinReplicas}
	}
	return nil
}

// commandError says which command of the probe failed.
type commandError struct {
	command string
	err     error
}

func (e *commandError) Error() string { return "command " + e.command + ": " + e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }
