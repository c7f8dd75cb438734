package live

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// event returns a webhook with a message, or an app_mention, of a user in a thread.
func event(kind, channel, thread, user, ts, text string) string {
	return fmt.Sprintf(`{"type":"event_callback","team_id":%q,"api_app_id":"A0APP","event_id":"Ev%s%s","event":{
		"type":%[2]q,"channel":%[4]q,"channel_type":"channel","thread_ts":%[5]q,"user":%[6]q,"ts":%[3]q,"text":%[7]q}}`, fakeslack.TeamID, kind, ts, channel, thread, user, text)
}

// ts returns a time of Slack's that is the exchange's own.
func (x *exchange) ts(n int) string {
	digits := strings.ReplaceAll(x.id, "X", "0")
	return fmt.Sprintf("17000%05s.%06d", strings.Repeat("0", max(0, 5-len(digits)))+digits, n)
}

// checkNames has the writer look up a user and a channel that it has not seen, and then
// the reader.
func checkNames(t *testing.T, x *exchange, app slackApp, scope string) {
	t.Helper()
	user, channel := "U"+strings.ReplaceAll(x.id, "X", "Z"), "C"+strings.ReplaceAll(x.id, "X", "Z")
	x.slack.AddUser(fakeslack.User{ID: user, Name: "ada", RealName: "Ada Lovelace", DisplayName: "Ada" + x.id, Email: "ada@example.com", Avatar: "https://example.com/ada.png"})
	x.slack.AddChannel(fakeslack.Channel{ID: channel, Name: "general" + strings.ToLower(x.id)})
	asked := func() (n int) {
		for _, call := range x.slack.Calls("users.info", "conversations.info") {
			if call.Args["user"] == user || call.Args["channel"] == channel {
				n++
			}
		}
		return n
	}
	text := fmt.Sprintf("<@%s> see <#%s> and <@%s>", fakeslack.BotUser, channel, user)
	type author struct{ UserID, UserName, FullName, Email string }
	seen := func(s side, n int) author {
		s.slackEvent(t, app, event("app_mention", channel, x.ts(0), user, x.ts(n), text))
		var m struct {
			Author author
			Text   string
		}
		require.NoError(t, json.Unmarshal(s.handled(t).Message, &m))
		require.Contains(t, m.Text, "#general"+strings.ToLower(x.id))
		require.Contains(t, m.Text, "@Ada"+x.id)
		return m.Author
	}
	written := seen(x.writer, 1)
	require.Equal(t, author{user, "Ada" + x.id, "Ada Lovelace", "ada@example.com"}, written)
	require.Equal(t, 2, asked())
	x.awaitFree(t, "slack:"+channel+":"+x.ts(0))
	require.Equal(t, written, seen(x.reader, 2))
	require.Equal(t, 2, asked(), "the reader has the names from the state")

	byName := x.reader.list(t, "slack:user-by-name:"+scope+strings.ToLower("Ada"+x.id))
	requireSame(t, []json.RawMessage{json.RawMessage(`"` + user + `"`)}, byName)
	require.JSONEq(t, string(x.writer.get(t, "slack:user:"+scope+user)), string(x.reader.get(t, "slack:user:"+scope+user)))
}

// checkInstallation has the writer save an installation, the reader use it, and each
// remove the other's.
func checkInstallation(t *testing.T, x *exchange, app slackApp) {
	t.Helper()
	workspace, organisation := "T"+strings.ReplaceAll(x.id, "X", "Z"), "E"+strings.ReplaceAll(x.id, "X", "Z")
	for id, installation := range map[string]string{
		workspace:    `{"botToken":"xoxb-1","botUserId":"U0BOT","teamName":"é 🙂"}`,
		organisation: `{"botToken":"xoxb-2","botUserId":"U0BOT","teamName":"All","enterpriseId":"` + organisation + `","isEnterpriseInstall":true}`,
	} {
		x.writer.saveInstallation(t, app, id, json.RawMessage(installation))
		require.JSONEq(t, installation, string(x.reader.installation(t, app, id)))
		stored := string(x.reader.get(t, "slack:installation:"+id))
		if app == manyEncrypted {
			require.NotContains(t, stored, "xoxb")
		} else {
			require.JSONEq(t, installation, stored)
		}
		require.Zero(t, x.expiry(t, "cache", "slack:installation:"+id))
		x.reader.deleteInstallation(t, app, id)
		require.Nil(t, x.writer.installation(t, app, id))
	}
}

var slackShapes = []shape{
	{"Slack installations", func(t *testing.T, x *exchange) { checkInstallation(t, x, manyWorkspaces) }},
	{"Slack installations, encrypted", func(t *testing.T, x *exchange) { checkInstallation(t, x, manyEncrypted) }},
	{"Slack users and channels", func(t *testing.T, x *exchange) { checkNames(t, x, oneWorkspace, "") }},
	{"Slack users and channels of a workspace", func(t *testing.T, x *exchange) {
		x.writer.saveInstallation(t, manyEncrypted, fakeslack.TeamID, json.RawMessage(`{"botToken":"`+fakeslack.Token+`","botUserId":"`+fakeslack.BotUser+`","teamName":"Team"}`))
		checkNames(t, x, manyEncrypted, fakeslack.TeamID+":")
	}},
	{"Slack dedupe marks", func(t *testing.T, x *exchange) {
		x.slack.AddUser(fakeslack.User{ID: "U0ADA", Name: "ada"})
		channel := "C" + strings.ReplaceAll(x.id, "X", "Z")
		x.slack.AddChannel(fakeslack.Channel{ID: channel, Name: "general"})
		hello := "<@" + fakeslack.BotUser + "> hello"
		x.writer.slackEvent(t, oneWorkspace, event("app_mention", channel, x.ts(0), "U0ADA", x.ts(1), hello))
		x.writer.handled(t)
		x.awaitFree(t, "slack:"+channel+":"+x.ts(0))
		x.reader.slackEvent(t, oneWorkspace, event("message", channel, x.ts(0), "U0ADA", x.ts(1), hello))
		x.reader.slackEvent(t, oneWorkspace, event("app_mention", channel, x.ts(0), "U0ADA", x.ts(2), hello))
		h := x.reader.handled(t)
		require.Contains(t, string(h.Message), x.ts(2))
		require.Empty(t, h.Skipped)
	}},
}
