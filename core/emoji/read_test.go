package emoji_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// custom has an emoji that Slack calls by the name of a well-known one.
func custom(t *testing.T) *emoji.Set {
	t.Helper()
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{
		"team":  {Slack: []string{":our_team:", "party"}, Own: map[emoji.Platform]string{emoji.Discord: "<:team:42>", "pager": "#team"}},
		"t_rex": {Slack: []string{"t-rex"}, Unicode: []string{"🦖"}},
	})
	require.NoError(t, err)
	return set
}

// Whatever way an emoji is spelled, it is the same.
func TestReadsEverySpelling(t *testing.T) {
	for want, spellings := range map[emoji.Emoji][]string{
		emoji.ThumbsUp: {"thumbs_up", "{{emoji:thumbs_up}}", "👍", "👍🏽", "👍\uFE0F", ":+1:", "+1", "thumbsup", ":THUMBSUP:", ":+1::skin-tone-3:", "+1::skin-tone-3"},
		emoji.Heart:    {"heart", "❤️", "❤", ":heart:"},
		emoji.Cool:     {"cool", "😎", ":sunglasses:"},
		"team":         {"team", ":our_team:", "our_team", ":party:", "<:team:42>", "#team"},
		"t_rex":        {"t_rex", "t-rex", ":t-rex:", "🦖"},
		"partyparrot":  {"partyparrot", ":partyparrot:", ":PartyParrot:"},
		"raised_hand":  {"raised_hand", ":raised_hand::skin-tone-2:", "raised_hand::skin-tone-2"},
		"🦕":            {"🦕"},
		"✋":            {"✋", "✋🏾"},
		"🏽":            {"🏽"},
		"<a:jump:7>":   {"<a:jump:7>"},
		"了解":           {"了解", ":了解:"},
		"🏳️‍🌈":         {"🏳️‍🌈"},
	} {
		for _, spelling := range spellings {
			got, err := custom(t).Read(spelling)
			require.NoError(t, err, spelling)
			require.Equal(t, want, got, spelling)
		}
	}
	got, err := emoji.Read("🎉")
	require.NoError(t, err)
	require.Equal(t, emoji.Party, got)
}

func TestWhatNoPlatformCallsAnEmojiIsRefused(t *testing.T) {
	for _, spelling := range []string{
		"", ":", "::", ":)", "!", "thumbs up", " 👍", "👍\n", "👍👎", "👍🏽👎", "❤️🔥🚀", "{{emoji:}}", "{{emoji:my team}}", "{{emoji:team", "\xff", strings.Repeat("x", 300),
	} {
		_, err := emoji.Read(spelling)
		require.ErrorIs(t, err, emoji.ErrInvalidName, "%q", spelling)
		require.ErrorContains(t, err, "emoji", "%q", spelling)
	}
}

func TestASkinToneMakesNoDifference(t *testing.T) {
	require.True(t, emoji.Is("👍🏿", emoji.ThumbsUp))
	require.True(t, emoji.Is("❤", emoji.Heart))
	require.True(t, emoji.Is("✋🏾", "✋"))
	require.True(t, emoji.Is("☂", "☂️"))
	require.False(t, emoji.Is("🏽", "👍"))
	require.Equal(t, emoji.Emoji("raised_hand"), emoji.FromSlack("raised_hand::skin-tone-2"))
}

func TestACustomEmojiIsSpelledByEachPlatform(t *testing.T) {
	set := custom(t)
	for platform, want := range map[emoji.Platform]string{emoji.Slack: ":our_team:", emoji.Discord: "<:team:42>", "pager": "#team", emoji.Unicode: "team"} {
		require.Equal(t, want, set.Replace("{{emoji:team}}", platform), platform)
	}
	require.True(t, set.Has("team"))
	require.False(t, emoji.Standard().Has("team"))
}
