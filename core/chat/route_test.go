package chat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMentionIsAWordOfItsOwn(t *testing.T) {
	c := &Chat{mention: mentionPattern("my.bot")}
	for text, want := range map[string]bool{
		"@my.bot": true, "hey @My.Bot!": true, "(@my.bot)": true, "@my.bot, please": true,
		"@my.bots": false, "a@my.bot": false, "@my.bot-2": false, "my.bot": false, "@myxbot": false, "": false,
	} {
		require.Equal(t, want, c.isMention(&Message{Text: text}), text)
	}
	require.False(t, c.isMention(&Message{Text: "@my.bot", Mention: new(false)}), "the adapter knows better")
	require.True(t, c.isMention(&Message{Text: "hi", Mention: new(true)}))
}
