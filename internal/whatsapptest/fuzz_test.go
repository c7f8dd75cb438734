package whatsapptest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/shown"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

// FuzzText posts plain text: people see it as it is, without formatting.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"hello", "*a* _b_ ~c~ `d` ```e```", "> f\n- g\n* h\n1. i", "a\n\n\nb", "```\ncode\n", "**", "***x***", "v_w_x", "5 * 3", "*", "* ", "a *", "\u200b*y*", "*a\n*b", "<@1>", "`", "~a ~b~", strings.Repeat("word ", 1000),
	} {
		f.Add(text)
	}
	s := newWhatsApp(f)
	problems := s.Expect()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 20_000 || strings.Contains(text, "{{emoji") || strings.Contains(text, "<@") || strings.ContainsAny(text, shown.MrkdwnLookalikes) {
			return
		}
		before := len(s.Shown(adaThread))
		r := newRigOn(t, s, botrig.Memory(t))
		_, err := r.PostMessage(t.Context(), adaThread, chat.Text(text))
		require.Empty(t, problems())
		if err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "nothing to show")
			return
		}
		var seen strings.Builder
		for _, p := range s.Shown(adaThread)[before:] {
			seen.WriteString(markdown.PlainText(p.Content))
			for n := range markdown.All(p.Content) {
				switch n.(type) {
				case *markdown.Root, *markdown.Paragraph, *markdown.Text, *markdown.Break:
				default:
					t.Errorf("a %T is shown for %q", n, text)
				}
			}
		}
		require.Equal(t, shown.Bare(text), shown.Bare(seen.String()))
	})
}

// FuzzCard posts Markdown in a card with buttons of any labels, ids and values: the fake
// refuses what WhatsApp does, and a tap comes back.
func FuzzCard(f *testing.F) {
	f.Add("# Title\n\n**a** `b`\n\n> c\n\n|d|e|\n|-|-|\n|f|g|", "Yes", "approve", "1", uint8(2))
	f.Add(strings.Repeat("word ", 500), strings.Repeat("long label ", 5), strings.Repeat("i", 250), strings.Repeat("v", 300), uint8(12))
	f.Add("", " ", "a\nb", "\x00", uint8(4))
	f.Add("x", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", `chat:{"a":"b"}`, "", uint8(1))
	s := newWhatsApp(f)
	problems := s.Expect()
	f.Fuzz(func(t *testing.T, text, label, id, value string, n uint8) {
		if len(text) > 20_000 || len(label) > 1000 || id == "" || !utf8.ValidString(id+"\x00"+value) {
			return
		}
		actions := card.NewActions()
		for i := range n % 25 {
			b := card.NewButton(id+strings.Repeat("i", int(i/2)), label) // each comes twice
			b.Value = value
			actions.Children = append(actions.Children, b)
		}
		before := len(s.Shown(adaThread))
		r := newRigOn(t, s, botrig.Memory(t))
		_, err := r.PostMessage(t.Context(), adaThread, chat.Card(card.New("", card.NewText(text), actions)))
		require.Empty(t, problems())
		if err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "nothing to show")
			return
		}
		for _, p := range s.Shown(adaThread)[before:] {
			for _, c := range s.Choices(p.ID)[:min(1, len(s.Choices(p.ID)))] {
				r.send(t, tap(p.ID, fakewhatsapp.Choice{ID: c.ID, Title: c.Title}))
				ev := next[*chat.ActionEvent](t, r)
				require.Equal(t, value, ev.Value)
				require.Equal(t, id, ev.ActionID[:len(id)])
			}
		}
	})
}

// FuzzThreadID takes ids apart and puts them together again.
func FuzzThreadID(f *testing.F) {
	for _, id := range []string{adaThread, "whatsapp:1:US.13491208655302741918", "whatsapp:1:US.ENT.118", "whatsapp:1:2:3", "whatsapp::", "slack:C1:1", "whatsapp:1:us.1"} {
		f.Add(id)
	}
	a := newAdapter(f, newWhatsApp(f))
	f.Fuzz(func(t *testing.T, id string) {
		ref, err := a.DecodeThreadID(chat.ThreadID(id))
		if err != nil {
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
			return
		}
		again, err := a.EncodeThreadID(ref)
		require.NoError(t, err)
		require.Equal(t, chat.ThreadID(id), again)
		require.True(t, ref.DM)
	})
}
