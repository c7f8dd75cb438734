package slacktest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
)

// fixturesVariable names a folder of recorded webhooks, which are not part of the
// repository.
const fixturesVariable = "CHAT_RECORDED_FIXTURES"

// at returns the text at a path of keys, "" if there is none.
func at(v any, path ...string) string {
	for _, key := range path {
		m, _ := v.(object)
		v = m[key]
	}
	text, _ := v.(string)
	return text
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// TestRecordedWebhooks delivers what Slack really sent, and compares what the
// adapter makes of it with the payload.
func TestRecordedWebhooks(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(fixturesVariable)
	if folder == "" {
		t.Logf("%s is not set: the payloads of the repository's own tests are the only ones", fixturesVariable)
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "slack", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s has no slack/*.json", fixturesVariable)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		var payloads map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &payloads))
		var botUser string
		require.NoError(t, json.Unmarshal(payloads["botUserId"], &botUser))
		found := 0
		for key, raw := range payloads {
			var v object
			if json.Unmarshal(raw, &v) != nil || v["type"] == nil && v["command"] == nil {
				continue // a name, or what the TypeScript SDK stored
			}
			found++
			t.Run(strings.TrimSuffix(filepath.Base(name), ".json")+"/"+key, func(t *testing.T) {
				t.Parallel()
				checkRecorded(t, raw, v, botUser)
			})
		}
		require.NotZero(t, found, name)
	}
}

func checkRecorded(t *testing.T, raw []byte, v object, botUser string) {
	t.Helper()
	r := newRig(t, nil)
	var submitted *chat.ModalSubmitEvent
	r.host.submit = func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		submitted = ev
		return chat.ModalAnswer{}, nil
	}
	switch at(v, "type") {
	case "event_callback":
		event, _ := v["event"].(object)
		got := r.event(t, string(raw))
		channel, ts := firstOf(at(event, "channel"), at(event, "item", "channel")), firstOf(at(event, "ts"), at(event, "item", "ts"))
		if at(event, "type") == "reaction_added" {
			ev := one[*chat.ReactionEvent](t, got)
			require.Equal(t, at(event, "reaction"), ev.RawEmoji)
			require.True(t, ev.Added)
			require.Equal(t, channel+":"+ts, string(ev.MessageID))
			require.Equal(t, at(event, "user"), string(ev.User.UserID))
			require.Equal(t, "slack:"+channel, string(ev.ThreadID)[:len("slack:")+len(channel)])
			return
		}
		m := one[*chat.Message](t, got)
		shared := newRig(t, many)
		require.NoError(t, shared.SaveInstallation(t.Context(), at(v, "team_id"), &slack.Installation{BotToken: botToken, BotUserID: chat.UserID(botUser)}))
		require.Equal(t, m, one[*chat.Message](t, shared.event(t, string(raw))), "an app in many workspaces sees the same")
		thread := firstOf(at(event, "thread_ts"), ts)
		if strings.HasPrefix(channel, "D") {
			thread = at(event, "thread_ts")
		}
		require.Equal(t, channel+":"+ts, string(m.ID))
		require.Equal(t, "slack:"+channel+":"+thread, string(m.ThreadID))
		require.Equal(t, at(event, "user"), string(m.Author.UserID))
		require.Equal(t, at(event, "user") == botUser || at(event, "app_id") != "" && at(event, "app_id") == at(v, "api_app_id"), m.Author.Me)
		if m.Author.Me {
			return // it is dropped
		}
		require.NotEmpty(t, m.Text)
		require.Equal(t, strings.Contains(at(event, "text"), "<@"+botUser+">"), *m.Mention)
		want := strings.ReplaceAll(at(event, "text"), "<@"+botUser+">", "@"+strings.ToLower(botUser))
		require.Equal(t, want, m.Text)
		require.Equal(t, "Real "+strings.ToLower(at(event, "user")), m.Author.FullName)
		files, _ := event["files"].([]any)
		require.Len(t, m.Attachments, len(files))
		for i, f := range files {
			require.Equal(t, at(f, "name"), m.Attachments[i].Name)
			require.Equal(t, at(f, "url_private"), m.Attachments[i].URL)
			require.Equal(t, at(f, "mimetype"), m.Attachments[i].MIMEType)
		}
	case "block_actions":
		ev := one[*chat.ActionEvent](t, r.interacted(t, string(raw)))
		act := v["actions"].([]any)[0]
		container, _ := v["container"].(object)
		require.Equal(t, at(act, "action_id"), ev.ActionID)
		require.Equal(t, firstOf(at(act, "selected_option", "value"), at(act, "value")), ev.Value)
		require.Equal(t, at(v, "user", "id"), string(ev.User.UserID))
		require.Equal(t, at(v, "trigger_id"), ev.TriggerID)
		require.Equal(t, "slack:"+at(container, "channel_id")+":"+at(container, "thread_ts"), string(ev.ThreadID))
		if container["is_ephemeral"] == true {
			require.Regexp(t, "^ephemeral:"+at(container, "message_ts")+":", string(ev.MessageID))
		} else {
			require.Equal(t, at(container, "channel_id")+":"+at(container, "message_ts"), string(ev.MessageID))
		}
	case "view_submission":
		require.Empty(t, r.interacted(t, string(raw)))
		require.NotNil(t, submitted)
		require.Equal(t, at(v, "view", "callback_id"), submitted.CallbackID)
		require.Equal(t, at(v, "view", "id"), submitted.ViewID)
		require.Contains(t, at(v, "view", "private_metadata"), submitted.ContextID)
		require.Len(t, submitted.ContextID, 36)
		values := v["view"].(object)["state"].(object)["values"].(object)
		require.Len(t, submitted.Values, len(values))
		for block := range values {
			want := firstOf(at(values, block, block, "value"), at(values, block, block, "selected_option", "value"))
			require.Equal(t, want, submitted.Values[block])
		}
	default:
		form := url.Values{}
		for name := range v {
			form.Set(name, at(v, name))
		}
		w := serve(r, request(formType, form.Encode()))
		require.Equal(t, http.StatusOK, w.Code)
		ev := one[*chat.SlashCommandEvent](t, r.host.taken())
		require.Equal(t, at(v, "command"), ev.Command)
		require.Equal(t, at(v, "text"), ev.Text)
		require.Equal(t, "slack:"+at(v, "channel_id"), string(ev.ChannelID))
		require.Equal(t, at(v, "user_id"), string(ev.User.UserID))
		require.Equal(t, at(v, "trigger_id"), ev.TriggerID)
	}
}
