package chattools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// ErrNotApproved is matched by the errors of calls that nobody has approved.
var ErrNotApproved = errors.New("chattools: not approved")

// ApprovalName is the Name of the approvals that tools ask for, see [chat.Chat.OnApproval].
const ApprovalName = "chattools"

// needsApproval reports whether calls of the tool are approved by people.
func (s *toolset) needsApproval(t Tool) bool {
	if slices.Contains(s.cfg.WithoutApproval, t.Name) || t.Name == StartTyping {
		return false
	}
	return !t.ReadOnly || t.Name == GetUser
}

// ask asks people in the conversation and waits for their answer.
func (s *toolset) ask(ctx context.Context, t Tool, arguments json.RawMessage) error {
	home, err := s.home(ctx)
	if err != nil {
		return err
	}
	if home == nil {
		return fmt.Errorf("%w: there is no conversation in which to ask people for their approval", ErrNotApproved)
	}
	request, err := home.RequestApproval(ctx, chat.Approval{
		Name: ApprovalName, Title: t.Title + "?", Fields: fieldsOf(arguments), Destructive: t.Destructive,
		Timeout: s.cfg.ApprovalTimeout, Approvers: s.cfg.Approvers, Metadata: t.Name,
	})
	if err != nil {
		return fmt.Errorf("%w: people could not be asked: %w", ErrNotApproved, err)
	}
	outcome, err := request.Wait(ctx)
	switch {
	case err != nil:
		return err
	case outcome.TimedOut:
		return fmt.Errorf("%w: nobody has answered in time", ErrNotApproved)
	case !outcome.Approved:
		return fmt.Errorf("%w: somebody has denied it", ErrNotApproved)
	}
	return nil
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
