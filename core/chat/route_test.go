package chat

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
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

// A name in code, as in a log that somebody shows, mentions nobody.
func TestCodeMentionsNobody(t *testing.T) {
	c := &Chat{mention: mentionPattern("bot")}
	for source, want := range map[string]bool{
		"type `@bot help`": false, "```\n@bot help\n```": false, "> - `@bot`": false,
		"`@bot help` does it, @bot?": true, "**@bot** `x`": true, "@bot ```\n@bot\n```": true,
	} {
		tree := markdown.Parse(source)
		require.Equal(t, want, c.isMention(&Message{Text: markdown.PlainText(tree), Formatted: tree}), source)
	}
}
