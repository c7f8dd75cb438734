package fakegithub

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// reactNode changes the bot's reaction to what a node id names.
func (s *Server) reactNode(in map[string]any, change func(chat.ThreadID, chat.MessageID, string) error) any {
	m, t := s.node(in["subjectId"])
	if m == nil && t == nil {
		return object(nil)
	}
	if m != nil {
		if err := change(m.threadID(), m.messageID(), fmt.Sprint(in["content"])); err != nil {
			return refusal(err)
		}
	}
	return object{typeName: "AddReactionPayload", "reaction": object{typeName: "Reaction", "content": in["content"]}}
}

var mentioned = regexp.MustCompile(`(?:^|[^\w@/-])@([A-Za-z0-9-]+(?:\[bot\])?)`)

// Shown returns what people see of the bot in a thread.
func (s *Server) Shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	posts, err := s.Posts(ctx, thread)
	for i := range posts {
		p := &posts[i]
		p.Content = shown.GFM(p.Text)
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
		for t := range markdown.FindAll[*markdown.Text](p.Content) {
			for _, m := range mentioned.FindAllStringSubmatch(t.Value, -1) {
				if id := s.userNamed(m[1]); id != "" {
					p.Mentions = append(p.Mentions, id)
				}
			}
		}
	}
	return posts, err
}

func (s *Server) userNamed(login string) chat.UserID {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, u := range s.users {
		if strings.EqualFold(u.Login, login) {
			return chat.UserID(fmt.Sprint(id))
		}
	}
	return ""
}
