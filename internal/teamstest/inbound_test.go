package teamstest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// What an activity tells of its user and its conversation is kept under the TypeScript
// SDK's keys, and where it came from is where it is answered, by every instance.
func TestWhatActivitiesTell(t *testing.T) {
	t.Parallel()
	const emea = "https://smba.trafficmanager.net/emea/"
	s, st := newTeams(t), botrig.Memory(t)
	r, other := newRigOn(t, s, st), newRigOn(t, s, st)
	body := activity("message", thread, map[string]any{"text": "hello", "serviceUrl": emea, "channelData": map[string]any{
		"tenant": map[string]any{"id": faketeams.Tenant}, "team": map[string]any{"id": teamID, "aadGroupId": teamGUID}, "channel": map[string]any{"id": channel},
	}})
	token := faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"serviceurl": emea}))
	w := r.deliver(t, body, func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+token) })
	require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
	m := next[*chat.Message](t, r)
	encode := base64.RawURLEncoding.EncodeToString
	require.Equal(t, "teams:"+encode([]byte(thread))+":"+encode([]byte(emea)), string(m.ThreadID))
	kept := func(key string) (text string) {
		data, err := st.Get(t.Context(), key)
		require.NoError(t, err, key)
		require.NoError(t, json.Unmarshal(data, &text), key)
		return text
	}
	require.Equal(t, emea, kept("teams:serviceUrl:"+ada))
	require.Equal(t, adaGUID, kept("teams:aadObjectId:"+ada))
	require.Equal(t, faketeams.Tenant, kept("teams:tenantId:"+ada))
	var inner map[string]string
	require.NoError(t, json.Unmarshal([]byte(kept("teams:channelContext:"+channel)), &inner), "JSON in a text, as the TypeScript SDK has it")
	require.Equal(t, teamGUID, inner["teamId"])
	require.Equal(t, channel, inner["channelId"])

	_, err := other.PostMessage(t.Context(), m.ThreadID, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	_, err = other.Adapter.OpenDM(t.Context(), ada)
	require.NoError(t, err)
	for _, op := range []string{"sendToConversation", "createConversation"} {
		require.True(t, strings.HasPrefix(s.Calls(op)[0].Path, "/emea/"), s.Calls(op)[0].Path)
	}
}

func TestInstallations(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for conversation, workspace := range map[string]string{channel: teamID, group: group, personal: personal} {
		data := map[string]any{"tenant": map[string]any{"id": faketeams.Tenant}}
		if conversation == channel {
			data["team"] = map[string]any{"id": teamID}
		}
		for _, action := range []string{"add", "remove"} {
			r.send(t, activity("installationUpdate", conversation, map[string]any{"action": action, "channelData": data}))
			ev := next[*chat.InstallationEvent](t, r)
			require.Equal(t, action == "add", ev.Installed)
			require.Equal(t, workspace, ev.Workspace)
			require.Equal(t, chat.UserID(ada), ev.User.UserID)
		}
	}
	r.quiet(t)
}
