package twilio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// opMessages is what calls that send and delete messages are for.
const opMessages = "Messages"

// PostMessage posts to a conversation. Twilio takes a message before it knows whether it
// can deliver it: a [Status] tells.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	parts, err := a.render(ctx, p, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), adapterkit.PartCalls{
		// Nothing is taken back: what is deleted at Twilio stays on the phone.
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			return a.send(ctx, p, parts[i].fields())
		},
	})
}

// StreamMessage posts a stream when it is whole: messages cannot be edited.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if _, err := placeOf(thread); err != nil {
		return "", "", err
	}
	return adapterkit.PostStream(ctx, a.host, chunks, opts, func(ctx context.Context, p *chat.Post) (chat.MessageID, error) {
		return a.PostMessage(ctx, thread, p)
	})
}

// BuffersStreams reports that a stream is posted when it is whole: messages cannot be
// edited.
func (a *Adapter) BuffersStreams() bool { return true }

// EditMessage is unsupported: Twilio has no method for it.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, _ *chat.Post) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := placeOf(thread); err != nil {
		return err
	}
	return fmt.Errorf("twilio: editing a message: %w", errors.ErrUnsupported)
}

// DeleteMessage deletes a message with its text at Twilio, once it is delivered or has
// failed: before, it is [chat.ErrTemporary]. It stays on the phone.
// https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message-resource
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := placeOf(thread); err != nil {
		return err
	}
	if !isMessageID(id) {
		return fmt.Errorf("%w: twilio: message %q", chat.ErrNotFound, id)
	}
	return a.parts.Delete(ctx, id, adapterkit.PartCalls{Delete: func(ctx context.Context, id chat.MessageID) error {
		_, err := a.client.Do(ctx, platform.Call{Op: opMessages, Method: http.MethodDelete, Path: "Messages/" + string(id) + ".json"})
		return err
	}})
}

var errNoID = errors.New("the answer has no id of a message")

// send sends a message and returns its id.
// https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
func (a *Adapter) send(ctx context.Context, p place, fields url.Values) (chat.MessageID, error) {
	fields.Set("To", p.recipient)
	if serviceForm.MatchString(p.sender) {
		fields.Set("MessagingServiceSid", p.sender)
	} else {
		fields.Set("From", p.sender)
	}
	if a.config.StatusCallbackURL != "" {
		fields.Set("StatusCallback", a.config.StatusCallbackURL)
	}
	var sent struct {
		SID       chat.MessageID `json:"sid"`
		Status    string         `json:"status"`
		ErrorCode int            `json:"error_code"`
	}
	if _, err := a.client.Do(ctx, platform.Call{Op: opMessages, Path: "Messages.json", Body: fields, Into: &sent}); err != nil {
		return "", err
	}
	switch {
	case sent.ErrorCode != 0 && strings.HasSuffix(sent.Status, "failed"):
		return "", failureOf(opMessages, sent.ErrorCode)
	case !isMessageID(sent.SID):
		return "", &chat.PlatformError{Adapter: adapterName, Op: opMessages, Code: chat.CodeTemporary, Err: errNoID}
	}
	return sent.SID, nil
}
