package redisstate

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// refuse checks that Connect fails for the reason.
func refuse(t *testing.T, cfg Config, kind error, hint string) {
	t.Helper()
	a, err := New(cfg)
	require.NoError(t, err)
	defer a.Close(context.Background())
	err = a.Connect(t.Context())
	require.ErrorIs(t, err, kind)
	assert.ErrorContains(t, err, hint)
	for _, other := range []error{state.ErrUnavailable, state.ErrMisconfigured} {
		if other != kind { //nolint:errorlint // one of the two
			assert.NotErrorIs(t, err, other)
		}
	}
	_, err = a.Get(t.Context(), "k")
	require.ErrorIs(t, err, state.ErrNotConnected)
}

// Where nothing can be written nothing is connected, and the error says why, and
// whether waiting helps.
func TestConnectNeedsWrites(t *testing.T) {
	for name, c := range map[string]struct {
		set  []string // what makes it so
		url  string   // after the host
		kind error
		hint string
		cfg  Config
	}{
		"replica": {
			set: []string{"replicaof 127.0.0.1 1"}, kind: state.ErrUnavailable, hint: "it is a read-only replica: name the master, or use the scheme redis+sentinel",
		},
		"replica without stale data": {
			set: []string{"replicaof 127.0.0.1 1", "config set replica-serve-stale-data no"}, kind: state.ErrUnavailable, hint: "replica that has lost its master",
		},
		"memory":   {set: []string{"config set maxmemory 1"}, kind: state.ErrUnavailable, hint: "its memory is full"},
		"replicas": {set: []string{"config set min-replicas-to-write 1"}, kind: state.ErrUnavailable, hint: "too few replicas follow it"},
		"confirmations": {
			cfg: Config{MinReplicas: 1, ReplicaTimeout: time.Millisecond}, kind: state.ErrUnavailable, hint: "too few replicas confirm",
		},
		"password": {set: []string{"config set requirepass correct"}, url: "", kind: state.ErrMisconfigured, hint: "password is wrong, or missing"},
		"database": {url: "/99", kind: state.ErrMisconfigured, hint: "no such database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for _, line := range c.set {
				var args []any
				for word := range strings.FieldsSeq(line) {
					args = append(args, word)
				}
				require.NoError(t, s.client().Do(t.Context(), args...).Err())
			}
			for _, off := range []bool{false, true} {
				cfg := c.cfg
				cfg.URL, cfg.Pipelining.Off = s.url()+c.url, off
				refuse(t, cfg, c.kind, c.hint)
			}
		})
	}
	t.Run("cluster mode", func(t *testing.T) {
		t.Parallel()
		s := newServer(t)
		refuse(t, Config{URL: strings.Replace(s.url(), "redis", "valkey+cluster", 1)}, state.ErrMisconfigured, "not in cluster mode: use the scheme valkey")
	})
}

// documentedCommands are those that the package comment lists.
func documentedCommands(t *testing.T) []string {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(doc), "ACL SETUSER bot on >password ~chat-sdk:* resetchannels -@all ")
	require.True(t, ok)
	rules, _, _ := strings.Cut(rest, "\n//\n")
	var commands []string
	for _, found := range regexp.MustCompile(`\+([a-z]+)`).FindAllStringSubmatch(rules, -1) {
		commands = append(commands, found[1])
	}
	require.Greater(t, len(commands), 20)
	return commands
}

// Each right that is missing is named, where it is missing, and not when it is
// missed.
func TestConnectNamesTheMissingRight(t *testing.T) {
	s := newServer(t)
	commands := documentedCommands(t)
	user := func(rules string, without string) Config {
		require.NoError(t, s.client().Do(t.Context(), "acl", "deluser", "bot").Err())
		args := []any{"acl", "setuser", "bot", "on", ">pass", "resetchannels", "-@all", rules}
		for _, c := range commands {
			if c != without {
				args = append(args, "+"+c)
			}
		}
		require.NoError(t, s.client().Do(t.Context(), args...).Err())
		return Config{URL: s.url(), Username: "bot", Password: "pass"}
	}
	for _, c := range commands {
		if c == "hello" {
			continue // without it the client signs in the old way
		}
		t.Run(c, func(t *testing.T) { refuse(t, user("~chat-sdk:*", c), state.ErrMisconfigured, c) })
	}
	t.Run("keys", func(t *testing.T) {
		refuse(t, user("~other:*", ""), state.ErrMisconfigured, "the user lacks the right to the keys chat-sdk:*")
	})
	t.Run("all there", func(t *testing.T) {
		require.NoError(t, s.client().Do(t.Context(), "acl", "log", "reset").Err())
		a := connect(t, user("~chat-sdk:*", ""))
		require.NoError(t, a.Check(t.Context()))
		log, err := s.client().ACLLog(t.Context(), 10).Result()
		require.NoError(t, err)
		assert.Empty(t, log)
	})
	assert.Zero(t, s.client().Exists(t.Context(), "chat-sdk:probe:0").Val())
}

