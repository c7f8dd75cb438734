package telegram

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// handleCallback takes a click on a button. Telegram is asked to end the button's
// progress in the answer to the webhook.
// https://core.telegram.org/bots/api#callbackquery
func (a *Adapter) handleCallback(ctx context.Context, u *update, c *callback) (reply params, err error) {
	if c.ID == "" || c.From.ID == 0 {
		return nil, bad("the callback query has no id or no from")
	}
	who := a.author(&c.From)
	if !a.hears(who) {
		return nil, nil
	}
	if !c.Message.valid() || c.Data == "" {
		return nil, a.deliverPlatformEvent(ctx, u, nil) // of a game, or of a message sent for another bot's users
	}
	done := params{"method": "answerCallbackQuery", "callback_query_id": c.ID}
	id, value, err := a.buttons.Unpack(ctx, c.Data)
	if errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a click on a button that is too old", "error", err)
		return done, nil
	} else if err != nil {
		return nil, err
	}
	thread := c.Message.thread()
	if topic, ok := a.topics.Get(string(messageID(number(c.Message.Chat.ID), c.Message.ID))); ok && !c.Message.IsTopic {
		thread = threadID(number(c.Message.Chat.ID), topic) // an old message comes without its topic
	}
	_, err = a.host.Deliver(ctx, &chat.ActionEvent{
		EventBase: chat.EventBase{ID: u.eventID(""), ThreadID: thread, User: who, Raw: u.data},
		MessageID: messageID(number(c.Message.Chat.ID), c.Message.ID), ActionID: id, Value: value,
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}
