package faketelegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// Shown returns what people see of the bot in a thread.
func (s *Server) Shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	posts, err := s.Posts(ctx, thread)
	for i := range posts {
		p := &posts[i]
		s.mu.Lock()
		d := s.details[p.ID]
		s.mu.Unlock()
		units := utf16.Encode([]rune(p.Text))
		p.Content = markdown.NewRoot(shown.Paragraphs(nodesOf(units, 0, len(units), d.entities, &p.Mentions))...)
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
	}
	return posts, err
}

// Button returns the data of the button with the label.
func (s *Server) Button(id chat.MessageID, label string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range s.details[id].keyboard {
		for _, b := range row {
			if b.Text == label {
				return b.Data, nil
			}
		}
	}
	return "", fmt.Errorf("the message %q has no button %q", id, label)
}

// nodesOf reads a stretch of a text with the entities that lie in it, outer ones first.
func nodesOf(units []uint16, from, to int, entities []Entity, mentions *[]chat.UserID) []markdown.Node {
	var nodes []markdown.Node
	at := from
	for i, e := range entities {
		end := e.Offset + e.Length
		if e.Offset < at || end > to {
			continue
		}
		var inner []Entity
		for _, other := range entities[i+1:] {
			if other.Offset >= e.Offset && other.Offset+other.Length <= end {
				inner = append(inner, other)
			}
		}
		nodes = append(nodes, shown.Lines(string(utf16.Decode(units[at:e.Offset])))...)
		nodes = append(nodes, nodeOf(e, units, nodesOf(units, e.Offset, end, inner, mentions), mentions)...)
		at = end
	}
	return append(nodes, shown.Lines(string(utf16.Decode(units[at:to])))...)
}

func nodeOf(e Entity, units []uint16, children []markdown.Node, mentions *[]chat.UserID) []markdown.Node {
	text := string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
	switch e.Type {
	case "bold":
		return []markdown.Node{markdown.NewStrong(children...)}
	case "italic":
		return []markdown.Node{markdown.NewEmphasis(children...)}
	case "strikethrough":
		return []markdown.Node{markdown.NewDelete(children...)}
	case "code":
		return []markdown.Node{markdown.NewInlineCode(text)}
	case "pre":
		return []markdown.Node{markdown.NewCode(e.Language, text)}
	case "blockquote", "expandable_blockquote":
		return []markdown.Node{markdown.NewBlockquote(shown.Paragraphs(children)...)}
	case "text_link":
		return []markdown.Node{markdown.NewLink(e.URL, children...)}
	case "text_mention":
		*mentions = append(*mentions, chat.UserID(strconv.FormatInt(e.User.ID, 10)))
	}
	return children
}
