package emoji

import "strings"

// slackOwn are the characters of Slack's short names that stand for more than one
// picture here: ":joy:" and ":laughing:" are one emoji to a bot, [Laugh], and two to
// a reader. https://github.com/iamcal/emoji-data, whose names Slack has.
var slackOwn = map[string]string{
	"calendar":               "📆",
	"email":                  "✉\uFE0F",
	"heavy_check_mark":       "✔\uFE0F",
	"heavy_multiplication_x": "✖\uFE0F",
	"hourglass":              "⌛",
	"laughing":               "😆",
	"mega":                   "📣",
	"partying_face":          "🥳",
	"point_up":               "☝\uFE0F",
	"satisfied":              "😆",
	"slightly_smiling_face":  "🙂",
	"smile":                  "😄",
	"white_frowning_face":    "☹\uFE0F",
}

// notSlacks are names that the TypeScript SDK takes for Slack's. A workspace may
// have an emoji of its own by such a name.
var notSlacks = map[string]bool{"facepalm": true, "rolling_eyes": true, "sad": true}

// SlackCharacters returns the characters that Slack shows for a short name, with
// colons or without, and false for a name that it does not know. A skin tone is
// ignored.
func SlackCharacters(short string) (string, bool) {
	name, _, _ := strings.Cut(strings.ToLower(strings.Trim(short, ":")), "::skin-tone-")
	if chars, ok := slackOwn[name]; ok {
		return chars, true
	}
	e, ok := standard.slack[name]
	if !ok || notSlacks[name] || len(wellKnown[e].Unicode) == 0 {
		return "", false
	}
	return wellKnown[e].Unicode[0], true
}
