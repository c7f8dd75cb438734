package adaptertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing/iotest"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	rulePost        = "PostMessage sends a message and returns its id."
	ruleEdit        = "EditMessage replaces the content of a message that the bot sent."
	ruleEditGone    = "EditMessage replaces the content of a message that the bot sent. It returns [ErrNotFound] if the message is not there."
	ruleDelete      = "DeleteMessage removes a message."
	ruleDeleteGone  = "DeleteMessage removes a message. It returns [ErrNotFound] if the message is not there."
	ruleUnsupported = "What a platform cannot do satisfies errors.Is(err, errors.ErrUnsupported)."
	ruleFiles       = "Files are sent with the message, each with its name and all its bytes."
	ruleAttachments = "Attachments are files that are somewhere already: the platform shows them, or their URLs."
	ruleCard        = "Exactly one of Text, Markdown, Tree, Card and Raw is set; files and attachments may come with it or alone."
	ruleEmoji       = `Its texts may hold emoji placeholders of package emoji, such as "{{emoji:wave}}", and mentions of users, "<@id>": the adapter writes both as its platform does.`
)

var postCases = []Case{
	{ID: "Posts/Post", Rule: rulePost, Run: func(t TB, s *Subject) {
		for _, c := range []struct {
			what string
			post chat.Postable
		}{
			{"Text", chat.Text("hello there")},
			{"Markdown", chat.Markdown("hello there")},
			{"Tree", chat.Tree(markdown.NewRoot(markdown.NewParagraph(markdown.NewText("hello there"))))},
			{"Raw", chat.Raw("hello there")},
		} {
			b, thread := s.rig(t), s.thread()
			sent := b.post(t, s, thread, c.post)
			b.shows(t, s, "after a post of "+c.what, thread, shownPost{sent.ID(), "hello there"})
		}
	}},
	{ID: "Posts/Order", Rule: rulePost, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		var want []shownPost
		for i := range 5 {
			text := fmt.Sprintf("message %d", i)
			want = append(want, shownPost{b.post(t, s, thread, chat.Text(text)).ID(), text})
		}
		b.shows(t, s, "after five posts", thread, want...)
	}},
	{ID: "Posts/Reply", Rule: rulePost, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, m := s.Features.message()
		b.record.answer(func(ctx context.Context, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Text("an answer"))
			return err
		})
		if a := b.deliver(t, s, sample); !a.ok() {
			t.Errorf("a webhook\n    seen: %v\n    want: 2xx", a)
		}
		b.record.await(s.ctx, 1)
		b.shows(t, s, "after a handler's answer", m.ThreadID, shownPost{"", "an answer"})
	}},
	{ID: "Posts/Threads", Rule: rulePost, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		want := map[chat.ThreadID]shownPost{}
		for i, thread := range s.Features.threads() {
			text := fmt.Sprintf("message %d", i)
			want[thread] = shownPost{b.post(t, s, thread, chat.Text(text)).ID(), text}
		}
		for thread, post := range want {
			b.shows(t, s, "after a post to each thread", thread, post)
		}
	}},
	{ID: "Posts/Together", Rule: ruleSafe, Race: true, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		const n = 8
		ids := make([]chat.MessageID, n)
		together(n, func(i int) {
			sent, err := b.thread(t, thread).Post(s.ctx, chat.Text(fmt.Sprintf("message %d", i)))
			must(t, "Post, among others", err)
			ids[i] = sent.ID()
		})
		seen := map[chat.MessageID]bool{}
		for _, id := range ids {
			if id == "" || seen[id] {
				t.Errorf("posts at once got the ids %q\n    want: as many ids", ids)
				break
			}
			seen[id] = true
		}
		equal(t, "messages shown after posts at once", len(b.shown(t, s, thread)), n)
	}},
	{ID: "Posts/Cancelled", Rule: ruleSafe, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("before"))
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		post := &chat.Post{Text: "after"}
		_, err := b.Adapter.PostMessage(ctx, thread, post)
		isError(t, "PostMessage with a context that has ended", err, context.Canceled)
		isError(t, "EditMessage with a context that has ended", b.Adapter.EditMessage(ctx, thread, sent.ID(), post), context.Canceled)
		isError(t, "DeleteMessage with a context that has ended", b.Adapter.DeleteMessage(ctx, thread, sent.ID()), context.Canceled)
		b.shows(t, s, "after calls whose context had ended", thread, shownPost{sent.ID(), "before"})
	}},
	{ID: "Posts/Edit", Rule: ruleEdit, Needs: NeedsEdits, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		first := b.post(t, s, thread, chat.Text("first"))
		second := b.post(t, s, thread, chat.Text("second"))
		must(t, "Edit", first.Edit(s.ctx, chat.Text("changed")))
		b.shows(t, s, "after an edit", thread, shownPost{first.ID(), "changed"}, shownPost{second.ID(), "second"})
		must(t, "Edit again", first.Edit(s.ctx, chat.Markdown("changed again")))
		b.shows(t, s, "after another edit", thread, shownPost{first.ID(), "changed again"}, shownPost{second.ID(), "second"})
	}},
	{ID: "Posts/EditGone", Rule: ruleEditGone, Needs: NeedsEdits | NeedsDeletes, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		gone := b.post(t, s, thread, chat.Text("gone"))
		must(t, "Delete", gone.Delete(s.ctx))
		isError(t, "Edit of a message that was deleted", gone.Edit(s.ctx, chat.Text("back")), chat.ErrNotFound)
		b.shows(t, s, "after an edit of a deleted message", thread)
	}},
	{ID: "Posts/Delete", Rule: ruleDelete, Needs: NeedsDeletes, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		first := b.post(t, s, thread, chat.Text("first"))
		second := b.post(t, s, thread, chat.Text("second"))
		must(t, "Delete", first.Delete(s.ctx))
		b.shows(t, s, "after a deletion", thread, shownPost{second.ID(), "second"})
	}},
	{ID: "Posts/DeleteGone", Rule: ruleDeleteGone, Needs: NeedsDeletes, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		gone := b.post(t, s, thread, chat.Text("gone"))
		must(t, "Delete", gone.Delete(s.ctx))
		isError(t, "Delete of a message that was deleted", gone.Delete(s.ctx), chat.ErrNotFound)
	}},
	{ID: "Posts/Unchangeable", Rule: ruleUnsupported, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("first"))
		if s.Features.NoEdits {
			isUnsupported(t, "EditMessage", b.Adapter.EditMessage(s.ctx, thread, sent.ID(), &chat.Post{Text: "changed"}))
		}
		if s.Features.NoDeletes {
			isUnsupported(t, "DeleteMessage", b.Adapter.DeleteMessage(s.ctx, thread, sent.ID()))
		}
		b.shows(t, s, "after what the platform cannot do", thread, shownPost{sent.ID(), "first"})
	}},
	{ID: "Posts/Card", Rule: ruleCard, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Card(card.New("Order 7", card.NewText("on its way"))))
		b.mentions(t, s, "after a card", thread, sent.ID(), "Order 7", "on its way")
	}},
	{ID: "Posts/EditCard", Rule: ruleEdit, Needs: NeedsEdits, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("first"))
		must(t, "Edit to a card", sent.Edit(s.ctx, chat.Card(card.New("Order 7", card.NewText("on its way")))))
		b.mentions(t, s, "after an edit to a card", thread, sent.ID(), "Order 7", "on its way")
		must(t, "Edit of a card to a text", sent.Edit(s.ctx, chat.Text("arrived")))
		b.shows(t, s, "after an edit of a card to a text", thread, shownPost{sent.ID(), "arrived"})
	}},
	{ID: "Posts/Emoji", Rule: ruleEmoji, Run: func(t TB, s *Subject) {
		const text = "well done {{emoji:thumbs_up}} all"
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("first"))
		for _, c := range []struct {
			what string
			post chat.Postable
		}{
			{"Text", chat.Text(text)},
			{"Markdown", chat.Markdown(text)},
			{"Tree", chat.Tree(markdown.NewRoot(markdown.NewParagraph(markdown.NewText(text))))},
			{"Card", chat.Card(card.New("Title {{emoji:wave}}", card.NewText(text)))},
		} {
			if !s.Features.NoEdits {
				must(t, "Edit to a "+c.what+" with emoji", sent.Edit(s.ctx, c.post))
				b.spelled(t, s, "after an edit to a "+c.what+" with emoji", thread)
			}
			b.remove(t, s, b.post(t, s, thread, c.post))
		}
		b.remove(t, s, sent)
		b.post(t, s, thread, chat.Text(text))
		b.spelled(t, s, "after a post with emoji", thread)
	}},
	{ID: "Posts/Files", Rule: ruleFiles, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		files := []chattest.PostedFile{
			{Name: "notes.txt", Content: []byte("content of the file\r\n"), MIMEType: "text/plain"},
			{Name: "späte Notiz.bin", Content: allBytes(), MIMEType: "application/octet-stream"},
		}
		post := &chat.Post{Text: "with files"}
		for _, f := range files {
			// A reader that cannot seek and gives few bytes at a time, as a pipe does.
			post.Files = append(post.Files, chat.File{Name: f.Name, MIMEType: f.MIMEType, Content: iotest.OneByteReader(bytes.NewBuffer(bytes.Clone(f.Content)))})
		}
		_, err := b.thread(t, thread).Post(s.ctx, post)
		posts := b.shown(t, s, thread)
		if errors.Is(err, errors.ErrUnsupported) {
			equal(t, "messages shown after a post whose files are unsupported", len(posts), 0)
			return
		}
		must(t, "Post with files", err)
		var seen []chattest.PostedFile
		told := false
		for _, p := range posts {
			told = told || strings.Contains(visible(p), "with files")
			seen = append(seen, p.Files...)
		}
		equal(t, "the files shown after a post with two", len(seen), len(files))
		for i := range min(len(seen), len(files)) {
			equal(t, "the name of a file", seen[i].Name, files[i].Name)
			equal(t, "the bytes of a file", string(seen[i].Content), string(files[i].Content))
			if media := seen[i].MIMEType; media != "" {
				equal(t, "the media type of a file", strings.Split(media, ";")[0], files[i].MIMEType)
			}
		}
		if !told {
			t.Errorf("Post with files\n    seen: %s\n    want: the text, too", listPosts(posts))
		}
	}},
	{ID: "Posts/Attachments", Rule: ruleAttachments, Run: func(t TB, s *Subject) {
		const address = "https://example.com/files/report.pdf?version=2"
		for what, post := range map[string]chat.Post{
			"Text": {Text: "with an attachment"}, "Markdown": {Markdown: "with **an** attachment"}, "Raw": {Raw: "with an attachment"},
			"Card": {Card: card.New("With an attachment")}, "nothing else": {},
		} {
			b, thread := s.rig(t), s.thread()
			post.Attachments = []chat.Attachment{{Type: "file", Name: "report.pdf", URL: address}}
			b.post(t, s, thread, &post)
			posts := b.shown(t, s, thread)
			if !slices.ContainsFunc(posts, func(p chattest.Posted) bool { return leads(p, address) }) {
				t.Errorf("what the platform shows after a post of an attachment and %s\n    seen: %s\n    want: %s", what, listPosts(posts), address)
			}
		}
	}},
}

