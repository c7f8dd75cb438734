package adaptertest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const ruleLong = "A post that is longer than a message of the platform can be becomes several messages, in order and with nothing left out, behind the id of the first: EditMessage and DeleteMessage change all of them."

var lengthCases = []Case{
	{ID: "Lengths/Text", Rule: ruleLong, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text(longText(500)))
		b.showsLines(t, s, "after a long text", sent.ID(), 500)
	}},
	{ID: "Lengths/Markdown", Rule: ruleLong, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		text := "# Long\n\n**" + longText(200) + "**\n\n```\n" + strings.TrimPrefix(longLines(200, 500), "\n") + "\n```\n"
		sent := b.post(t, s, thread, chat.Markdown(text))
		b.showsLines(t, s, "after long Markdown", sent.ID(), 500)
		if s.Features.Formats&CodeBlocks == 0 {
			return
		}
		for _, p := range b.shown(t, s, thread) {
			outside := markdown.Map(p.Content, func(n markdown.Node) markdown.Node {
				if _, code := n.(*markdown.Code); code {
					return nil
				}
				return n
			})
			if lost := lineMark.FindString(markdown.PlainText(outside)); lost >= "line 0200" {
				t.Errorf("a code block that goes on in another message\n    seen: %q outside of a code block\n    want: code", lost)
				return
			}
		}
	}},
	{ID: "Lengths/Edit", Rule: ruleLong, Needs: NeedsEdits, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("short"))
		other := b.post(t, s, thread, chat.Text("another one"))
		for _, lines := range []int{400, 700, 300, 1} {
			must(t, "Edit", sent.Edit(s.ctx, chat.Text(longText(lines))))
			must(t, "Edit of another one", other.Edit(s.ctx, chat.Text("another one")))
			b.showsLines(t, s, fmt.Sprintf("after an edit to %d lines", lines), sent.ID(), lines)
		}
	}},
	{ID: "Lengths/Delete", Rule: ruleLong, Needs: NeedsDeletes, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		gone := b.post(t, s, thread, chat.Text(longText(500)))
		left := b.post(t, s, thread, chat.Text("another one"))
		must(t, "Delete", gone.Delete(s.ctx))
		b.shows(t, s, "after the deletion of a long text", thread, shownPost{left.ID(), "another one"})
	}},
	{ID: "Lengths/Stream", Rule: ruleLong, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		var parts []string
		for text := longText(500); text != ""; {
			n := min(len(text), 997)
			parts, text = append(parts, text[:n]), text[n:]
		}
		sent := b.post(t, s, thread, chat.Chunks(chunks(parts, nil)))
		b.showsLines(t, s, "after a long stream", sent.ID(), 500)
		if !s.Features.NoEdits {
			must(t, "Edit of a long stream", sent.Edit(s.ctx, chat.Text("changed")))
			b.shows(t, s, "after an edit of a long stream", thread, shownPost{sent.ID(), "changed"})
		}
		b.remove(t, s, sent)
		b.shows(t, s, "after the deletion of a long stream", thread)
	}},
}

var lineMark = regexp.MustCompile(`line [0-9]{4}`)

// longText is as many lines, each with its number and with characters of several
// bytes: 40 characters a line.
func longText(lines int) string { return strings.TrimPrefix(longLines(0, lines), "\n") }

func longLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "\nline %04d of a long text, größer als 😀", i)
	}
	return b.String()
}

// showsLines reports lines that the thread lacks, has twice or out of order, and a
// first message that is not the one with the id.
func (b *rig) showsLines(t TB, s *Subject, when string, id chat.MessageID, lines int) {
	t.Helper()
	posts := b.shown(t, s, s.thread())
	if len(posts) == 0 || posts[0].ID != id {
		t.Errorf("what the platform shows %s\n    seen: %d messages, of which none or another one is the first\n    want: %q first", when, len(posts), id)
		return
	}
	next := 0
	for _, p := range posts {
		for _, mark := range lineMark.FindAllString(visible(p), -1) {
			if want := fmt.Sprintf("line %04d", next); mark != want {
				t.Errorf("what the platform shows %s\n    seen: %q in message %q\n    want: %q", when, mark, p.ID, want)
				return
			}
			next++
		}
	}
	equal(t, "lines shown "+when, next, lines)
}
