package telegram

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// handleCallback takes a click on a button. The reply acknowledges the click, so that
// the client no longer shows a progress bar on the button.
// https://core.telegram.org/bots/api#callbackquery
func (a *Adapter) handleCallback(ctx context.Context, u *update, c *callback) (reply params, err error) {
	if c.ID == "" || c.From.ID == 0 {
		return nil, bad("the callback query has no id or no from")
	}
	who := a.author(&c.From)
	if !a.isAllowed(who) {
		return nil, nil
	}
	if !c.Message.valid() || c.Data == "" {
		return nil, a.deliverPlatformEvent(ctx, u, nil) // a game, or a message that was sent in inline mode
	}
	done := params{"method": "answerCallbackQuery", "callback_query_id": c.ID}
	id, value, err := a.buttons.Unpack(ctx, c.Data)
	if errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a click on a button that is too old", "error", err)
		return done, nil
	} else if err != nil {
		return nil, err
	}
	at := c.Message.place()
	message := at.messageID(c.Message.ID)
	if topic, ok := a.topics.Get(string(message)); ok {
		at.topic = topic // an old message comes without its topic
	}
	_, err = a.host.Deliver(ctx, &chat.ActionEvent{
		EventBase: chat.EventBase{ID: u.eventID(""), ThreadID: at.threadID(), User: who, Raw: u.data},
		MessageID: message, ActionID: id, Value: value,
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}
