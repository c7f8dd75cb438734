package discordtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

// newConnectedRig is a rig whose bot is connected to the gateway. What Run returns is
// sent to the channel.
func newConnectedRig(t *testing.T, change ...func(*discord.Config)) (*rig, chan error) {
	t.Helper()
	r := newAttackRig(t, change...)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Chat.Run(ctx) }()
	t.Cleanup(cancel)
	require.True(t, r.discord.Await(func() bool { return r.discord.Connected() == 1 }), "%s", r.log)
	return r, ended
}

// said dispatches a message and waits until it is handled, and nothing else.
func (r *rig) said(t *testing.T, about string) {
	t.Helper()
	text := numbered("still there #")
	r.discord.Dispatch(0, "MESSAGE_CREATE", numbered(simple(text)))
	for {
		select {
		case in := <-r.handled:
			if m, ok := in.(*chat.Message); ok && m.Text == text {
				return
			}
			require.Failf(t, "handled too much", "%s: %T %.500s", about, in, rawOf(in))
		case <-time.After(botrig.Patience):
			require.Failf(t, "nothing is handled any more", "after %s: %s", about, r.log)
		}
	}
}

// TestAttackFrames sends frames that are none. The connection goes on, or another one
// does, and what comes after them is handled once.
func TestAttackFrames(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string]string{
		"nothing": ``, "no JSON": `x`, "half": `{"op":0,"s":`, "null": `null`, "a list": `[]`, "a number": `7`, "an object": `{}`, "NUL": "\x00", "bytes": `{"op":0,"t":"` + "\xff" + `","s":null,"d":{}}`,
		"an op of the future": `{"op":99,"d":{"a":1},"s":null,"t":null}`, "an op in words": `{"op":"zero"}`, "a negative op": `{"op":-1}`, "a huge op": `{"op":9223372036854775808}`, "an op of the bot": `{"op":2,"d":{"token":"` + fakediscord.Token + `"}}`,
		"a heartbeat is asked": `{"op":1,"d":null}`, "an answer to no heartbeat": `{"op":11}`, "connect again": `{"op":7,"d":null}`, "the session is gone": `{"op":9,"d":false}`, "the session can go on": `{"op":9,"d":true}`, "the session in words": `{"op":9,"d":"x"}`,
		"another hello": `{"op":10,"d":{"heartbeat_interval":41250}}`, "a hello without a time": `{"op":10,"d":{}}`, "a hello with a negative time": `{"op":10,"d":{"heartbeat_interval":-1}}`, "a hello of zero": `{"op":10,"d":{"heartbeat_interval":0}}`, "a hello of null": `{"op":10,"d":null}`, "a hello for ever": `{"op":10,"d":{"heartbeat_interval":9223372036854775807}}`,
		"an event without a name": `{"op":0,"d":{},"s":null,"t":null}`, "an event without data": `{"op":0,"s":null,"t":"TYPING_START_X"}`, "an event without all": `{"op":0}`, "a number in words": `{"op":0,"d":{},"s":"x","t":"TYPING_START"}`,
		"a name in numbers": `{"op":0,"d":{},"s":null,"t":7}`, "nested": `{"op":0,"t":"A","d":` + strings.Repeat("[", 100_000), "padding": `{"op":11,"padding":"` + strings.Repeat("x", 1<<20) + `"}`,
		"ready again": `{"op":0,"t":"READY","s":null,"d":{}}`, "ready of null": `{"op":0,"t":"READY","s":null,"d":null}`, "resumed": `{"op":0,"t":"RESUMED","s":null,"d":{}}`, "an old number": `{"op":0,"t":"RESUMED","s":-5,"d":{}}`, "an old zero": `{"op":0,"t":"RESUMED","s":0,"d":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newConnectedRig(t)
			r.said(t, "the beginning")
			r.discord.Send(0, frame)
			if name == "the session is gone" || name == "the session in words" { // what comes now is lost
				require.True(t, r.discord.Await(func() bool { return len(r.discord.Identified()) == 2 && r.discord.Connected() == 1 }), "%s", r.log)
			}
			for i := range 3 {
				text := numbered("after #")
				r.discord.Dispatch(0, "MESSAGE_CREATE", numbered(simple(text)))
				for found := false; !found; {
					select {
					case in := <-r.handled:
						switch in := in.(type) {
						case *chat.Message:
							require.Equal(t, text, in.Text)
							found = true
						case *chat.PlatformEvent:
							require.Zero(t, i, "%s", in.Name)
						default:
							require.Failf(t, "handled too much", "%T", in)
						}
					case <-time.After(botrig.Patience):
						require.Fail(t, "nothing is handled any more", r.log)
					}
				}
			}
		})
	}
}

// TestAttackEventsOnTheGateway sends events with fields of wrong types. None of them
// stops those after it.
func TestAttackEventsOnTheGateway(t *testing.T) {
	t.Parallel()
	all := maps.Clone(attackEvents)
	for name, data := range attackInteractions {
		all["INTERACTION_CREATE "+name] = data
	}
	all["GUILD_CREATE"] = `{"id":"1457473602180878605","name":"S","unavailable":false,"joined_at":"2026-01-01T00:00:00+00:00","channels":[{"id":"1457473602180878612","type":0,"name":"c"}],"threads":[{"id":"1457473602180878613","type":11,"parent_id":"1457473602180878612","name":"t"}],"members":[],"roles":[{"id":"1","name":"r","tags":{"bot_id":"1457469483726668048"}}]}`
	all["THREAD_CREATE"] = `{"id":"1457473602180878613","type":11,"guild_id":"1457473602180878600","parent_id":"1457473602180878611","name":"` + words + `","newly_created":true,"thread_metadata":{"archived":false}}`
	all["CHANNEL_DELETE"] = `{"id":"1457473602180878612","type":0,"guild_id":"1457473602180878600","name":"c"}`
	all["GUILD_ROLE_UPDATE"] = `{"guild_id":"1457473602180878600","role":{"id":"1","name":"r","tags":{"bot_id":"1457469483726668048"}}}`
	all["GUILD_MEMBER_UPDATE"] = `{"guild_id":"1457473602180878600","roles":["1"],"user":{"id":"1457469483726668048","username":"bot"}}`
	all["RATE_LIMITED"] = `{"opcode":8,"retry_after":1.5,"meta":{"guild_id":"1"}}`
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newConnectedRig(t)
			kind, _, _ := strings.Cut(name, " ")
			var v map[string]any
			require.NoError(t, json.Unmarshal([]byte(all[name]), &v))
			for i, path := range attack.Paths(v) {
				for k := range 4 { // of the wrong values, each path has others
					value := append(wrongs, "")[(i*4+k)%(len(wrongs)+1)]
					var u map[string]any
					require.NoError(t, json.Unmarshal([]byte(numbered(all[name])), &u))
					attack.Replace(u, path, value)
					data, err := json.Marshal(u)
					require.NoError(t, err)
					r.discord.Dispatch(0, kind, string(data))
				}
			}
			for _, d := range []string{`null`, `[]`, `7`, `"x"`, `{}`} {
				r.discord.Dispatch(0, kind, d)
			}
			last := numbered("the last #")
			r.discord.Dispatch(0, "MESSAGE_CREATE", numbered(simple(last)))
			for deadline := time.After(botrig.Patience); ; {
				select {
				case in := <-r.handled:
					if m, ok := in.(*chat.Message); ok && m.Text == last {
						return
					}
				case <-deadline:
					require.Fail(t, "nothing is handled any more", r.log)
				}
			}
		})
	}
}

// TestAttackCloseCodes ends connections.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
func TestAttackCloseCodes(t *testing.T) {
	t.Parallel()
	for _, code := range []int{0, 1000, 1001, 1011, 3000, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4016, 4999} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			r, ended := newConnectedRig(t)
			r.said(t, "the beginning")
			r.discord.Kick(0, code)
			if code == 4007 || code == 4009 { // the session is gone, and what comes until the next one
				require.True(t, r.discord.Await(func() bool { return len(r.discord.Identified()) == 2 && r.discord.Connected() == 1 }), "%s", r.log)
			}
			r.said(t, "the end of a connection")
			if code != 0 && code != 4000 { // a session may begin five seconds after another one
				return
			}
			r.discord.Forget(0)
			r.discord.Kick(0, code)
			require.True(t, r.discord.Await(func() bool { return len(r.discord.Identified()) == 2 && r.discord.Connected() == 1 }), "%s", r.log)
			r.said(t, "the end of the session")
			select {
			case err := <-ended:
				require.Fail(t, "Run has ended", err)
			default:
			}
		})
	}
	for _, code := range []int{4004, 4010, 4011, 4012, 4013, 4014} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			r, ended := newConnectedRig(t)
			r.said(t, "the beginning")
			r.discord.Kick(0, code)
			select {
			case err := <-ended:
				require.Error(t, err)
				requireSecrecy(t, err.Error())
			case <-time.After(botrig.Patience):
				require.Fail(t, "Discord says that connecting again is useless", r.log)
			}
		})
	}
}

// TestAttackReactionThatComesAgain adds a reaction, takes it away and adds it: these are
// three events, of which the third looks like the first.
func TestAttackReactionThatComesAgain(t *testing.T) {
	t.Parallel()
	r, _ := newConnectedRig(t)
	add := numbered(attackEvents["MESSAGE_REACTION_ADD"])
	for i, kind := range []string{"MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"} {
		r.discord.Dispatch(0, kind, add)
		require.Equal(t, i%2 == 0, next[*chat.ReactionEvent](t, r).Added)
		r.discord.Kick(0, 0)
		require.True(t, r.discord.Await(func() bool { return len(r.discord.Resumed()) == i+1 && r.discord.Connected() == 1 }), "%s", r.log)
	}
	r.said(t, "reactions")
}

// TestAttackBothWays has the same events come over the gateway and from a listener.
func TestAttackBothWays(t *testing.T) {
	t.Parallel()
	r, _ := newConnectedRig(t)
	for range 10 {
		data := numbered(simple("both"))
		r.discord.Dispatch(0, "MESSAGE_CREATE", data)
		require.Less(t, r.forward(t, forwards("MESSAGE_CREATE", data)).Code, 300)
		next[*chat.Message](t, r)
	}
	r.said(t, "messages that came twice")
	r.done(t)
}

// TestAttackChannelThatCannotBeRead has a message of a channel of which Discord says
// nothing once. It and the one after it are handled soon.
func TestAttackChannelThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fakediscord.Failure{
		"403": {Status: 403, Code: 50001, Message: "Missing Access"}, "404": {Status: 404, Code: 10003, Message: "Unknown Channel"}, "429": {Status: 429, RetryAfter: 0.01, Message: "You are being rate limited."},
		"500": {Status: 500, Message: "Internal Server Error"}, "502": {Status: 502, Body: "<html>" + words + "</html>"}, "200 in HTML": {Status: 200, Body: "<html>" + words + "</html>"}, "200 null": {Status: 200, Body: "null"}, "200 another": {Status: 200, Body: `{"id":"1","type":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newConnectedRig(t)
			r.discord.Fail("GET /channels/{id}", f)
			first := strings.ReplaceAll(numbered(simple("first")), attackChannel, "1457473602180878622")
			r.discord.AddChannel(fakediscord.Channel{ID: "1457473602180878622", GuildID: attackServer, Name: "other"})
			r.discord.Dispatch(0, "MESSAGE_CREATE", first)
			r.discord.Dispatch(0, "MESSAGE_CREATE", numbered(simple("second")))
			got := map[string]int{}
			for got["first"]+got["second"] < 2 {
				select {
				case in := <-r.handled:
					got[in.(*chat.Message).Text]++
				case <-time.After(botrig.Patience):
					require.Fail(t, "a failure that is over holds up the gateway", r.log)
				}
			}
			require.Equal(t, map[string]int{"first": 1, "second": 1}, got)
			r.said(t, "a channel that cannot be read")
		})
	}
}
