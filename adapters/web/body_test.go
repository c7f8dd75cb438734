package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

var standard = texts{emoji.Standard()}

func TestMarksInStreamsMayBeCutAnywhere(t *testing.T) {
	const text = "a {{emoji:wave}} {b} {{{emoji:heart}} {{emoji:no such}} {{tmpl}} <@ada> <@@ <@> < <<@bob> {{emoji:thumbs_up}"
	want := standard.show(text)
	for first := range len(text) + 1 {
		for second := first; second <= len(text); second++ {
			var got strings.Builder
			rest := ""
			for _, chunk := range []string{text[:first], text[first:second], text[second:]} {
				var whole string
				whole, rest = format.WholeSegments(rest + chunk)
				got.WriteString(standard.show(whole))
			}
			require.Equal(t, want, got.String()+standard.show(rest), "%d %d", first, second)
		}
	}
	whole, rest := format.WholeSegments("{{emoji:" + strings.Repeat("x", 64))
	require.Empty(t, rest, "%q is no placeholder any more", whole)
}

func TestEmojiAndMentionsInPosts(t *testing.T) {
	for name, post := range map[string]*chat.Post{
		"text":     {Text: "*hi* {{emoji:thumbs_up}} <@ada_l>"},
		"markdown": {Markdown: `\*hi\* {{emoji:thumbs_up}} <@ada_l>`},
		"tree":     {Tree: markdown.NewRoot(markdown.NewParagraph(markdown.NewText("*hi* {{emoji:thumbs_up}} <@ada_l>")))},
	} {
		require.Equal(t, `\*hi\* 👍 @ada_l`, standard.postText(post), name)
	}
}

func TestWhatAPageSeesOfACard(t *testing.T) {
	shown, err := standard.showElement(card.New("{{emoji:wave}} Hi",
		card.NewFields(card.NewField("{{emoji:wave}}", "{{emoji:wave}}")),
		card.NewImage("https://x.example/{{emoji:wave}}", ""),
		card.NewActions(
			card.NewButton("{{emoji:wave}}", "{{emoji:wave}}").WithValue("{{emoji:wave}}").WithCallback("https://secret.example"),
			card.NewSelect("s", "S", card.NewOption("{{emoji:wave}}", "{{emoji:wave}}")),
		)))
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"card","title":"👋 Hi","children":[
		{"type":"fields","children":[{"type":"field","label":"👋","value":"👋"}]},
		{"type":"image","url":"https://x.example/{{emoji:wave}}"},
		{"type":"actions","children":[
			{"type":"button","id":"{{emoji:wave}}","label":"👋","value":"{{emoji:wave}}"},
			{"type":"select","id":"s","label":"S","options":[{"label":"👋","value":"{{emoji:wave}}"}]}]}]}`, string(shown))

	m := card.NewModal("cb", "T")
	m.PrivateMetadata, m.CallbackURL = "private", "https://secret.example"
	shown, err = standard.showElement(m)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"modal","callbackId":"cb","title":"T","children":[]}`, string(shown))
}

func TestPlansGrowByTheirTasks(t *testing.T) {
	var p *plan
	_, changed := p.take(chat.Chunk{Text: "x"}, standard)
	require.False(t, changed)
	first, changed := p.take(chat.Chunk{PlanTitle: "Plan", Task: &chat.Task{ID: "a", Title: "{{emoji:wave}}"}}, standard)
	require.True(t, changed)
	require.Equal(t, &plan{Title: "Plan", Tasks: []chat.Task{{ID: "a", Title: "👋", Status: chat.TaskPending}}}, first)
	second, _ := first.take(chat.Chunk{Task: &chat.Task{ID: "b", Title: "B", Status: chat.TaskError}}, standard)
	third, _ := second.take(chat.Chunk{Task: &chat.Task{ID: "a", Title: "A", Status: chat.TaskComplete}}, standard)
	require.Equal(t, []chat.Task{{ID: "a", Title: "A", Status: chat.TaskComplete}, {ID: "b", Title: "B", Status: chat.TaskError}}, third.Tasks)
	require.Len(t, first.Tasks, 1, "what was handed out stays")

	b := standard.planBody(chat.PlanState{Title: "Plan", Tasks: third.Tasks})
	require.Equal(t, "**Plan**\n\n- [x] A\n- [ ] B", b.Text)
	require.True(t, b.Fallback)
}
