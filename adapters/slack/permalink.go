package slack

import (
	"context"
	"errors"
	"net/url"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Permalink returns the message's address.
func (a *Adapter) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	const op = "chat.getPermalink"
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", err
	}
	ts, err := messageTS(op, c.channel, id)
	if err != nil {
		return "", err
	}
	address, err := c.client.GetPermalinkContext(ctx, &slackapi.PermalinkParameters{Channel: c.channel, Ts: ts})
	return address, apiError(op, err)
}

var errNoPermalink = errors.New("the address is no message's")

// ResolveLink returns the message that an address leads to, such as
// "https://acme.slack.com/archives/C0GENERAL/p1700000001000200", with "?thread_ts="
// for an answer in a thread.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func (a *Adapter) ResolveLink(ctx context.Context, address string) (chat.ThreadID, chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	channel, ts, threadTS, ok := splitPermalink(address)
	if !ok {
		return "", "", platformError("resolve link", chat.CodeNotFound, errNoPermalink)
	}
	if threadTS == "" && !isDM(channel) {
		threadTS = ts
	}
	return threadID(channel, threadTS), messageID(channel, ts), nil
}

func splitPermalink(address string) (channel, ts, threadTS string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Host, ".slack.com") && !strings.HasSuffix(u.Host, ".slack-gov.com") {
		return "", "", "", false
	}
	path, ok := strings.CutPrefix(strings.TrimSuffix(u.Path, "/"), "/archives/")
	channel, digits, _ := strings.Cut(path, "/p")
	const fraction = 6
	if !ok || !isID(channel) || !isDigits(digits) || len(digits) <= fraction {
		return "", "", "", false
	}
	ts, threadTS = digits[:len(digits)-fraction]+"."+digits[len(digits)-fraction:], u.Query().Get("thread_ts")
	return channel, ts, threadTS, isTS(ts) && (threadTS == "" || isTS(threadTS))
}
