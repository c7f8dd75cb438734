package messengertest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// FuzzPost posts what programs may post. Whatever that is, no call breaks a rule of the
// platform: it is posted, or refused before a call is made.
func FuzzPost(f *testing.F) {
	f.Add("Tea", "Green, or **black**?", "Yes", "v", "https://example.com/tea.png", uint8(3))
	f.Add("", " \u00a0\u200b\n", "\t", "", "x", uint8(5))
	f.Add("{{emoji:wave}} <@7>", "| a | b |\n|---|---|\n| 1 | 2 |", "a label that is longer than the platform takes", "\xff\x00", "http://", uint8(14))
	s := newMessenger(f)
	problems := s.Expect()
	a := newAdapter(f, s)
	st := botrig.Memory(f)
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{a}, State: botrig.KeptOpen{Adapter: st}})
	require.NoError(f, err)
	require.NoError(f, st.Connect(f.Context()))
	f.Cleanup(func() { _ = bot.Shutdown(f.Context()) })
	f.Fuzz(func(t *testing.T, title, words, label, value, address string, n uint8) {
		row := card.NewActions(card.NewLinkButton(label, address))
		for range n % 20 {
			row.Children = append(row.Children, card.NewButton("b"+label, label).WithValue(value))
		}
		for _, post := range []*chat.Post{
			{Text: words},
			{Markdown: words},
			{Raw: words},
			{Text: words, Attachments: []chat.Attachment{{Type: "image", Name: label, URL: address}}},
			{Card: card.New(title, card.NewText(words), row).WithImage(address)},
		} {
			_, err := a.PostMessage(t.Context(), adasThread, post)
			if got := problems(); len(got) > 0 {
				t.Errorf("%+v: %v", post, got)
			}
			if err != nil && !errors.Is(err, chat.ErrInvalidArgument) {
				t.Errorf("%+v: %v", post, err)
			}
		}
	})
}
