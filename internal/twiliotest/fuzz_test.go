package twiliotest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/shown"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

// FuzzText posts plain text by SMS and on WhatsApp: people see it as it is.
func FuzzText(f *testing.F) {
	for _, text := range []string{"hello", "*a* _b_ ~c~ `d`", "> f\n- g\n1. i", "a\n\n\nb", "👨‍👩‍👧", "€^{}", " ", "\x00", strings.Repeat("word ", 1000), strings.Repeat("a\u0301", 900)} {
		f.Add(text)
	}
	s := faketwilio.New(f)
	problems := s.Expect()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 20_000 || strings.Contains(text, "{{emoji") || strings.Contains(text, "<@") || strings.ContainsAny(text, shown.MrkdwnLookalikes) {
			return
		}
		r := newRigOn(t, s, botrig.Memory(t))
		for _, thread := range []chat.ThreadID{adaThread, whatsAppThread} {
			before := len(s.Shown(thread))
			_, err := r.PostMessage(t.Context(), thread, chat.Text(text))
			require.Empty(t, problems())
			if err != nil {
				require.ErrorIs(t, err, chat.ErrInvalidArgument, "nothing to show")
				continue
			}
			var seen strings.Builder
			for _, p := range s.Shown(thread)[before:] {
				if p.Content == nil {
					seen.WriteString(p.Text)
				} else {
					seen.WriteString(markdown.PlainText(p.Content))
				}
			}
			require.Equal(t, shown.Bare(text), shown.Bare(seen.String()), thread)
		}
	})
}

// FuzzForm sends fields that are signed: each is taken, or refused with 4xx.
func FuzzForm(f *testing.F) {
	for _, body := range []string{from(1, "Body", "x"), whatsApp(1, "ListId", "1"), status(1, "sent"), from(1, "NumMedia", "2", "MediaUrl1", "x"), "MessageSid=SM1&From=%2B1&To=%2B2&Latitude=NaN&Longitude=-Inf"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := newRig(t)
		w := r.serve(request(t, body))
		require.True(t, w.Code == 200 || w.Code >= 400 && w.Code < 500, w.Code)
		if w.Code != 200 {
			botrig.Quiet(t, r.handled)
		}
	})
}

// FuzzThreadID takes ids apart and puts them together again.
func FuzzThreadID(f *testing.F) {
	for _, id := range []string{adaThread, whatsAppThread, rcsThread, serviceThread, "twilio:1:2:3", "twilio::", "twilio:+1:%2B2", "twilio:A%20B:1", "slack:C1:1"} {
		f.Add(id)
	}
	a := newAdapter(f, faketwilio.New(f))
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
