package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage shows a message to whoever has the conversation open. The bot
// keeps it in the history, where later readers and other instances find it.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := checkTarget(ctx, thread); err != nil {
		return "", err
	}
	b, err := a.takePost(ctx, "PostMessage", thread, post)
	if err != nil {
		return "", err
	}
	return a.post(ctx, thread, b)
}

// post shows a new message of the bot.
func (a *Adapter) post(ctx context.Context, thread chat.ThreadID, b *body) (chat.MessageID, error) {
	id := chat.MessageID(rand.Text())
	if b.Card != nil || b.Plan != nil || b.Files != nil {
		if err := a.storeContent(ctx, thread, id, &content{Body: b}); err != nil {
			return "", err
		}
	}
	a.feeds.publish(thread, event{message: newUIMessage(string(id), roleAssistant, b, time.Now())})
	return id, nil
}

// takePost returns what a post shows, and stores its files.
func (a *Adapter) takePost(ctx context.Context, op string, thread chat.ThreadID, post *chat.Post) (*body, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: web: the post is nil", chat.ErrInvalidArgument)
	}
	b, err := a.texts.postBody(post)
	if err != nil {
		return nil, err
	}
	if b.Files, err = a.takeFiles(ctx, op, thread, post); err != nil {
		return nil, err
	}
	if b.Text == "" && b.Card == nil && b.Files == nil {
		return nil, platformError(op, chat.CodeInvalid, errEmpty)
	}
	return b, nil
}

// EditMessage replaces the content of a message that the bot posted. It returns
// [chat.ErrNotFound] for one that is not in the kept history and
// [chat.ErrPermission] for a user's.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	const op = "EditMessage"
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	m, err := a.ownMessage(ctx, op, thread, id)
	if err != nil {
		return err
	}
	b, err := a.takePost(ctx, op, thread, post)
	if err != nil {
		return err
	}
	return a.change(ctx, op, m, func(c *content) { c.Body, c.Edited = b, true })
}

// change changes what there is to a message and shows it.
func (a *Adapter) change(ctx context.Context, op string, m *chat.Message, change func(*content)) error {
	c, err := a.changeContent(ctx, op, m.ThreadID, m.ID, change)
	if err != nil {
		return err
	}
	a.feeds.publish(m.ThreadID, event{message: a.texts.toUI(m, c)})
	return nil
}

// DeleteMessage removes a message that the bot posted from all pages. Its errors
// are those of EditMessage.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	const op = "DeleteMessage"
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	if _, err := a.ownMessage(ctx, op, thread, id); err != nil {
		return err
	}
	var files []file
	_, err := a.changeContent(ctx, op, thread, id, func(c *content) {
		if c.Body != nil {
			files = c.Body.Files
		}
		*c = content{Version: c.Version, Deleted: true}
	})
	if err != nil {
		return err
	}
	if err := a.dropFiles(ctx, thread, files); err != nil {
		return err
	}
	a.feeds.publish(thread, event{removed: &removedEvent{ID: pageID(thread, id)}})
	return nil
}

// PostPlan posts a plan, which pages show as a list of tasks.
func (a *Adapter) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	if err := checkTarget(ctx, thread); err != nil {
		return "", err
	}
	return a.post(ctx, thread, a.texts.planBody(plan))
}

// EditPlan shows the plan as it is now. Its errors are those of EditMessage.
func (a *Adapter) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	const op = "EditPlan"
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	m, err := a.ownMessage(ctx, op, thread, id)
	if err != nil {
		return err
	}
	return a.change(ctx, op, m, func(c *content) { c.Body = a.texts.planBody(plan) })
}

// StartTyping shows the indicator, with the status next to it, to those who have the
// conversation open on this instance. It disappears after ten seconds, or with the next
// message.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, status string) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	a.feeds.publish(thread, event{typing: &typingEvent{Status: status}})
	return nil
}

// StopTyping takes the indicator away.
func (a *Adapter) StopTyping(ctx context.Context, thread chat.ThreadID) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	a.feeds.publish(thread, event{typing: &typingEvent{Stopped: true}})
	return nil
}

// MarkSession shows where the bot's work stands to those who have the conversation open
// on this instance, until they leave it.
func (a *Adapter) MarkSession(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	a.feeds.publish(thread, event{session: &sessionEvent{status}})
	return nil
}

func checkTarget(ctx context.Context, thread chat.ThreadID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, _, err := splitThreadID(thread)
	return err
}
