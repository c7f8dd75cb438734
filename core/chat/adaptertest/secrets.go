package adaptertest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleSecrets = "It must not hold message text or credentials."

// privateWords are the text of a message that no error may hold.
const privateWords = "between the two of us"

var secretCases = []Case{
	{ID: "Secrets/Errors", Rule: ruleSecrets, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("before"))
		if b.Limit != nil {
			b.Limit(0, limitPause)
			_, err := b.Adapter.PostMessage(s.ctx, thread, &chat.Post{Text: privateWords})
			s.discreet(t, "PostMessage that the rate limit refuses", err)
		}
		gone := b.post(t, s, thread, chat.Text("gone"))
		b.remove(t, s, gone)
		s.discreet(t, "EditMessage of a message that was deleted", b.Adapter.EditMessage(s.ctx, thread, gone.ID(), &chat.Post{Text: privateWords}))
		if b.Break == nil {
			return
		}
		b.Break()
		post := &chat.Post{Text: privateWords}
		_, err := b.Adapter.PostMessage(s.ctx, thread, post)
		if err == nil {
			t.Errorf("PostMessage after Harness.Break\n    seen: no error")
		}
		s.discreet(t, "PostMessage that fails", err)
		s.discreet(t, "EditMessage that fails", b.Adapter.EditMessage(s.ctx, thread, sent.ID(), post))
		s.discreet(t, "DeleteMessage that fails", b.Adapter.DeleteMessage(s.ctx, thread, sent.ID()))
		if typer, ok := b.Adapter.(chat.Typer); ok {
			s.discreet(t, "StartTyping that fails", typer.StartTyping(s.ctx, thread, privateWords))
		}
		if reactor, ok := b.Adapter.(chat.Reactor); ok {
			s.discreet(t, "AddReaction that fails", reactor.AddReaction(s.ctx, thread, sent.ID(), "heart"))
			s.discreet(t, "RemoveReaction that fails", reactor.RemoveReaction(s.ctx, thread, sent.ID(), "heart"))
		}
		if replier, ok := b.Adapter.(chat.Replier); ok {
			_, err := replier.ReplyMessage(s.ctx, thread, sent.ID(), post)
			s.discreet(t, "ReplyMessage that fails", err)
		}
		if fetcher, ok := b.Adapter.(chat.MessageFetcher); ok {
			_, err := fetcher.FetchMessages(s.ctx, thread, chat.PageRequest{})
			s.discreet(t, "FetchMessages that fails", err)
		}
		if opener, ok := b.Adapter.(chat.DirectMessenger); ok {
			_, err := opener.OpenDM(s.ctx, s.Features.User)
			s.discreet(t, "OpenDM that fails", err)
		}
		if finder, ok := b.Adapter.(chat.UserFinder); ok {
			_, err := finder.FetchUser(s.ctx, "nobody")
			s.discreet(t, "FetchUser that fails", err)
		}
		if streamer, ok := b.Adapter.(chat.Streamer); ok {
			_, _, err := streamer.StreamMessage(s.ctx, thread, chunks([]string{privateWords}, nil), chat.StreamOptions{})
			s.discreet(t, "StreamMessage that fails", err)
		}
		sample, _ := s.Features.message()
		a := b.deliver(t, s, sample)
		for _, secret := range s.Features.Secrets {
			if holds(a.text, secret) {
				t.Errorf("the webhook's answer while the platform is away\n    seen: a secret of the adapter\n    want: none")
			}
		}
	}},
}

// discreet reports an error that holds a secret or the text of a message.
func (s *Subject) discreet(t TB, call string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v %+v", err, err)
	for _, secret := range s.Features.Secrets {
		if holds(text, secret) {
			t.Errorf("%s\n    seen: an error that holds a secret of the adapter (%d bytes)\n    want: no credentials", call, len(secret))
		}
	}
	if strings.Contains(text, privateWords) {
		t.Errorf("%s\n    seen: an error that holds the message's text\n    want: no text of messages", call)
	}
}

// holds reports whether a text has the secret, as it is or as addresses and headers
// spell it.
func holds(text, secret string) bool {
	for _, form := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
		if secret != "" && strings.Contains(text, form) {
			return true
		}
	}
	return false
}
