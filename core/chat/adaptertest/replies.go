package adaptertest

import (
	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleReply = "ReplyMessage posts the answer and returns its id."

var replyCases = []Case{
	{ID: "Replies/Post", Rule: ruleReply, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, m := s.Features.message()
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		thread := b.thread(t, m.ThreadID)
		sent, err := thread.Reply(s.ctx, m.ID, chat.Text("an answer"))
		if _, ok := b.Adapter.(chat.Replier); !ok {
			isUnsupported(t, "Reply", err)
			return
		}
		must(t, "Reply", err)
		b.shows(t, s, "after an answer", m.ThreadID, shownPost{sent.ID(), "an answer"})
		for _, p := range b.shown(t, s, m.ThreadID) {
			equal(t, "the message that is answered", p.ReplyTo, m.ID)
		}
		if s.Features.NoEdits {
			return
		}
		must(t, "Edit of an answer", sent.Edit(s.ctx, chat.Text("changed")))
		b.shows(t, s, "after an edit of an answer", m.ThreadID, shownPost{sent.ID(), "changed"})
	}},
	{ID: "Replies/Stream", Rule: ruleReply, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, m := s.Features.message()
		if _, ok := b.Adapter.(chat.Replier); !ok {
			return
		}
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		sent, err := b.thread(t, m.ThreadID).Reply(s.ctx, m.ID, chat.Chunks(chunks([]string{"one ", "two"}, nil)))
		must(t, "Reply with a stream", err)
		b.shows(t, s, "after an answer that grew", m.ThreadID, shownPost{sent.ID(), "one two"})
	}},
}
