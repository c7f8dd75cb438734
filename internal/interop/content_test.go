package interop

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/emoji"
)

func options() []*card.Option {
	return []*card.Option{
		card.NewOption("Small", "s"),
		{Label: "Large", Value: "l", Description: "half a litre"},
	}
}

// cards are the cards of npm/content.mjs.
func cards() map[string]*card.Card {
	return map[string]*card.Card{
		"empty": {},
		"header": {
			Title: "Order", Subtitle: "Table 4", ImageURL: "https://example.com/head.png", Width: card.FullWidth,
		},
		"text": card.New("",
			card.NewText("plain"), card.NewText("**bold**").WithStyle(card.Bold), card.NewText("muted").WithStyle(card.Muted)),
		"image": card.New("",
			card.NewImage("https://example.com/a.png", ""), card.NewImage("https://example.com/b.png", "B")),
		"section": card.New("", card.NewDivider(),
			card.NewSection(card.NewText("inside"), card.NewSection(card.NewLink("Menu", "https://example.com/menu")))),
		"fields": card.New("", card.NewFields(card.NewField("Total", "7.50"), card.NewField("Table", "4"))),
		"table": card.New("",
			card.NewTable([]string{"Item", "Price"}, []string{"Tea", "2.50"}, []string{"Carrot cake", "3"}),
			&card.Table{
				Headers: []string{"a", "b"}, Rows: [][]string{{"1"}, {"1", "2"}},
				Align: []card.Align{card.Left, card.Right}, Caption: "Items", PageSize: 5, Widths: []int{3, 1},
				VerticalAlign: card.Middle, GridLines: new(false), GridStyle: card.AccentGrid,
			}),
		"charts": card.New("",
			card.NewPie("Shares", card.Segment{Label: "Tea", Value: 2}, card.Segment{Label: "Cake", Value: 0.5}),
			card.NewChart(card.Line, "Sales", "Mon", "Tue").WithAxes("Day", "Cups").
				AddSeries("Tea", 120, -2.5).AddSeries("Cake", 1e21, 1e-7)),
		"actions": card.New("", card.NewActions(
			card.NewButton("plain", "Plain"),
			&card.Button{
				ID: "full", Label: "Full", Style: card.Primary, Value: "42", Disabled: true, ActionType: card.OpenModal,
				CallbackURL: "https://example.com/hook", Tooltip: "tip",
			},
			card.NewLinkButton("Docs", "https://example.com"),
			&card.LinkButton{ID: "docs", URL: "https://example.com", Label: "Docs", Style: card.Danger, Tooltip: "tip"},
			card.NewSelect("size", "Size", options()...),
			&card.Select{
				ID: "size2", Label: "Size", Options: options(), Placeholder: "Choose", InitialOption: "s",
				Optional: true, DispatchAction: true,
			},
			card.NewRadioSelect("size3", "Size", options()...),
			&card.RadioSelect{
				ID: "size4", Label: "Size", Options: options(), InitialOption: "l", Optional: true, DispatchAction: true,
			},
		)),
	}
}

// modals are the modals of npm/content.mjs.
func modals() map[string]*card.Modal {
	return map[string]*card.Modal{
		"empty": card.NewModal("c", "t"),
		"full": {
			CallbackID: "feedback", CallbackURL: "https://example.com/hook", Title: "Feedback", SubmitLabel: "Send",
			CloseLabel: "Cancel", NotifyOnClose: true, PrivateMetadata: `{"a":1}`,
			Children: []card.Input{card.NewText("text"), card.NewFields(card.NewField("Name", "Ada"))},
		},
		"inputs": card.NewModal("c", "t",
			card.NewTextInput("a", "A"),
			&card.TextInput{
				ID: "b", Label: "B", Placeholder: "p", InitialValue: "v", Multiline: true, Optional: true, MaxLength: 10,
			},
			card.NewDateInput("c", "C"),
			&card.DateInput{ID: "d", Label: "D", Placeholder: "p", InitialValue: "2026-01-31", Optional: true},
			card.NewNumberInput("e", "E"),
			&card.NumberInput{
				ID: "f", Label: "F", Placeholder: "p", InitialValue: new(0.0), Optional: true,
				Min: new(-1.0), Max: new(2.5), Decimal: true,
			},
			card.NewExternalSelect("g", "G"),
			&card.ExternalSelect{
				ID: "h", Label: "H", Placeholder: "p", InitialOption: options()[1], MinQueryLength: new(0), Optional: true,
			},
			card.NewSelect("i", "I", options()...),
			card.NewRadioSelect("j", "J", options()...),
		),
	}
}