// thread is the thread of the first message.
func (s *Subject) thread() chat.ThreadID {
	_, m := s.Features.message()
	return m.ThreadID
}

// shownPost is a message that the platform must show. An empty id fits any.
type shownPost struct {
	id   chat.MessageID
	text string
}

// shows compares what the platform shows in the thread with what it must.
func (b *rig) shows(t TB, s *Subject, when string, thread chat.ThreadID, want ...shownPost) {
	t.Helper()
	seen := b.shown(t, s, thread)
	same := len(seen) == len(want)
	for i := 0; same && i < len(want); i++ {
		same = strings.TrimSpace(seen[i].Text) == want[i].text && (want[i].id == "" || seen[i].ID == want[i].id)
	}
	if !same {
		t.Errorf("what the platform shows %s\n    seen: %s\n    want: %s", when, listPosts(seen), show(want))
	}
}

// mentions reports a message that is not the only one in the thread, or does not
// hold the words.
func (b *rig) mentions(t TB, s *Subject, when string, thread chat.ThreadID, id chat.MessageID, words ...string) {
	t.Helper()
	seen := b.shown(t, s, thread)
	same := len(seen) == 1 && seen[0].ID == id
	for _, word := range words {
		same = same && strings.Contains(seen[0].Text, word)
	}
	if !same {
		t.Errorf("what the platform shows %s\n    seen: %s\n    want: one message, %q, with %q", when, listPosts(seen), id, words)
	}
}

// spelled reports emoji placeholders that the thread shows, or words that are
// missing next to them.
func (b *rig) spelled(t TB, s *Subject, when string, thread chat.ThreadID) {
	t.Helper()
	seen := b.shown(t, s, thread)
	for _, p := range seen {
		if strings.Contains(p.Text, "{{") || !strings.Contains(p.Text, "well done") || !strings.Contains(p.Text, "all") {
			t.Errorf("what the platform shows %s\n    seen: %s\n    want: the platform's spelling of the emoji", when, listPosts(seen))
		}
	}
	if len(seen) == 0 {
		t.Errorf("what the platform shows %s\n    seen: nothing\n    want: a message", when)
	}
}

func listPosts(posts []chattest.Posted) string {
	all := []shownPost{}
	for _, p := range posts {
		all = append(all, shownPost{p.ID, p.Text})
	}
	return show(all)
}

// allBytes is every byte, and the ends of lines of all systems.
func allBytes() []byte {
	content := []byte("\r\n\n\r")
	for i := range 256 {
		content = append(content, byte(i))
	}
	return content
}
