package adaptertest

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleMention = "Mention says whether the bot is mentioned."
	ruleInCode  = "What stands in code mentions nobody."
	ruleAlbum   = "An album, which a platform may send as a message for each file, is one message with all of them."
	ruleMoved   = "A thread whose channel has got another id on the platform keeps its own: calls with it go to where the channel is now."
)

// heardCases are about what some platforms do and others do not.
var heardCases = []Case{
	{ID: "Mentions/Heard", Rule: ruleMention, Needs: NeedsMention, Run: func(t TB, s *Subject) {
		s.hears(t, "a message that mentions the bot", s.Features.Mention, true)
	}},
	{ID: "Mentions/Code", Rule: ruleInCode, Needs: NeedsMentionInCode, Run: func(t TB, s *Subject) {
		s.hears(t, "a message with the mention in code", s.Features.MentionInCode, false)
	}},
	{ID: "Albums/Whole", Rule: ruleAlbum, Needs: NeedsAlbum, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		b.album(t, s)
		b.handled(t, s, "an album", s.Features.albumWant())
	}},
	{ID: "Albums/Redelivered", Rule: ruleDedupe, Needs: NeedsAlbum, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		b.album(t, s)
		b.record.await(s.ctx, 1)
		b.album(t, s)
		b.handled(t, s, "an album, delivered twice", s.Features.albumWant())
	}},
	{ID: "Moved/Calls", Rule: ruleMoved, Needs: NeedsMoves, Run: func(t TB, s *Subject) {
		b, old := s.rig(t), s.Features.Moves
		b.post(t, s, old, chat.Text("before"))
		now, err := b.Move(s.ctx, old)
		must(t, "Harness.Move", err)
		if now == old {
			t.Errorf("Harness.Move returned the thread %q, which it has moved", old)
		}
		sent := b.post(t, s, old, chat.Text("after"))
		b.shows(t, s, "after a post to a thread that has moved", now, shownPost{"", "after"})
		if !s.Features.NoEdits {
			must(t, "Edit", sent.Edit(s.ctx, chat.Text("changed")))
			b.shows(t, s, "after an edit in a thread that has moved", now, shownPost{"", "changed"})
		}
		b.remove(t, s, sent)
		b.shows(t, s, "after a deletion in a thread that has moved", now)
		if b.Restart == nil {
			return
		}
		again, err := b.Restart()
		must(t, "Harness.Restart", err)
		h := s.open(s.t)
		h.Adapter = again
		s.rigOn(t, h).post(t, s, old, chat.Text("later"))
		b.shows(t, s, "after a post to a thread that had moved before a restart", now, shownPost{"", "later"})
	}},
}

// hears delivers a message and says whether the bot took it for a mention.
func (s *Subject) hears(t TB, what string, sample Sample, mention bool) {
	t.Helper()
	b := s.rig(t)
	mentions := make(chan chat.MessageID, 1)
	b.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		mentions <- ev.Message.ID
		b.record.add(ev.Message)
		return nil
	})
	if a := b.deliver(t, s, sample); !a.ok() {
		t.Errorf("%s\n    seen: %v\n    want: 2xx", what, a)
		return
	}
	b.handled(t, s, what, sample.Want)
	if heard := len(mentions) > 0; heard != mention {
		t.Errorf("%s: taken for a mention\n    seen: %v\n    want: %v", what, heard, mention)
	}
}

// album delivers the webhooks of the album at the same time, as platforms do.
func (b *rig) album(t TB, s *Subject) {
	t.Helper()
	parts := s.Features.Album
	together(len(parts), func(i int) {
		if a := b.deliver(t, s, parts[i]); !a.ok() {
			t.Errorf("sample %q of the album\n    seen: %v\n    want: 2xx", parts[i].Name, a)
		}
	})
}

func (f Features) albumWant() []chat.Inbound { return f.Album[0].Want }

// checkHeard looks for what the cases need.
func checkHeard(t TB, h Harness, f Features) {
	t.Helper()
	for name, sample := range map[string]Sample{"Mention": f.Mention, "MentionInCode": f.MentionInCode} {
		if sample.Body == "" {
			continue
		}
		m, ok := only(sample.Want).(*chat.Message)
		if !ok {
			t.Errorf("Features.%s wants %d messages and events, want one message", name, len(sample.Want))
			continue
		}
		if ref, err := h.Adapter.DecodeThreadID(m.ThreadID); err == nil && ref.DM {
			t.Errorf("Features.%s is in a direct conversation, where all messages mention the bot", name)
		}
	}
	if len(f.Album) == 1 {
		t.Errorf("Features.Album has one webhook, want two or more")
	}
	if len(f.Album) > 1 {
		if m, ok := only(f.Album[0].Want).(*chat.Message); !ok || len(m.Attachments) < 2 {
			t.Errorf("the Want of Features.Album[0] is not one message with two or more attachments")
		}
	}
	if (h.Move == nil) != (f.Moves == "") {
		t.Errorf("Harness.Move and Features.Moves belong together: set both or none")
	}
}

func only(want []chat.Inbound) chat.Inbound {
	if len(want) != 1 {
		return nil
	}
	return want[0]
}
