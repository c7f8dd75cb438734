package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// params are the arguments of a method.
type params map[string]any

// answer is what Telegram answers.
// https://core.telegram.org/bots/api#making-requests
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// migratedError says that a group has become a supergroup.
// https://core.telegram.org/bots/api#responseparameters
type migratedError struct{ to string }

func (*migratedError) Error() string { return "the group is a supergroup now" }

// errNotModified is an edit that changes nothing.
var errNotModified = errors.New("the message is not modified")

// errNoText is an edit of the text of a message that has none but a caption.
var errNoText = errors.New("the message has no text")

// errWebhook is a poll while Telegram sends webhooks.
var errWebhook = errors.New("a webhook is set")

// refused says what an answer means.
func refused(got *platform.Answer) *platform.Refusal {
	var a answer
	if json.Unmarshal(got.Body, &a) != nil {
		if got.OK() {
			return &platform.Refusal{Code: chat.CodeTemporary, Err: errors.New("the answer is no JSON")}
		}
		return nil
	}
	if a.OK {
		return nil
	}
	status := a.ErrorCode
	if status == 0 {
		status = got.Status
	}
	r := &platform.Refusal{
		Code: platform.CodeOf(status, nil), Err: errors.New(safe(a.Description)),
		RetryAfter: time.Duration(a.Parameters.RetryAfter) * time.Second,
	}
	text := strings.ToLower(a.Description)
	switch {
	case a.Parameters.MigrateToChatID != 0:
		r.Err = &migratedError{strconv.FormatInt(a.Parameters.MigrateToChatID, 10)}
	case strings.Contains(text, "message is not modified"):
		r.Err = errNotModified
	case strings.Contains(text, "there is no text in the message"):
		r.Err = errNoText
	case strings.Contains(text, "while webhook is active"):
		r.Code, r.Err = chat.CodeTemporary, errWebhook
	case status == 409: // another instance polls, or a webhook is set
		r.Code = chat.CodeTemporary
	case containsAny(text, notFound):
		r.Code = chat.CodeNotFound
	case containsAny(text, forbidden):
		r.Code = chat.CodePermission
	}
	return r
}

// Telegram tells by its descriptions alone what a refusal with status 400 is about.
// They are not documented; these are those of its server's source:
// https://github.com/tdlib/telegram-bot-api and https://github.com/tdlib/td
var (
	notFound = []string{
		"chat not found", "message to edit not found", "message to delete not found", "message to react not found", "message not found",
		"message_id_invalid", "message to be replied not found", "message to reply not found", "user not found", "message thread not found", "file is too old",
	}
	forbidden = []string{"not enough rights", "have no rights", "_forbidden", "chat_admin_required", "chat_restricted", "user_banned_in_channel", "message can't be edited", "message can't be deleted", "topic_closed", "need administrator rights"}
)

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// safe is a description without what it may quote of a message: a word stands in
// double quotes, the address of a button in single ones.
func safe(description string) string {
	description, _, _ = strings.Cut(description, `"`)
	description, _, _ = strings.Cut(description, ` '`)
	if len(description) > 200 {
		description = description[:200]
	}
	return strings.TrimSpace(strings.ToValidUTF8(description, ""))
}

// errBusiness is what Telegram has no method for in the chats of a business account.
var errBusiness = fmt.Errorf("telegram: not in the name of a business account: %w", errors.ErrUnsupported)

// send calls a method that sends to a place, which may be a topic.
func (a *Adapter) send(ctx context.Context, method string, at place, p params, into any) error {
	p.setTopic(at)
	return a.call(ctx, method, at, p, into)
}

func (p params) setTopic(at place) {
	if at.topic != "" {
		p["message_thread_id"] = json.Number(at.topic)
	}
}

// setChat names the chat, and the account in whose name the call is made.
func (a *Adapter) setChat(p params, at place) {
	p["chat_id"] = json.Number(a.chatNow(at))
	if at.business != "" {
		p["business_connection_id"] = at.business
	}
}

// call calls a method in a place and decodes its result.
func (a *Adapter) call(ctx context.Context, method string, at place, p params, into any) error {
	if p == nil {
		p = params{}
	}
	a.setChat(p, at)
	err := a.do(ctx, a.client, method, p, into)
	if moved, ok := errors.AsType[*migratedError](err); ok {
		a.learnMigration(ctx, method, at, moved)
		p["chat_id"] = json.Number(moved.to)
		err = a.do(ctx, a.client, method, p, into)
	}
	return err
}

// chatNow is the chat of a place, or the supergroup that it has become.
func (a *Adapter) chatNow(at place) string {
	if to, ok := a.migrated.Get(at.chat); ok {
		return to
	}
	return at.chat
}

func (a *Adapter) learnMigration(ctx context.Context, method string, at place, moved *migratedError) {
	a.log.WarnContext(ctx, "the group has become a supergroup, which is another channel", "method", method, "from", at.chat, "to", moved.to)
	a.migrated.Set(at.chat, moved.to)
}

// do calls a method and decodes its result.
func (a *Adapter) do(ctx context.Context, client *platform.Client, method string, body, into any) error {
	var got answer
	if _, err := client.Do(ctx, platform.Call{Op: method, Path: method, Body: body, Into: &got}); err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(got.Result, into); err != nil {
		return &chat.PlatformError{Adapter: adapterName, Op: method, Code: chat.CodeTemporary, Err: errors.New("the result is not what was expected")}
	}
	return nil
}
