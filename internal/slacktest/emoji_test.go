package slacktest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Every text that the bot writes has its own emoji as Slack spells them.
func TestTheBotsOwnEmojiAreWritten(t *testing.T) {
	t.Parallel()
	const text, want = "{{emoji:team}} {{emoji:done}} {{emoji:party}}", ":our_team: :party: :tada:"
	o := newOutbound(t)
	for _, post := range []*chat.Post{{Text: text}, {Markdown: text}, {Tree: markdown.NewRoot(markdown.NewParagraph(markdown.NewText(text)))}} {
		_, m := o.post(t, post)
		require.Contains(t, m.Text+m.Markdown, want)
	}
	_, m := o.post(t, &chat.Post{Text: "> {{emoji:done}}"})
	require.Contains(t, string(m.Blocks), `{"type":"emoji","name":"party"}`)

	blocks, fallback := blocksOf(t, card.New(text, card.NewText(text), card.NewFields(card.NewField(text, text)),
		card.NewTable([]string{text}, []string{text}), card.NewImage("https://example.com/x.png", text), card.NewLink("https://example.com", text),
		card.NewActions(card.NewButton("b", text), card.NewSelect("s", text, card.NewOption(text, "v")), card.NewRadioSelect("r", text, card.NewOption(text, "v")))))
	require.Contains(t, fallback, want)
	require.Contains(t, blocks, want)
	require.NotContains(t, blocks+fallback, "{{emoji:")
	require.NotContains(t, blocks+fallback, ":team:")

	plan, err := o.PostPlan(t.Context(), o.room, chat.PlanState{Title: text, Tasks: []chat.Task{{ID: "a", Title: text, Output: text}}})
	require.NoError(t, err)
	require.NotEmpty(t, plan)
	own := o.shown()
	require.Contains(t, string(own[len(own)-1].Blocks), want)
	require.NotContains(t, string(own[len(own)-1].Blocks), "{{emoji:")

	id, _ := o.post(t, &chat.Post{Text: "x"})
	for _, spelling := range []string{"team", "{{emoji:done}}", "🏁", ":our_team:"} {
		require.NoError(t, o.AddReaction(t.Context(), o.room, id, spelling), spelling)
	}
	own = o.shown()
	require.ElementsMatch(t, []string{"our_team U0BOT", "party U0BOT"}, own[len(own)-1].Reactions)
}

// What Slack says of a reaction goes to the handlers of the emoji, however they were
// registered, and whatever skin tone it has.
func TestReactionsGoToTheHandlersOfTheirEmoji(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	bot, _ := newBotWith(t, newMemory(t), nil, func(c *chat.Config) { c.Emoji = ourEmoji })
	for _, wanted := range []emoji.Emoji{emoji.ThumbsUp, ":+1:", "👍", "👍🏽", "+1", "team", ":our_team:", "🏁"} {
		bot.OnReaction(func(_ context.Context, ev *chat.ReactionEvent) error {
			called <- string(wanted) + "=" + string(ev.Emoji)
			return nil
		}, wanted)
	}
	for i, c := range []struct {
		reaction string
		want     []string
	}{
		{"+1::skin-tone-4", []string{emoji.ThumbsUp.Name() + "=thumbs_up", ":+1:=thumbs_up", "👍=thumbs_up", "👍🏽=thumbs_up", "+1=thumbs_up"}},
		{"our_team", []string{"team=team", ":our_team:=team"}},
		{"party", []string{"🏁=done"}},
	} {
		serve(bot, webhook(jsonType, callbackWithID("Ev0"+string(rune('A'+i)), `{"type":"reaction_added","user":"U0ADA","reaction":"`+c.reaction+`",
			"item":{"type":"message","channel":"C0ONE","ts":"1700000001.000200"},"event_ts":"1700000009.000000"}`)))
		var got []string
		for range c.want {
			got = append(got, receive(t, called))
		}
		require.Equal(t, c.want, got)
	}
	require.Empty(t, called)
}

func TestLoadedOptionsHaveTheBotsEmoji(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.host.options = func(context.Context, *chat.OptionsLoadEvent) (chat.Options, error) {
		return chat.Options{Groups: []chat.OptionGroup{{Label: "{{emoji:team}}", Options: []*card.Option{{Label: "{{emoji:done}}", Value: "v", Description: "{{emoji:party}}"}}}}}, nil
	}
	w := r.interaction(t, `{"type":"block_suggestion","user":{"id":"U0ADA"},"action_id":"a","value":"q"}`)
	require.JSONEq(t, `{"option_groups":[{"label":{"type":"plain_text","text":":our_team:"},"options":[
		{"text":{"type":"plain_text","text":":party:"},"value":"v","description":{"type":"plain_text","text":":tada:"}}]}]}`, w.Body.String())
}
