package web

import (
	"context"
	"crypto/rand"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage shows a message to whoever has the conversation open. The bot
// keeps it in the history, where later readers and other instances find it.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := checkTarget(ctx, thread); err != nil {
		return "", err
	}
	text, err := postText("PostMessage", post)
	if err != nil {
		return "", err
	}
	id := rand.Text()
	a.feeds.publish(thread, event{message: newUIMessage(id, roleAssistant, text, time.Now())})
	return chat.MessageID(id), nil
}

// EditMessage replaces the text of a message that the bot posted. It returns
// [chat.ErrNotFound] for one that is not in the kept history and
// [chat.ErrPermission] for a user's.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	const op = "EditMessage"
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	text, err := postText(op, post)
	if err != nil {
		return err
	}
	e := &edit{Text: text}
	m, err := a.storeEdit(ctx, op, thread, id, e)
	if err != nil {
		return err
	}
	ui := newUIMessage(pageID(thread, id), roleAssistant, text, m.SentAt)
	ui.Metadata.Edited, ui.Metadata.Version = true, e.Version
	a.feeds.publish(thread, event{message: ui})
	return nil
}

// DeleteMessage removes a message that the bot posted from all pages. Its errors
// are those of EditMessage.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	if _, err := a.storeEdit(ctx, "DeleteMessage", thread, id, &edit{Deleted: true}); err != nil {
		return err
	}
	a.feeds.publish(thread, event{removed: &removedEvent{ID: pageID(thread, id)}})
	return nil
}

// StreamMessage posts a message that grows with each chunk. The message appears
// with its first text; a sequence without any text is [chat.ErrInvalid].
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
	if err := checkTarget(ctx, thread); err != nil {
		return "", "", err
	}
	var (
		live *liveMessage
		id   = rand.Text()
		text strings.Builder
		rest string // the first bytes of a character
		fail error
	)
	defer func() {
		if live != nil {
			live.finish()
		}
	}()
	grow := func(s string) {
		if s == "" {
			return
		}
		if live == nil {
			live = a.feeds.stream(thread, newUIMessage(id, roleAssistant, "", time.Now()))
		}
		live.grow(s)
	}
	for chunk, err := range chunks {
		if fail = err; fail == nil && ctx.Err() != nil {
			fail = context.Cause(ctx)
		}
		if fail != nil {
			break
		}
		text.WriteString(chunk.Text)
		var whole string
		whole, rest = wholeRunes(rest + spell(chunk.Text))
		grow(whole)
	}
	if fail == nil && ctx.Err() != nil {
		fail = context.Cause(ctx) // a sequence may end because of it
	}
	grow(rest)
	if live == nil {
		if fail == nil {
			fail = platformError("StreamMessage", chat.CodeInvalid, errEmpty)
		}
		return "", "", fail
	}
	return chat.MessageID(id), text.String(), fail
}

// StartTyping shows the indicator, with the status beside it, to those who have
// the conversation open on this instance. It goes out after ten seconds or with
// the next message.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, status string) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	a.feeds.publish(thread, event{typing: &typingEvent{Status: status}})
	return nil
}

func checkTarget(ctx context.Context, thread chat.ThreadID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, _, err := splitThreadID(thread)
	return err
}
