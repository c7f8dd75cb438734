package telegram

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// businessConnection connects the bot to a business account, in whose name it answers
// customers. https://core.telegram.org/bots/api#businessconnection
type businessConnection struct {
	ID       string `json:"id"`
	User     user   `json:"user"`
	UserChat int64  `json:"user_chat_id"`
	Date     int64  `json:"date"`
	Rights   struct {
		CanReply bool `json:"can_reply"`
	} `json:"rights"`
	Enabled bool `json:"is_enabled"`
}

// businessTTL is how long a connection is cached, as in the TypeScript SDK.
const businessTTL = time.Hour

// deletedMessages is https://core.telegram.org/bots/api#businessmessagesdeleted.
type deletedMessages struct {
	Business string  `json:"business_connection_id"`
	Chat     chatOf  `json:"chat"`
	IDs      []int64 `json:"message_ids"`
}

// handleConnection takes an update about a business account that was connected, changed
// or disconnected.
func (a *Adapter) handleConnection(ctx context.Context, u *update, c *businessConnection) error {
	if !isConnection(c.ID) || c.User.ID == 0 {
		return bad("the business connection has no id or no user")
	}
	a.connections.Learn(ctx, c.ID, *c)
	who := a.author(&c.User)
	if !a.isAllowed(who) {
		return nil
	}
	_, err := a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: u.eventID(""), User: who, At: timeOf(c.Date), Raw: u.data}, Workspace: c.ID, Installed: c.Enabled && c.Rights.CanReply,
	})
	return err
}

// isCustomers reports whether a customer wrote a message and the bot may answer it. It
// is false for messages of the account's owner, and for an account that only lets the
// bot read.
func (a *Adapter) isCustomers(ctx context.Context, m *message) (bool, error) {
	if m.From == nil || m.BusinessBot != nil {
		return false, nil
	}
	c, err := a.connections.Get(ctx, m.Business, func(ctx context.Context) (c businessConnection, err error) {
		err = a.do(ctx, a.client, "getBusinessConnection", params{"business_connection_id": m.Business}, &c)
		return c, err
	})
	if refused, ok := errors.AsType[*chat.PlatformError](err); ok && refused.Code != chat.CodeTemporary && refused.Code != chat.CodeRateLimited {
		a.log.WarnContext(ctx, "the business account of a message cannot be looked up, so the message is an event of the platform", "error", err)
		return false, nil
	}
	return err == nil && c.Enabled && c.Rights.CanReply && c.User.ID != m.From.ID, err
}

// handleBusinessMessage takes a new or edited message in a chat of a business account.
// If no customer wrote it, it is delivered as a [chat.PlatformEvent].
func (a *Adapter) handleBusinessMessage(ctx context.Context, u *update, m *message) error {
	if !m.valid() || m.Business == "" {
		return bad("the message has no message_id, chat or business_connection_id")
	}
	customers, err := a.isCustomers(ctx, m)
	switch {
	case err != nil:
		return err
	case !customers:
		return a.deliverPlatformEvent(ctx, u, m)
	case u.kind == "edited_business_message":
		return a.handleEdit(ctx, u, m)
	}
	return a.handleMessage(ctx, u, m)
}

// handleDeleted takes an update about messages deleted in a chat of a business account.
func (a *Adapter) handleDeleted(ctx context.Context, u *update, d *deletedMessages) error {
	if !isConnection(d.Business) || d.Chat.ID <= 0 {
		return bad("the deleted messages have no chat or business_connection_id")
	}
	at := place{chat: number(d.Chat.ID), business: d.Business}
	var events []chat.Inbound
	for i, id := range d.IDs {
		events = append(events, &chat.MessageDeletedEvent{
			EventBase: chat.EventBase{ID: u.eventID(strconv.Itoa(i)), ThreadID: at.threadID(), Raw: u.data}, MessageID: at.messageID(id),
		})
	}
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}
