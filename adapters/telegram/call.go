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

// answer is the body of each of Telegram's answers.
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

// errNotModified is Telegram's refusal of an edit that changes nothing.
var errNotModified = errors.New("the message is not modified")

// errNoText is Telegram's refusal to edit the text of a message that has a caption
// instead.
var errNoText = errors.New("the message has no text")

// errWebhook is Telegram's refusal of getUpdates while a webhook is set.
var errWebhook = errors.New("a webhook is set")

// refused returns why Telegram refused a call, or nil if it did not.
func refused(got *platform.Answer) *platform.Refusal {
	var a answer
	if json.Unmarshal(got.Body, &a) != nil {
		if got.OK() {
			return &platform.Refusal{Code: chat.CodeTemporary, Err: errors.New("the answer is not JSON")}
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

// Only the description of a refusal with status 400 says what its reason is. The
// descriptions are not documented. These parts of them are from the source of the
// server: https://github.com/tdlib/telegram-bot-api and https://github.com/tdlib/td
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

// safe returns a description without what it may quote of a message. Telegram quotes
// words in double quotes, and addresses of buttons in single quotes.
func safe(description string) string {
	description, _, _ = strings.Cut(description, `"`)
	description, _, _ = strings.Cut(description, ` '`)
	if len(description) > 200 {
		description = description[:200]
	}
	return strings.TrimSpace(strings.ToValidUTF8(description, ""))
}

// errBusiness is the error of calls for which Telegram has no method in the chats of a
// business account.
var errBusiness = fmt.Errorf("telegram: a business account cannot do this: %w", errors.ErrUnsupported)

// send calls a method that sends to a chat or a topic.
func (a *Adapter) send(ctx context.Context, method string, at place, p params, into any) error {
	p.setTopic(at)
	return a.call(ctx, method, at, p, into)
}

func (p params) setTopic(at place) {
	if at.topic != "" {
		p["message_thread_id"] = json.Number(at.topic)
	}
}

// setChat sets the chat, and the business account in whose name the call is made.
func (a *Adapter) setChat(p params, at place) {
	p["chat_id"] = json.Number(a.chatNow(at))
	if at.business != "" {
		p["business_connection_id"] = at.business
	}
}

// call calls a method for a chat and decodes its result. If the group has become a
// supergroup, it calls once more, for that.
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

// chatNow returns the number of the chat, or of the supergroup that it has become.
func (a *Adapter) chatNow(at place) string {
	if to, ok := a.migrated.Get(at.chat); ok {
		return to
	}
	return at.chat
}

func (a *Adapter) learnMigration(ctx context.Context, method string, at place, moved *migratedError) {
	a.log.WarnContext(ctx, "the group has become a supergroup, whose channel id is another one", "method", method, "from", at.chat, "to", moved.to)
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
		return &chat.PlatformError{Adapter: adapterName, Op: method, Code: chat.CodeTemporary, Err: errors.New("the result has another form than documented")}
	}
	return nil
}
