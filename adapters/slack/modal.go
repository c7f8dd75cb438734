package slack

import (
	"context"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// OpenModal opens the modal for the interaction that the trigger came with, at
// most three seconds ago.
func (a *Adapter) OpenModal(ctx context.Context, triggerID string, modal *card.Modal, contextID string) error {
	const op = "views.open"
	return a.showModal(ctx, op, triggerID, modal, contextID, func(client *slackapi.Client, trigger string, view slackapi.ModalViewRequest) error {
		_, err := client.OpenViewContext(ctx, trigger, view)
		return err
	})
}

// PushModal opens the modal over the one that the trigger came from. Slack shows
// at most three.
func (a *Adapter) PushModal(ctx context.Context, triggerID string, modal *card.Modal, contextID string) error {
	const op = "views.push"
	return a.showModal(ctx, op, triggerID, modal, contextID, func(client *slackapi.Client, trigger string, view slackapi.ModalViewRequest) error {
		_, err := client.PushViewContext(ctx, trigger, view)
		return err
	})
}

// UpdateModal puts the modal in the place of an open one, whose id came with
// [chat.ModalSubmitEvent]. A bot in many workspaces needs [WithInstallation].
func (a *Adapter) UpdateModal(ctx context.Context, viewID string, modal *card.Modal, contextID string) error {
	const op = "views.update"
	return a.showModal(ctx, op, viewID, modal, contextID, func(client *slackapi.Client, id string, view slackapi.ModalViewRequest) error {
		_, err := client.UpdateViewContext(ctx, view, "", "", id)
		return err
	})
}

func (a *Adapter) showModal(ctx context.Context, op, id string, modal *card.Modal, contextID string,
	show func(client *slackapi.Client, id string, view slackapi.ModalViewRequest) error,
) error {
	if id == "" {
		return fmt.Errorf("%w: slack: %s without a trigger or view id", chat.ErrInvalidArgument, op)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	view, err := a.markup.modalView(modal, contextID)
	if err != nil {
		return err
	}
	client, id, err := a.clientForTrigger(ctx, id)
	if err != nil {
		return err
	}
	return apiError(op, show(client, id, view))
}

// modalView returns a modal as a view. Its errors are [chat.ErrInvalidArgument]
// and name the field.
func (w markup) modalView(modal *card.Modal, contextID string) (slackapi.ModalViewRequest, error) {
	var none slackapi.ModalViewRequest
	if modal == nil {
		return none, fmt.Errorf("%w: slack: the modal is nil", chat.ErrInvalidArgument)
	}
	if err := modal.Validate(); err != nil {
		return none, fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	if err := within("callbackId", modal.CallbackID, 1, maxCallbackID); err != nil {
		return none, err
	}
	packed := packMetadata(contextID, modal.PrivateMetadata)
	if n := length(packed); n > maxMetadata {
		return none, fmt.Errorf("%w: slack: privateMetadata is too long: it makes %d characters with the context, want at most %d", chat.ErrInvalidArgument, n, maxMetadata)
	}
	list := &blockList{markup: w, surface: inView}
	for i, child := range modal.Children {
		if err := list.input(fmt.Sprintf("children[%d]", i), child); err != nil {
			return none, err
		}
	}
	if n := len(list.blocks); n == 0 || n > maxViewBlocks {
		return none, fmt.Errorf("%w: slack: children make %d blocks, want 1 to %d in a modal", chat.ErrInvalidArgument, n, maxViewBlocks)
	}
	return slackapi.ModalViewRequest{
		Type: slackapi.VTModal, CallbackID: modal.CallbackID, PrivateMetadata: packed, NotifyOnClose: modal.NotifyOnClose,
		Title:  w.plainText(modal.Title, maxViewTitle),
		Submit: w.plainText(or(modal.SubmitLabel, "Submit"), maxViewTitle),
		Close:  w.plainText(or(modal.CloseLabel, "Cancel"), maxViewTitle),
		Blocks: slackapi.Blocks{BlockSet: list.blocks},
	}, nil
}
