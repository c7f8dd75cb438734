package emoji_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/emoji"
)

func TestPlaceholders(t *testing.T) {
	text := fmt.Sprintf("Well done %s, %v", emoji.Party, emoji.ThumbsUp)
	require.Equal(t, "Well done {{emoji:party}}, {{emoji:thumbs_up}}", text)

	for platform, want := range map[emoji.Platform]string{
		emoji.Slack:   "Well done :tada:, :+1:",
		emoji.GChat:   "Well done 🎉, 👍",
		emoji.Teams:   "Well done 🎉, 👍",
		emoji.Discord: "Well done 🎉, 👍",
		"telegram":    "Well done 🎉, 👍",
	} {
		require.Equal(t, want, emoji.Replace(text, platform), platform)
	}
}

func TestReplaceLeavesOtherTextAlone(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"no emoji":                    "no emoji",
		"{{emoji:}} {{emoji:a b}}":    "{{emoji:}} {{emoji:a b}}",
		"{{emoji:fire":                "{{emoji:fire",
		"{{emoji:{{emoji:fire}}":      "{{emoji:🔥",
		"{{emoji:fire}}{{emoji:fire}": "🔥{{emoji:fire}",
		"{{emoji:not_known}}":         "not_known",
	} {
		require.Equal(t, want, emoji.Replace(in, emoji.Unicode), in)
	}
}

func TestReactions(t *testing.T) {
	for _, spelling := range []string{"+1", ":+1:", "thumbsup", "+1::skin-tone-3", ":THUMBSUP:"} {
		require.Equal(t, emoji.ThumbsUp, emoji.FromSlack(spelling), spelling)
	}
	for _, chars := range []string{"👍", "👍🏽"} {
		require.Equal(t, emoji.ThumbsUp, emoji.FromUnicode(chars), chars)
	}
	require.Equal(t, emoji.Heart, emoji.FromUnicode("❤️"))
	require.Equal(t, emoji.Heart, emoji.FromUnicode("❤"))
	require.Equal(t, emoji.ThumbsUp, emoji.FromTeams("like"))
	require.Equal(t, emoji.Rocket, emoji.FromTeams("🚀"))

	reaction, ok := emoji.TeamsReaction(emoji.Laugh)
	require.True(t, ok)
	require.Equal(t, "laugh", reaction)
	_, ok = emoji.TeamsReaction(emoji.Pizza)
	require.False(t, ok)

	require.Equal(t, emoji.Emoji("partyparrot"), emoji.FromSlack(":partyparrot:"))
	require.Equal(t, emoji.Emoji("🦖"), emoji.FromUnicode("🦖"))
	require.True(t, emoji.Is(":tada:", emoji.Party))
	require.True(t, emoji.Is("🎉", emoji.Party))
	require.False(t, emoji.Is("🎉", emoji.Fire))
}

func TestEverySpellingComesBack(t *testing.T) {
	for _, e := range emoji.All() {
		require.Equal(t, e, emoji.FromSlack(emoji.SlackName(e)), e)
		require.Equal(t, e, emoji.FromUnicode(emoji.Spell(e, emoji.Unicode)), e)
		require.Equal(t, emoji.Spell(e, emoji.Slack), emoji.Replace(e.String(), emoji.Slack))
	}
}

func TestCustom(t *testing.T) {
	const unicorn emoji.Emoji = "unicorn"
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{
		unicorn:    {Slack: []string{"unicorn_face"}, Unicode: []string{"🦄"}, Own: map[emoji.Platform]string{emoji.Discord: "<:unicorn:42>"}},
		emoji.Fire: {Slack: []string{"our_fire"}, Unicode: []string{"🔥"}},
	})
	require.NoError(t, err)
	text := "{{emoji:unicorn}}{{emoji:fire}}{{emoji:star}}"
	require.Equal(t, ":unicorn_face::our_fire::star:", set.Replace(text, emoji.Slack))
	require.Equal(t, "<:unicorn:42>🔥⭐", set.Replace(text, emoji.Discord))
	require.Equal(t, unicorn, set.FromUnicode("<:unicorn:42>"))
	require.Equal(t, emoji.Fire, set.FromSlack("our_fire"))
	require.Equal(t, emoji.Emoji("fire"), set.FromSlack("fire"))
	require.Contains(t, set.All(), unicorn)
	require.NotContains(t, emoji.All(), unicorn, "the well-known emoji stay as they are")

	_, err = emoji.NewSet(map[emoji.Emoji]emoji.Spelling{"my unicorn": {}})
	require.ErrorIs(t, err, emoji.ErrInvalidName)
	require.ErrorContains(t, err, `"my unicorn"`)
}

func TestJSON(t *testing.T) {
	data, err := json.Marshal(emoji.Fire)
	require.NoError(t, err)
	require.JSONEq(t, `"{{emoji:fire}}"`, string(data))
	for _, in := range []string{`"{{emoji:fire}}"`, `"fire"`} {
		var e emoji.Emoji
		require.NoError(t, json.Unmarshal([]byte(in), &e))
		require.Equal(t, emoji.Fire, e)
	}
	var e emoji.Emoji
	require.Error(t, json.Unmarshal([]byte(`1`), &e))
}

// TestSlackNames checks the names and characters against those of Slack, of which
// testdata/slack.json has the ones that are used here
// (https://github.com/iamcal/emoji-data, version 16).
func TestSlackNames(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "slack.json"))
	require.NoError(t, err)
	var slack map[string]string
	require.NoError(t, json.Unmarshal(data, &slack))
	for _, e := range emoji.All() {
		require.Contains(t, slack, emoji.SlackName(e), "Slack has no %s", e)
	}
	for name, want := range slack {
		got, ok := emoji.SlackCharacters(":" + name + "::skin-tone-3:")
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"facepalm", "rolling_eyes", "sad", "partyparrot", ""} {
		_, ok := emoji.SlackCharacters(name)
		require.False(t, ok, name)
	}
	require.Equal(t, emoji.Facepalm, emoji.FromSlack("facepalm"), "as the TypeScript SDK spells it")
}
