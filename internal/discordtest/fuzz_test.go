package discordtest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// FuzzText posts plain text: people see it as it is, without formatting, and nobody is
// notified but whom it mentions.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"hello", "*a* _b_ **c** __d__ ~~e~~ ||f|| `g` ```h```", "# i\n> j\n- k\n1. l\n-# m", "<@1> <#2> <@&3> <t:4> </n:5> <:o:6>", "[p](https://q.example) https://r.example/s_t*u_",
		`\ \\ \* ` + "\\`", "@everyone", "a\n\n\nb", "```\ncode\n", "https://x.example/*a*", "_ _", "**", "***x***", "v_w_x", "\u200b*y*", "<https://z.example>", "1) x", "+ x", "<<@0>", "<@a>", "see https://a.example/b_c. And https://d.example/e: <https://f.example>, (https://g.example)",
	} {
		f.Add(text)
	}
	s := newDiscord(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 4000 || strings.Contains(text, "{{emoji") {
			return
		}
		r := newRigOn(t, s, botrig.Memory(t))
		id, err := r.Adapter.PostMessage(t.Context(), inGeneral, chat.Text(text))
		if err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "nothing to show")
			return
		}
		posts, err := s.Shown(t.Context(), inGeneral)
		require.NoError(t, err)
		var seen strings.Builder
		for _, p := range posts {
			seen.WriteString(markdown.PlainText(p.Content))
			for n := range markdown.All(p.Content) {
				switch n.(type) {
				case *markdown.Root, *markdown.Paragraph, *markdown.Text, *markdown.Break, *markdown.Link:
				default:
					t.Errorf("a %T is shown for %q, sent as %q", n, text, s.Body(p.ID)["content"])
				}
			}
		}
		if want, got := bare(text), bare(seen.String()); want != got {
			t.Errorf("%q is shown for %q, sent as %q", got, want, s.Body(id)["content"])
		}
		require.NoError(t, r.Adapter.DeleteMessage(t.Context(), inGeneral, id))
	})
}

// bare is a text without white space and what nobody sees, and without the brackets of
// mentions.
func bare(text string) string {
	return strings.NewReplacer("<", "", ">", "").Replace(shown.Bare(text))
}
