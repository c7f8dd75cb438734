package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// reactionNames are the names of reactions that package emoji does not have.
// https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/agent-reactions
var reactionNames = map[emoji.Emoji]string{
	emoji.Eyes: "1f440_eyes", emoji.Check: "2705_whiteheavycheckmark", emoji.Rocket: "launch", emoji.Wave: "1f44b_wavinghand", emoji.Pin: "1f4cc_pushpin",
}

var reactionForm = regexp.MustCompile(`^[0-9a-z][0-9a-z_-]{0,63}$`)

// AddReaction adds a reaction of the bot to a message. name is an emoji, or the name of a
// reaction in Teams, such as "1f44b_wavinghand". Teams has its own names for reactions, and
// an emoji whose name this adapter does not know is [errors.ErrUnsupported].
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	return a.react(ctx, http.MethodPut, thread, id, name)
}

// RemoveReaction removes a reaction of the bot, with a name as for AddReaction. If there is
// none, it returns nil.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	return a.react(ctx, http.MethodDelete, thread, id, name)
}

func (a *Adapter) react(ctx context.Context, method string, thread chat.ThreadID, id chat.MessageID, name string) error {
	p, activityID, err := a.whereIs(thread, id)
	if err != nil {
		return err
	}
	kind, err := a.writeReaction(name)
	if err != nil {
		return err
	}
	return a.send(ctx, p.service, platform.Call{
		Op: "reactions", Method: method, Path: path(p.full(), "activities", activityID, "reactions", kind),
	})
}

// writeReaction returns the name of a reaction in Teams.
func (a *Adapter) writeReaction(name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: teams: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	known, err := a.host.Emoji().Read(name)
	if err == nil {
		if kind, ok := emoji.TeamsReaction(known); ok {
			return kind, nil
		}
		if kind, ok := reactionNames[known]; ok {
			return kind, nil
		}
	}
	if strings.Contains(name, "_") && reactionForm.MatchString(name) && coded.MatchString(name) {
		return name, nil
	}
	return "", fmt.Errorf("teams: the reaction %q, whose name in Teams is not known: %w", name, errors.ErrUnsupported)
}