// Check says what calls see, from the first failure on and as soon as it is over.
func TestCheckFollowsTheServer(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		for _, step := range [][2][]any{
			{{"replicaof", "127.0.0.1", "1"}, {"replicaof", "no", "one"}},
			{{"config", "set", "maxmemory", "1"}, {"config", "set", "maxmemory", "0"}},
			{{"config", "set", "min-replicas-to-write", "1"}, {"config", "set", "min-replicas-to-write", "0"}},
		} {
			require.NoError(t, a.Check(ctx))
			require.NoError(t, c.Do(ctx, step[0]...).Err())
			_, err := a.Accept(ctx, "q", entry("1", time.Minute), 0)
			require.ErrorIs(t, err, state.ErrUnavailable)
			require.ErrorIs(t, a.Check(ctx), state.ErrUnavailable, step)
			require.NoError(t, c.Do(ctx, step[1]...).Err())
			require.NoError(t, a.Check(ctx))
		}
		require.Zero(t, c.DBSize(ctx).Val(), "nothing is left behind")
		s.stop()
		require.ErrorIs(t, a.Check(ctx), state.ErrUnavailable)
		s.start()
		require.NoError(t, a.Check(ctx))
		require.NoError(t, a.Close(ctx))
		require.ErrorIs(t, a.Check(ctx), state.ErrClosed)
	})
}

// A majority of the masters of a lock suffices, and of several causes one that may
// pass is enough for hope.
func TestConnectNeedsAMajority(t *testing.T) {
	servers := []*server{newServer(t), newServer(t), newServer(t)}
	cfg := Config{URL: servers[0].url(), MasterURLs: []string{servers[1].url(), servers[2].url()}}
	ctx := t.Context()
	require.NoError(t, servers[1].client().ConfigSet(ctx, "requirepass", "correct").Err())
	a := connect(t, cfg)
	require.NoError(t, a.Check(ctx))
	two := servers[2].client()
	require.NoError(t, two.ConfigSet(ctx, "maxmemory", "1").Err())
	require.ErrorIs(t, a.Check(ctx), state.ErrUnavailable)
	refuse(t, cfg, state.ErrUnavailable, "memory is full")
	require.NoError(t, two.ConfigSet(ctx, "requirepass", "correct").Err())
	refuse(t, cfg, state.ErrMisconfigured, "password is wrong")
}

// Servers before Redis 7, and some that are compatible, put the error of a command in
// a script after what the script was doing.
func TestErrorsInScripts(t *testing.T) {
	for text, want := range map[string]string{
		"OOM command not allowed when used memory > 'maxmemory'. script: db8d, on @user_script:1.":                                                  "OOM",
		"ERR Error running script (call to f_ab12): @user_script:1: -OOM command not allowed when used memory > 'maxmemory'.":                       "OOM",
		"ERR Error running script (call to f_ab12): @user_script:3: @user_script: 3: -READONLY You can't write against a read only replica.":        "READONLY",
		"ERR Error running script (call to f_ab12): @user_script:3: @user_script: 3: WRONGTYPE Operation against a key holding the wrong kind":      "WRONGTYPE",
		"ERR Error running script (call to f_ab12): @user_script:2: -NOREPLICAS Not enough good replicas to write.":                                 "NOREPLICAS",
		"ERR Error running script (call to f_ab12): @user_script:2: -MISCONF Redis is configured to save RDB snapshots, but":                        "MISCONF",
		"ERR Error running script (call to f_ab12): @user_script:2: -LOADING Redis is loading the dataset in memory":                                "LOADING",
		"ERR Error running script (call to f_ab12): @user_script:1: The user executing the script can't run this command or subcommand":             "NOPERM",
		"ERR The user executing the script can't access at least one of the keys mentioned in the command arguments script: ab, on @user_script:1.": "NOPERM",
		"ERR Error running script (call to f_ab12): @user_script:1: user_script:1: attempt to index a nil value":                                    "ERR",
		"NOSCRIPT No matching script. Please use EVAL.":                                                                                             "NOSCRIPT",
	} {
		t.Run(want, func(t *testing.T) {
			err := fmt.Errorf("wrapped: %w", replyError(text))
			require.Equal(t, want, codeOf(err))
			switch want {
			case "OOM", "MISCONF":
				assert.True(t, isAway(err))
				assert.Equal(t, answered, fateOf(err))
			case "READONLY", "NOREPLICAS", "LOADING":
				assert.True(t, isAway(err))
				assert.Equal(t, refused, fateOf(err))
			default:
				assert.False(t, isAway(err))
			}
			a := &Adapter{closing: make(chan struct{})}
			o := op{a: a, caller: t.Context(), ctx: t.Context()}
			if want == "WRONGTYPE" {
				require.ErrorIs(t, o.fail(err, "queue", "q"), state.ErrCorrupt)
			}
		})
	}
	require.Empty(t, codeOf(redis.ErrClosed))
}
