package chattest

import (
	"fmt"
	"io"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Posted is a message that the bot posted.
type Posted struct {
	ID     chat.MessageID
	Thread chat.ThreadID
	// Text is the post as Markdown, after all edits. Of a card, a plan or tasks it
	// is at least the titles and texts.
	Text string
	// Content is what people see of it, as a tree that is read by the platform's own
	// rules. Default nil: the platform shows Text as it stands.
	Content *markdown.Root
	// Mentions are the users whom the platform takes as mentioned in it, in order.
	Mentions []chat.UserID
	Edits    int
	Deleted  bool
	// ReplyTo is the message that it answers.
	ReplyTo chat.MessageID
	// Card is the card that it shows.
	Card *card.Card
	// Plan is the plan that it shows in a form of its own, or the tasks of a
	// stream.
	Plan *chat.PlanState
	// Reactions are the bot's emoji on it.
	Reactions []string
	// Files came with it.
	Files []PostedFile
	// Attachments are files elsewhere that it shows.
	Attachments []chat.Attachment
}

// PostedFile is a file that came with a post.
type PostedFile struct {
	Name    string
	Content []byte
	// MIMEType is the media type that the platform was told. Default: none.
	MIMEType string
}

// ScheduledPost is a message that the platform will post. The fake never does.
type ScheduledPost struct {
	ID     chat.ScheduledID
	Thread chat.ThreadID
	Text   string
	At     time.Time
}

// ephemeralPost is what one user was shown.
type ephemeralPost struct {
	user chat.UserID
	Posted
}

// OpenedModal is a modal that the bot has opened.
type OpenedModal struct {
	Modal *card.Modal
	// Trigger is what it was opened with, ContextID what comes back with it.
	Trigger, ContextID string
}

// render returns the post as the platform shows it.
func (s *store) render(post *chat.Post) (Posted, error) {
	p := Posted{Text: s.shown(post), Card: post.Card, Attachments: post.Attachments}
	for _, file := range post.Files {
		content, err := io.ReadAll(file.Content)
		if err != nil {
			return Posted{}, fmt.Errorf("chattest: file %q: %w", file.Name, err)
		}
		p.Files = append(p.Files, PostedFile{file.Name, content, file.MIMEType})
	}
	return p, nil
}

// shown is the post as Markdown with the platform's emoji; Raw stays as it is.
func (s *store) shown(post *chat.Post) string {
	if post.Raw != "" {
		return post.Raw
	}
	return s.spell(post.AsMarkdown())
}

// spell writes the emoji of a text as the platform does.
func (s *store) spell(text string) string {
	return s.emoji.Load().Replace(text, emoji.Platform(s.cfg.Name))
}
