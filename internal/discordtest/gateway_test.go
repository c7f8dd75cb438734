package discordtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// run runs the bot until the function is called, which returns Run's error.
func (r *rig) run(t *testing.T) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Chat.Run(ctx) }()
	stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// connected waits until as many shards are connected.
func (r *rig) connected(t *testing.T, shards int) {
	t.Helper()
	require.True(t, r.discord.Await(func() bool { return r.discord.Connected() == shards }), r.log)
}

func say(r *rig, n int) {
	r.discord.Dispatch(0, "MESSAGE_CREATE", messageIn(general, n, fmt.Sprint(n), ""))
}

func TestGateway(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *discord.Config) { c.PublicKey = "" })
	stop := r.run(t)
	r.connected(t, 1)
	for n := range 5 {
		say(r, n)
	}
	for n := range 5 {
		require.Equal(t, fmt.Sprint(n), next[*chat.Message](t, r).Text)
	}
	require.Equal(t, []any{0.0, 1.0}, r.discord.Identified()[0]["shard"])
	require.InDelta(t, 1|1<<9|1<<10|1<<12|1<<13|1<<15, r.discord.Identified()[0]["intents"], 0)
	require.NoError(t, stop())
	r.quiet(t)
}

// TestGatewayGoesOn breaks the connection in each way after which the session can go on:
// nothing is lost, and nothing comes twice.
func TestGatewayGoesOn(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(r *rig){
		"silence":       func(r *rig) { r.discord.Kick(0, 0) },
		"unknown error": func(r *rig) { r.discord.Kick(0, 4000) },
		"going away":    func(r *rig) { r.discord.Kick(0, 1001) },
		"reconnect":     func(r *rig) { r.discord.Send(0, `{"op":7,"d":null}`) },
		"invalid, but resumable": func(r *rig) {
			r.discord.Send(0, `{"op":9,"d":true}`)
		},
		"no JSON": func(r *rig) { r.discord.Send(0, `"what?"`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.run(t)
			r.connected(t, 1)
			say(r, 1)
			require.Equal(t, "1", next[*chat.Message](t, r).Text)
			interrupt(r)
			say(r, 2)
			require.Equal(t, "2", next[*chat.Message](t, r).Text)
			require.True(t, r.discord.Await(func() bool { return len(r.discord.Resumed()) == 1 }), r.log)
			say(r, 3)
			require.Equal(t, "3", next[*chat.Message](t, r).Text)
			require.Len(t, r.discord.Identified(), 1)
			r.quiet(t)
		})
	}
}

// TestGatewayBeginsAgain has the session end: another one begins.
func TestGatewayBeginsAgain(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(r *rig){
		"invalid session": func(r *rig) {
			r.discord.Forget(0)
			r.discord.Kick(0, 4000)
		},
		"timed out":    func(r *rig) { r.discord.Kick(0, 4009) },
		"wrong number": func(r *rig) { r.discord.Kick(0, 4007) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.run(t)
			r.connected(t, 1)
			interrupt(r)
			require.True(t, r.discord.Await(func() bool { return len(r.discord.Identified()) == 2 }), r.log)
			r.connected(t, 1)
			say(r, 1)
			require.Equal(t, "1", next[*chat.Message](t, r).Text)
			r.quiet(t)
		})
	}
}

// TestGatewayRefusals are those after which connecting again is useless.
func TestGatewayRefusals(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]error{
		4004: chat.ErrAuthentication, 4010: chat.ErrInvalidConfig, 4011: chat.ErrInvalidConfig, 4012: chat.ErrInvalidConfig, 4013: chat.ErrInvalidConfig,
		4014: chat.ErrInvalidConfig,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			ended := make(chan error, 1)
			ctx := t.Context()
			go func() { ended <- r.Chat.Run(ctx) }()
			r.connected(t, 1)
			r.discord.Kick(0, code)
			select {
			case err := <-ended:
				require.ErrorIs(t, err, want)
			case <-time.After(botrig.Patience):
				require.Fail(t, "Run goes on")
			}
		})
	}
}

func TestWrongTokenEndsRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *discord.Config) { c.BotToken = "wrong.token" })
	ctx, cancel := context.WithTimeout(t.Context(), botrig.Patience)
	defer cancel()
	err := r.Chat.Run(ctx)
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.NotContains(t, err.Error(), "wrong.token")
	require.NotContains(t, r.log.String(), "wrong.token")
}

// TestOneInstanceConnects has another instance go on where the first one has stopped,
// in one process and on a Redis.
func TestOneInstanceConnects(t *testing.T) {
	t.Parallel()
	shared := botrig.Memory(t)
	redis := redistest.Shared(t)
	for name, open := range map[string]func() state.Adapter{
		"memory": func() state.Adapter { return shared },
		"redis": func() state.Adapter {
			st, err := redisstate.New(redisstate.Config{URL: redis.URL() + "?prefix=" + url.QueryEscape(redis.Prefix())})
			require.NoError(t, err)
			t.Cleanup(func() { _ = st.Close(context.Background()) })
			return st
		},
	} {
		t.Run(name, func(t *testing.T) { oneInstanceConnects(t, open) })
	}
}

func oneInstanceConnects(t *testing.T, open func() state.Adapter) {
	t.Helper()
	s := newDiscord(t)
	one, other := newRigOn(t, s, open()), newRigOn(t, s, open())
	stop := one.run(t)
	one.connected(t, 1)
	say(one, 1)
	require.Equal(t, "1", next[*chat.Message](t, one).Text)
	other.run(t)
	say(one, 2)
	require.Equal(t, "2", next[*chat.Message](t, one).Text)
	require.NoError(t, stop())
	say(one, 3) // while nobody is connected
	require.Equal(t, "3", next[*chat.Message](t, other).Text)
	require.Len(t, s.Identified(), 1, "the session goes on")
	one.quiet(t)
	other.quiet(t)
}

func TestShards(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *discord.Config) { c.Shards, c.Members = 3, true })
	r.run(t)
	r.connected(t, 3)
	seen := map[any]bool{}
	for _, args := range r.discord.Identified() {
		of, ok := args["shard"].([]any)
		require.True(t, ok)
		require.InDelta(t, 3, of[1], 0)
		seen[of[0]] = true
		require.InDelta(t, 1|1<<1|1<<9|1<<10|1<<12|1<<13|1<<15, args["intents"], 0)
	}
	require.Len(t, seen, 3)
	for shard := range 3 {
		r.discord.Dispatch(shard, "MESSAGE_CREATE", messageIn(general, shard, fmt.Sprint(shard), ""))
		require.Equal(t, fmt.Sprint(shard), next[*chat.Message](t, r).Text)
	}
}

// TestHeartbeats has the gateway ask for one, and stop to answer.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	s := newDiscord(t)
	s.Heartbeats(50 * time.Millisecond)
	r := newRigOn(t, s, botrig.Memory(t))
	r.run(t)
	r.connected(t, 1)
	say(r, 1)
	require.Equal(t, "1", next[*chat.Message](t, r).Text)
	require.True(t, s.Await(func() bool {
		beats := s.Beats()
		return len(beats) > 2 && beats[len(beats)-1] == 2.0
	}), "the number of the last event comes with them: %v", s.Beats())
	s.Mute(true)
	require.True(t, s.Await(func() bool { return s.Connected() == 0 }), "a connection that is silent ends")
	s.Mute(false)
	require.True(t, s.Await(func() bool { return len(s.Resumed()) > 0 }), r.log)
}

// refusing is a state that is away for some calls.
type refusing struct {
	state.Adapter
	state.Inbox
	state.Swaps
	left atomic.Int64
}

var errAway = errors.New("away")

