package exampletest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

// TestDiscord gives the command of the support bot, presses its buttons, and goes on in
// the thread that it makes, all over the gateway.
func TestDiscord(t *testing.T) {
	const ada, server, channel = "1033044521375764530", "1457468924290662599", "1457510428359004343"
	s := fakediscord.New(t)
	s.AddUser(ada, "ada")
	s.AddChannel(fakediscord.Channel{ID: channel, GuildID: server, Name: "help"})
	for name, value := range map[string]string{"BOT_TOKEN": fakediscord.Token, "APPLICATION_ID": fakediscord.ApplicationID, "API_URL": s.URL, "PUBLIC_KEY": ""} {
		t.Setenv("DISCORD_"+name, value)
	}
	bot := StartExample(t, "discord", "memory://")
	require.Len(t, s.Commands(), 1)
	require.True(t, s.Await(func() bool { return s.Connected() == 1 }))
	in := chat.ThreadID("discord:" + server + ":" + channel)

	_, body := s.Interact(2, channel, ada, `{"id":"1","name":"ticket","type":1,"options":[{"name":"subject","type":3,"value":"The printer does not print"}]}`, "")
	s.Dispatch(0, "INTERACTION_CREATE", body)
	ticket := awaitPost(t, s, in, "The printer does not print")
	_, body, err := s.Click(ticket, ada, "Help me")
	require.NoError(t, err)
	s.Dispatch(0, "INTERACTION_CREATE", body)
	thread := in + ":" + chat.ThreadID(ticket.ID)
	awaitPost(t, s, thread, "write what you see.")

	s.Dispatch(0, "MESSAGE_CREATE", `{"id":"1457536551830400001","channel_id":"`+string(ticket.ID)+`","guild_id":"`+server+`","channel_type":11,"type":0,"content":"it smokes",`+
		`"timestamp":"2026-01-05T00:49:53+00:00","author":{"id":"`+ada+`","username":"ada"},"mentions":[],"mention_roles":[]}`)
	awaitPost(t, s, thread, "“it smokes”, write what you see.")

	_, body, err = s.Click(ticket, ada, "Close")
	require.NoError(t, err)
	s.Dispatch(0, "INTERACTION_CREATE", body)
	awaitPost(t, s, in, "closed by Ada")
	require.True(t, s.Await(func() bool {
		seen, err := s.Whispered(t.Context(), in, ada)
		return err == nil && len(seen) == 1 && seen[0].Text == `Thank you.`
	}))
	bot.Stop(t)
}

// awaitPost waits for a message of the bot that has the text.
func awaitPost(t *testing.T, s *fakediscord.Server, thread chat.ThreadID, text string) (found chattest.Posted) {
	t.Helper()
	require.True(t, s.Await(func() bool {
		posts, err := s.Shown(t.Context(), thread)
		for _, p := range posts {
			if strings.Contains(p.Text, text) {
				found = p
				return err == nil
			}
		}
		return false
	}), "the bot does not say %q", text)
	return found
}
