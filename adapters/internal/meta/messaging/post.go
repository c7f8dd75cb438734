package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage sends a message. The platform takes it within 24 hours after the user has
// written; see [WithTag].
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := a.reach(thread)
	if err != nil {
		return "", err
	}
	return a.post(ctx, p, "", post)
}

// ReplyMessage sends a message as the answer to another one of the conversation.
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := a.messageIn(thread, to)
	if err != nil {
		return "", err
	}
	return a.post(ctx, p, to, post)
}

func (a *Adapter) post(ctx context.Context, to place, answers chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	parts, err := a.render(ctx, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			if first != "" {
				answers = ""
			}
			return a.send(ctx, to, answers, &parts[i])
		},
		Simplify: func(i int, refusal error) int {
			simpler := parts[i].simpler
			if len(simpler) == 0 || !errors.Is(refusal, chat.ErrInvalid) {
				return 0
			}
			parts = slices.Replace(parts, i, i+1, simpler...)
			return len(parts)
		},
	})
}

// send sends one message.
// https://developers.facebook.com/docs/messenger-platform/reference/send-api
func (a *Adapter) send(ctx context.Context, to place, answers chat.MessageID, p *part) (chat.MessageID, error) {
	args := messagingType(ctx)
	args["message"] = p.message
	if answers != "" {
		args["reply_to"] = map[string]any{"mid": answers}
	}
	var sent struct {
		ID string `json:"message_id"`
	}
	if err := a.call(ctx, to, args, p.file, &sent); err != nil {
		return "", err
	}
	if !isMessageID(sent.ID) {
		return "", &chat.PlatformError{Adapter: a.cfg.Name, Op: sendOp, Code: chat.CodeTemporary, Err: errors.New("the answer has no message_id")}
	}
	return chat.MessageID(sent.ID), nil
}

const sendOp = "messages"

// call calls the Send API, with a file or without.
func (a *Adapter) call(ctx context.Context, to place, args map[string]any, file *chat.File, into any) error {
	args["recipient"] = map[string]any{"id": to.user}
	if into == nil {
		into = &struct{}{} // what is no JSON is not the platform's answer
	}
	account := "me"
	if a.cfg.AccountInIDs {
		account = to.account
	}
	call := platform.Call{Op: sendOp, Path: account + "/messages", Body: args, Into: into}
	if file == nil {
		_, err := a.client.Do(ctx, call)
		return err
	}
	fields := url.Values{}
	for name, value := range args {
		text, ok := value.(string)
		if !ok {
			data, err := json.Marshal(value)
			if err != nil {
				return err
			}
			text = string(data)
		}
		fields.Set(name, text)
	}
	call.Body = platform.Multipart{Fields: fields, Files: []platform.FormFile{{Field: "filedata", File: *file}}}
	_, err := a.uploads.Do(ctx, call)
	return err
}

// BuffersStreams reports that a stream is posted when it is whole: messages cannot be
// edited.
func (a *Adapter) BuffersStreams() bool { return true }

// EditMessage returns [errors.ErrUnsupported]: what was sent cannot be edited.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, _ *chat.Post) error {
	return a.unchangeable(ctx, thread, id, "edited")
}

// DeleteMessage returns [errors.ErrUnsupported]: what was sent cannot be deleted.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.unchangeable(ctx, thread, id, "deleted")
}

func (a *Adapter) unchangeable(ctx context.Context, thread chat.ThreadID, id chat.MessageID, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := a.messageIn(thread, id); err != nil {
		return err
	}
	return fmt.Errorf("%s: messages cannot be %s: %w", a.cfg.Name, what, errors.ErrUnsupported)
}
