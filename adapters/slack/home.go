package slack

import (
	"context"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PublishHome shows the card in the user's home tab of the app. Tables and charts
// are text there. https://docs.slack.dev/surfaces/app-home
func (a *Adapter) PublishHome(ctx context.Context, user chat.UserID, c *card.Card) error {
	const op = "views.publish"
	switch {
	case !isID(string(user)):
		return fmt.Errorf("%w: slack: user id %q, want letters and digits", chat.ErrInvalidArgument, user)
	case c == nil:
		return fmt.Errorf("%w: slack: the card is nil", chat.ErrInvalidArgument)
	}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := a.buttons.FitCard(ctx, c, actionLimits)
	if err != nil {
		return err
	}
	list, err := a.markup.cardBlocks(c, inView)
	if err != nil {
		return err
	}
	if n := len(list.blocks); n == 0 || n > maxViewBlocks {
		return fmt.Errorf("%w: slack: the card makes %d blocks, want 1 to %d in a home tab", chat.ErrInvalidArgument, n, maxViewBlocks)
	}
	client, err := a.client(ctx, string(user))
	if err != nil {
		return err
	}
	_, err = client.PublishViewContext(ctx, slackapi.PublishViewContextRequest{
		UserID: string(user),
		View:   slackapi.HomeTabViewRequest{Type: slackapi.VTHomeTab, Blocks: slackapi.Blocks{BlockSet: list.blocks}},
	})
	return apiError(op, err)
}