type golden struct {
	Name     string
	JSON     json.RawMessage
	Fallback []string
}

// requireEqualJSON checks that an element is written as the npm package writes
// it, and that what that package has written is read and written again alike.
func requireEqualJSON(t *testing.T, g golden, ours card.Element) {
	t.Helper()
	data, err := json.Marshal(ours)
	require.NoError(t, err)
	require.JSONEq(t, string(g.JSON), string(data), g.Name)
	read, err := card.Unmarshal(g.JSON)
	require.NoError(t, err, g.Name)
	data, err = json.Marshal(read)
	require.NoError(t, err)
	require.JSONEq(t, string(g.JSON), string(data), g.Name)
}

func TestCardsEqualChat(t *testing.T) {
	ours := cards()
	list := ask[[]golden](t, "cards", nil)
	require.Len(t, list, len(ours), "every card of content.mjs has its counterpart here")
	for _, g := range list {
		c := ours[g.Name]
		require.NotNil(t, c, g.Name)
		requireEqualJSON(t, g, c)
		fallback := make([]string, len(c.Children))
		for i, child := range c.Children {
			fallback[i] = card.FallbackText(child)
		}
		require.Equal(t, g.Fallback, fallback, g.Name)
	}
}

func TestModalsEqualChat(t *testing.T) {
	ours := modals()
	list := ask[[]golden](t, "modals", nil)
	require.Len(t, list, len(ours), "every modal of content.mjs has its counterpart here")
	for _, g := range list {
		require.NotNil(t, ours[g.Name], g.Name)
		requireEqualJSON(t, g, ours[g.Name])
	}
}

// spellings is a string or a list of strings.
type spellings []string

func (s *spellings) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*s = spellings{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(s))
}

// slackNames are the names of emoji that Slack has, for those of the TypeScript SDK
// that it has not.
var slackNames = map[string]string{"facepalm": "face_palm", "rolling_eyes": "face_with_rolling_eyes"}

func TestEmojiEqualChat(t *testing.T) {
	theirs := ask[struct {
		Map map[emoji.Emoji]struct {
			Slack, GChat spellings
		}
		JSON     emoji.Emoji
		Replaced map[emoji.Platform][]string
	}](t, "emoji", nil)

	require.Len(t, emoji.All(), len(theirs.Map))
	for name, formats := range theirs.Map {
		require.Contains(t, emoji.All(), name)
		require.Equal(t, cmp.Or(slackNames[formats.Slack[0]], formats.Slack[0]), emoji.SlackName(name))
		require.Equal(t, formats.GChat[0], emoji.Spell(name, emoji.GChat))
		for _, short := range formats.Slack {
			require.Equal(t, name, emoji.FromSlack(short))
		}
		for _, chars := range formats.GChat {
			require.Equal(t, name, emoji.FromUnicode(chars))
		}
	}
	require.Equal(t, emoji.ThumbsUp, theirs.JSON)

	for platform, texts := range theirs.Replaced {
		var ours []string
		for name := range theirs.Map {
			ours = append(ours, emoji.Replace("a "+name.String()+"b", platform))
		}
		if platform == emoji.Slack {
			for i, text := range texts {
				for theirs, slack := range slackNames {
					text = strings.ReplaceAll(text, ":"+theirs+":", ":"+slack+":")
				}
				texts[i] = text
			}
		}
		slices.Sort(ours)
		slices.Sort(texts)
		require.Equal(t, texts, ours, platform)
	}
}
