package slack

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// dmPrefix begins the ids of direct conversations with the bot. Group
// conversations have the ids of private channels.
// https://docs.slack.dev/apis/web-api/using-the-conversations-api
const dmPrefix = "D"

// threadID returns "slack:{channel}:{threadTs}".
func threadID(channel, threadTS string) chat.ThreadID {
	return chat.ThreadID(adapterName + ":" + channel + ":" + threadTS)
}

// splitThreadID is the inverse of threadID.
func splitThreadID(id chat.ThreadID) (channel, threadTS string, err error) {
	parts := strings.Split(string(id), ":")
	if len(parts) != 3 || parts[0] != adapterName || !isID(parts[1]) || parts[2] != "" && !isTS(parts[2]) {
		return "", "", fmt.Errorf(`%w: slack: thread id %q, want "slack:{channel}:{thread ts}"`, chat.ErrInvalidArgument, id)
	}
	return parts[1], parts[2], nil
}

// splitChannelID returns the channel of "slack:{channel}".
func splitChannelID(id chat.ChannelID) (string, error) {
	name, channel, _ := strings.Cut(string(id), ":")
	if name != adapterName || !isID(channel) {
		return "", fmt.Errorf(`%w: slack: channel id %q, want "slack:{channel}"`, chat.ErrInvalidArgument, id)
	}
	return channel, nil
}

// EncodeThreadID returns "slack:{ref.Channel}:{ref.Thread}".
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	switch {
	case !isID(ref.Channel):
		return "", fmt.Errorf("%w: slack: ref.Channel is %q, want an id of letters and digits", chat.ErrInvalidArgument, ref.Channel)
	case ref.Thread != "" && !isTS(ref.Thread):
		return "", fmt.Errorf(`%w: slack: ref.Thread is %q, want a ts such as "1700000000.000100", or ""`, chat.ErrInvalidArgument, ref.Thread)
	case ref.DM != isDM(ref.Channel):
		return "", fmt.Errorf("%w: slack: ref.DM is %v for the channel %q", chat.ErrInvalidArgument, ref.DM, ref.Channel)
	}
	return threadID(ref.Channel, ref.Thread), nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	channel, ts, err := splitThreadID(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: channel, Thread: ts, DM: isDM(channel)}, nil
}

// channelID returns "slack:{channel}".
func channelID(channel string) chat.ChannelID { return chat.ChannelID(adapterName + ":" + channel) }

func isDM(channel string) bool { return strings.HasPrefix(channel, dmPrefix) }

// messageID returns "{channel}:{ts}": Slack's ts is unique within a channel only.
// https://docs.slack.dev/messaging/retrieving-messages
func messageID(channel, ts string) chat.MessageID { return chat.MessageID(channel + ":" + ts) }

var errNotInChannel = errors.New("the channel has no message with this id")

// editedID returns the id under which a message is delivered once more because an
// edit made it mention the bot: "{channel}:{ts}:{ts of the edit}".
func editedID(channel, ts, edited string) chat.MessageID {
	return messageID(channel, ts+":"+edited)
}

// TypeScriptID returns the message's ts, as the TypeScript SDK names it. An edit that is
// delivered as a message of its own has no id there.
func (a *Adapter) TypeScriptID(m *chat.Message) chat.MessageID {
	if _, ts, ok := strings.Cut(string(m.ID), ":"); ok && isTS(ts) {
		return chat.MessageID(ts)
	}
	return ""
}

// messageTS returns the ts of a message in the channel. A bare ts, the TypeScript
// SDK's message id, is taken too. An id that cannot be in the channel is
// [chat.ErrNotFound].
func messageTS(op, channel string, id chat.MessageID) (string, error) {
	ts, edited, isEdit := strings.Cut(strings.TrimPrefix(string(id), channel+":"), ":")
	if !isTS(ts) || isEdit && !isTS(edited) {
		return "", platformError(op, chat.CodeNotFound, errNotInChannel)
	}
	return ts, nil
}

// tsOf returns the ts of an id that messageID has made.
func tsOf(channel string, id chat.MessageID) string {
	return strings.TrimPrefix(string(id), channel+":")
}

// isID reports whether s can be one of Slack's ids.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxID
}

// maxID bounds ids, which are stored as keys. Slack's have about 11 characters.
const maxID = 64

// isTS reports whether s is a message's ts: seconds, a dot, and digits that make
// it unique.
func isTS(s string) bool {
	seconds, rest, ok := strings.Cut(s, ".")
	return ok && isDigits(seconds) && isDigits(rest) && len(s) <= maxID
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ephemeralPrefix begins the id of a message that only one user sees. Such a
// message can be changed by its response URL alone, so its id holds the address:
// "ephemeral:{ts}:{base64 of its JSON}", as in the TypeScript SDK.
const ephemeralPrefix = "ephemeral:"

// ephemeralRef is what the id of an ephemeral message holds.
type ephemeralRef struct {
	ResponseURL string `json:"responseUrl"`
	UserID      string `json:"userId"`
}

// ephemeralID returns the id of an ephemeral message. Without a response URL of
// Slack's it is the id of an ordinary one.
func ephemeralID(channel, ts, responseURL, user string) chat.MessageID {
	if !isResponseURL(responseURL) {
		return messageID(channel, ts)
	}
	data, err := json.Marshal(ephemeralRef{responseURL, user})
	if err != nil {
		return messageID(channel, ts)
	}
	return chat.MessageID(ephemeralPrefix + ts + ":" + base64.StdEncoding.EncodeToString(data))
}

// splitEphemeralID is the inverse of ephemeralID. It reports false for the id of
// an ordinary message and for addresses that are not Slack's.
func splitEphemeralID(id chat.MessageID) (ts string, ref ephemeralRef, ok bool) {
	rest, ok := strings.CutPrefix(string(id), ephemeralPrefix)
	if !ok {
		return "", ephemeralRef{}, false
	}
	ts, text, _ := strings.Cut(rest, ":")
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &ref) != nil || !isTS(ts) || !isResponseURL(ref.ResponseURL) || ref.UserID == "" {
		return "", ephemeralRef{}, false
	}
	return ts, ref, true
}

// isResponseURL reports whether an address is one of Slack's response URLs.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func isResponseURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com")
}
