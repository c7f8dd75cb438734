package chattools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// ErrNotApproved is matched by the errors of calls that nobody has approved.
var ErrNotApproved = errors.New("chattools: not approved")

// ApprovalName is the Name of the approvals that tools ask for, see [chat.Chat.OnApproval].
const ApprovalName = "chattools"

// NeedsApproval reports whether people approve calls of the tool, one of [New].
func (c Config) NeedsApproval(t Tool) bool {
	if slices.Contains(c.WithoutApproval, t.Name) || t.Name == StartTyping {
		return false
	}
	return !t.ReadOnly || t.Name == GetUser
}

// ask asks people and waits for their answer.
func (s *toolset) ask(ctx context.Context, t Tool, arguments json.RawMessage) error {
	where, fields, err := s.asksIn(ctx, fieldsOf(arguments))
	if err != nil {
		return err
	}
	if where == nil {
		return fmt.Errorf("%w: there is no conversation in which to ask people for their approval", ErrNotApproved)
	}
	request, err := where.RequestApproval(ctx, chat.Approval{
		Name: ApprovalName, Title: t.Title + "?", Fields: fields, Destructive: t.Destructive,
		Timeout: s.cfg.ApprovalTimeout, Approvers: s.cfg.Approvers, Metadata: t.Name,
	})
	if err != nil {
		return fmt.Errorf("%w: people could not be asked: %w", ErrNotApproved, err)
	}
	outcome, err := request.Wait(ctx)
	switch {
	case err != nil:
		withdraw(ctx, request)
		return err
	case outcome.TimedOut:
		return fmt.Errorf("%w: nobody has answered in time", ErrNotApproved)
	case !outcome.Approved:
		return fmt.Errorf("%w: somebody has denied it", ErrNotApproved)
	}
	return nil
}

// withdraw takes back a question whose caller is gone. A turn that has ended may be run
// again and find it.
func withdraw(ctx context.Context, request *chat.ApprovalRequest) {
	if _, ok := chat.ConversationFrom(ctx); ok || ctx.Err() == nil {
		return
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = request.Withdraw(after) // else it times out
}

// asksIn returns where people are asked. Elsewhere than in the conversation they are told
// which one it is.
func (s *toolset) asksIn(ctx context.Context, fields []*card.Field) (*chat.Thread, []*card.Field, error) {
	home, err := s.home(ctx)
	if err != nil || s.cfg.ApprovalThread == "" || home != nil && home.ID() == s.cfg.ApprovalThread {
		return home, fields, err
	}
	if home != nil {
		fields = append([]*card.Field{card.NewField("conversation", string(home.ID()))}, fields...)
	}
	where, err := s.cfg.Bot.Thread(s.cfg.ApprovalThread)
	return where, fields, err
}

// maxField bounds an argument as people are shown it, in characters.
const maxField = 500

// fieldsOf shows people all that would be done.
func fieldsOf(arguments json.RawMessage) []*card.Field {
	var given map[string]json.RawMessage
	if json.Unmarshal(arguments, &given) != nil {
		return nil
	}
	var names []string
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	var fields []*card.Field
	for _, name := range names {
		value := string(given[name])
		var text string
		if json.Unmarshal(given[name], &text) == nil {
			value = text
		}
		if n := utf8.RuneCountInString(value); n > maxField {
			value = fmt.Sprintf("%s… (%d characters)", string([]rune(value)[:maxField]), n)
		}
		if value != "" {
			fields = append(fields, card.NewField(name, value))
		}
	}
	return fields
}
