package slacktest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// eventCase returns the envelopes of a case of kind "events", in their order.
func eventCase(t *testing.T, number string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "cases", number+"-*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var c struct {
		Kind  string          `json:"kind"`
		Input json.RawMessage `json:"input"`
	}
	require.NoError(t, json.Unmarshal(data, &c))
	require.Equal(t, "events", c.Kind)
	var list []json.RawMessage
	if json.Unmarshal(c.Input, &list) != nil {
		var steps map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(c.Input, &steps))
		delete(steps, "wait")
		if _, single := steps["event"]; single {
			list = append(list, c.Input)
			steps = nil
		}
		for _, name := range slices.Sorted(maps.Keys(steps)) {
			list = append(list, steps[name])
		}
	}
	var envelopes []string
	for _, envelope := range list {
		envelopes = append(envelopes, string(envelope))
	}
	require.NotEmpty(t, envelopes)
	return envelopes
}

var tsNumber atomic.Int64

// nextTS returns a ts that no other message has.
func nextTS() string { return fmt.Sprintf("1700001000.%06d", tsNumber.Add(1)) }

// mentioned returns the ids of the messages among what was delivered that mention
// the bot.
func mentioned(got []chat.Inbound) []chat.MessageID {
	var ids []chat.MessageID
	for _, in := range got {
		if m, ok := in.(*chat.Message); ok && !m.Author.Me && m.Mention != nil && *m.Mention {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// TestMentionOutsideOfTheBlocks checks a mention that the message's text has and
// its blocks have not, or have where other text stands before.
func TestMentionOutsideOfTheBlocks(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, envelope := range eventCase(t, "06") {
		require.True(t, *one[*chat.Message](t, r.event(t, envelope)).Mention, envelope)
	}
	blocks := `"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"deploy please"}}]`
	for kind, want := range map[string]map[string]bool{
		"message":     {`"<@U0BOT> deploy"`: true, `"deploy"`: false, "\"`<@U0BOT>` deploy\"": false, "\"```<@U0BOT>``` <@U0BOT>\"": true},
		"app_mention": {`"<@U0BOT> deploy"`: true, `"deploy"`: true, "\"`<@U0BOT>` deploy\"": false, "\"see `U0BOT`\"": true},
	} {
		for text, want := range want {
			m := one[*chat.Message](t, r.event(t, callback(`{"type":"`+kind+`","channel":"C0ONE","user":"U0ADA","ts":"`+nextTS()+`","text":`+text+`,`+blocks+`}`)))
			require.Equal(t, want, *m.Mention, "%s %s", kind, text)
			require.Equal(t, "deploy please", m.Text)
		}
	}
}

// TestOwnEventsWithoutTheBotsName checks that what the bot did is known as its own
// when the event does not name the bot, for each kind of event.
func TestOwnEventsWithoutTheBotsName(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, envelope := range eventCase(t, "09") {
		require.Empty(t, r.event(t, envelope))
	}
	nameless := func(event string) string {
		return `{"type":"event_callback","team_id":"T0ONE","api_app_id":"A0APP","event_id":"Ev` + nextTS() + `","event":` + event + `}`
	}
	require.Empty(t, r.event(t, nameless(`{"type":"reaction_removed","user":"U0BOT","reaction":"eyes","item":{"type":"message","channel":"C0ONE","ts":"1700000001.000100"}}`)))
	require.True(t, one[*chat.PlatformEvent](t, r.event(t, nameless(`{"type":"pin_added","user":"U0BOT","channel_id":"C0ONE"}`))).User.Me)
	require.True(t, one[*chat.MembershipEvent](t, r.event(t, nameless(`{"type":"member_joined_channel","user":"U0BOT","channel":"C0ONE"}`))).User.Me)
	require.True(t, one[*chat.Message](t, r.event(t, nameless(`{"type":"message","user":"U0BOT","bot_id":"B0BOT","text":"x","channel":"C0ONE","ts":"`+nextTS()+`"}`))).Author.Me)
	require.False(t, one[*chat.ReactionEvent](t, r.event(t, nameless(`{"type":"reaction_added","user":"U0ADA","reaction":"eyes","item":{"type":"message","channel":"C0ONE","ts":"1700000001.000100"}}`))).User.Me)
	require.Equal(t, 1, r.api.called("auth.test"), "Slack is asked once")

	r = newRig(t, many)
	r.api.answer("auth.test", func(url.Values, string) any { return object{"ok": false, "error": "fatal_error"} })
	require.NoError(t, r.SaveInstallation(t.Context(), "T0ONE", &slack.Installation{BotToken: botToken, BotUserID: "U0BOT"}))
	for _, envelope := range eventCase(t, "09") {
		require.Empty(t, r.event(t, envelope), "the installation says who the bot is")
	}
}

// TestMentionInACanvas checks the mention that Slack reports for a canvas.
func TestMentionInACanvas(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := one[*chat.Message](t, r.event(t, eventCase(t, "13")[0]))
	require.True(t, *m.Mention)
	require.Equal(t, "Hello @u0bot", m.Text)
	d, err := slack.DeliveryOf(m.Raw)
	require.NoError(t, err)
	require.Equal(t, "F0CANVAS", d.DocumentMention.FileID)
	require.Equal(t, "s1", d.DocumentMention.SectionID)
	for _, subtype := range []string{"reminder_add", "channel_topic", "one_that_is_new"} {
		m := one[*chat.Message](t, r.event(t, callback(`{"type":"app_mention","subtype":"`+subtype+`","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> x","ts":"`+nextTS()+`"}`)))
		require.True(t, *m.Mention, subtype)
	}
}

// TestMembershipTellsWho checks who joined, and who brought them.
func TestMembershipTellsWho(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	envelopes := eventCase(t, "27")
	joined := one[*chat.MembershipEvent](t, r.event(t, envelopes[0]))
	require.True(t, joined.User.Me, "the bot joined")
	require.Equal(t, chat.UserID("U0ADA"), joined.Inviter.UserID)
	require.Equal(t, "u0ada", joined.Inviter.UserName)
	require.False(t, joined.Inviter.Me)

	d, err := slack.DeliveryOf(one[*chat.Message](t, r.event(t, envelopes[1])).Raw)
	require.NoError(t, err)
	require.True(t, d.ExtSharedChannel)
	require.Equal(t, "T0ONE", d.ContextTeamID)
	require.Equal(t, "T0TWO", d.UserTeam)

	invited := one[*chat.MembershipEvent](t, r.event(t, callback(`{"type":"member_joined_channel","user":"U0ADA","channel":"C0ONE","inviter":"U0BOT"}`)))
	require.False(t, invited.User.Me)
	require.True(t, invited.Inviter.Me, "the bot invited somebody")
	require.Nil(t, one[*chat.MembershipEvent](t, r.event(t, callback(`{"type":"member_joined_channel","user":"U0ADA","channel":"C0ONE"}`))).Inviter)
}

// TestBlocksAreReadOrReplaced checks that nothing of a message is lost whose
// blocks are new, nested, or known to Slack alone.
func TestBlocksAreReadOrReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := one[*chat.Message](t, r.event(t, eventCase(t, "07")[0]))
	for _, part := range []string{"Incident", "Disk is full", "Hosts", "Free", "a1", "5", "More", "call the on-call", "Runbook", "step one"} {
		require.Contains(t, m.Text, part)
	}
	require.NotContains(t, m.Text, "5 hosts", "the text is for those who cannot see the blocks")

	for blocks, want := range map[string]string{
		`[{"type":"header","text":{"type":"plain_text","text":"A"}},{"type":"of_the_future","value":7}]`:                   "A\n\nthe text",
		`[{"type":"header","text":{"type":"plain_text","text":"so the text is here"}},{"type":"of_the_future","value":7}]`: "so the text is here",
		`[{"type":"of_the_future","value":7}]`:                                                                                               "the text",
		`[{"type":"of_the_future","body":{"type":"mrkdwn","text":"*B* <@U0ADA>"}}]`:                                                          "B @u0ada",
		`[{"type":"container","child_blocks":[{"type":"header","text":{"type":"plain_text","text":"A"}},{"type":"of_the_future"}]}]`:         "A\n\nthe text",
		`[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Go"}}]}]`:                                       "the text",
		`[{"type":"section","text":{"type":"mrkdwn","text":"A"}},{"type":"actions","elements":[]},{"type":"context_actions","elements":[]}]`: "A",
	} {
		m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"the text","ts":"`+nextTS()+`","blocks":`+blocks+`}`)))
		require.Equal(t, want, m.Text, blocks)
	}
	m = one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"","ts":"`+nextTS()+`",
		"attachments":[{"fallback":"fb","text":"attached","blocks":[{"type":"header","text":{"type":"plain_text","text":"A"}},{"type":"of_the_future"}]}]}`)))
	require.Equal(t, "A\n\nattached", m.Text)
}

// TestEmojiAreShownAsSlackShowsThem checks the characters of emoji in a text; that
// several are one to a bot shows in reactions only.
func TestEmojiAreShownAsSlackShowsThem(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	require.Equal(t, "😄 🙂 😆", one[*chat.Message](t, r.event(t, eventCase(t, "22")[0])).Text)
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":":joy: :partying_face: :email: :facepalm: :face_palm::skin-tone-3:","ts":"`+nextTS()+`"}`)))
	require.Equal(t, "😂 🥳 ✉️ :facepalm: 🤦🏼", m.Text)
	ev := one[*chat.ReactionEvent](t, r.event(t, callback(`{"type":"reaction_added","user":"U0ADA","reaction":"joy","item":{"type":"message","channel":"C0ONE","ts":"1700000001.000100"}}`)))
	require.Equal(t, emoji.Laugh, ev.Emoji)
	require.Equal(t, "joy", ev.RawEmoji)
}