func (s *refusing) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if strings.HasPrefix(key, "dedupe:") && s.left.Add(-1) >= 0 {
		return false, errors.Join(state.ErrUnavailable, errAway)
	}
	return s.Adapter.SetIfNotExists(ctx, key, value, ttl)
}

// TestNothingIsPassedOverBeforeItIsStored has the state away when an event comes: the
// gateway sends it again, with what came after it.
func TestNothingIsPassedOverBeforeItIsStored(t *testing.T) {
	t.Parallel()
	s, st := newDiscord(t), botrig.Memory(t)
	inbox, ok := state.As[state.Inbox](st)
	require.True(t, ok)
	swaps, ok := state.As[state.Swaps](st)
	require.True(t, ok)
	away := &refusing{Adapter: st, Inbox: inbox, Swaps: swaps}
	r := newRigOn(t, s, away)
	r.run(t)
	r.connected(t, 1)
	say(r, 1)
	require.Equal(t, "1", next[*chat.Message](t, r).Text)
	away.left.Store(1)
	for n := 2; n <= 9; n++ {
		say(r, n)
	}
	for n := 2; n <= 9; n++ {
		require.Equal(t, fmt.Sprint(n), next[*chat.Message](t, r).Text)
	}
	require.NotEmpty(t, s.Resumed())
	require.Contains(t, r.log.String(), "was not stored")
	r.quiet(t)
}

// TestGatewayTakesWhatCannotBeReadOnce leaves out what would come for ever.
func TestGatewayTakesWhatCannotBeReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(t)
	r.connected(t, 1)
	for _, data := range []string{`null`, `"x"`, `{}`, `{"id":7}`, `{"id":"1","channel_id":["x"]}`, `{"id":"1","channel_id":"a/b","author":{"id":"1"}}`, `[]`} {
		for _, kind := range []string{"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_REACTION_ADD", "INTERACTION_CREATE", "GUILD_CREATE", "THREAD_CREATE", "THREAD_MEMBERS_UPDATE"} {
			r.discord.Dispatch(0, kind, data)
		}
	}
	say(r, 1)
	require.Equal(t, "1", next[*chat.Message](t, r).Text)
	require.Len(t, r.discord.Identified(), 1)
	require.Empty(t, r.discord.Resumed())
	r.quiet(t)
}

// TestSessionsThatAreUsedUp waits until Discord lets another session begin.
func TestSessionsThatAreUsedUp(t *testing.T) {
	t.Parallel()
	s := newDiscord(t)
	s.SessionsLeft(0)
	r := newRigOn(t, s, botrig.Memory(t))
	r.run(t)
	require.Eventually(t, func() bool { return strings.Contains(r.log.String(), "no session may begin") }, botrig.Patience, 10*time.Millisecond)
	require.Empty(t, s.Identified())
	s.SessionsLeft(1)
	r.connected(t, 1)
}

func TestServers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(t)
	r.connected(t, 1)
	guild := func(joined time.Time) string {
		data, _ := json.Marshal(map[string]any{"id": server, "joined_at": joined, "threads": []any{
			map[string]any{"id": "77", "parent_id": general, "type": 11},
		}})
		return string(data)
	}
	r.discord.Dispatch(0, "GUILD_CREATE", guild(time.Now().Add(-48*time.Hour))) // it comes with each session
	r.discord.Dispatch(0, "GUILD_CREATE", guild(time.Now()))
	require.True(t, next[*chat.InstallationEvent](t, r).Installed)
	r.discord.Dispatch(0, "MESSAGE_CREATE", messageIn("77", 1, "in a thread that the server came with", ""))
	require.Equal(t, inGeneral+":77", next[*chat.Message](t, r).ThreadID)
	require.Empty(t, r.discord.Calls("GET /channels/{id}"))
	r.discord.Dispatch(0, "GUILD_DELETE", fmt.Sprintf(`{"id":%q}`, server))
	require.False(t, next[*chat.InstallationEvent](t, r).Installed)
}
