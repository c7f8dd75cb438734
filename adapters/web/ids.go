package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Longest ids in bytes, before they are escaped.
const (
	maxUserID         = 256
	maxConversationID = 128
	maxMessageID      = 128
)

// threadIDs is the format of thread ids.
var threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
	{Name: "user", Encoding: adapterkit.ColonID},
	{Name: "conversation", Encoding: adapterkit.ColonID},
}}

// threadID returns "web:{user}:{conversation}".
func threadID(user chat.UserID, conversation string) chat.ThreadID {
	return chat.ThreadID(adapterName + ":" + escaped(string(user)) + ":" + escaped(conversation))
}

func escaped(part string) string { return adapterkit.ColonID.Encode(part) }

// splitThreadID is the inverse of threadID.
func splitThreadID(id chat.ThreadID) (user chat.UserID, conversation string, err error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return "", "", fmt.Errorf("web: thread: %w", err)
	}
	return chat.UserID(parts[0]), parts[1], nil
}

// EncodeThreadID puts a thread id together from a channel "{user}:{conversation}",
// each part with "%" and ":" as "%25" and "%3A". A conversation is its own
// channel, so ref.Thread is empty.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if ref.Thread != "" {
		return "", fmt.Errorf("%w: web: ref.Thread is %q, want it empty", chat.ErrInvalidArgument, ref.Thread)
	}
	id := chat.ThreadID(adapterName + ":" + ref.Channel)
	if _, _, err := splitThreadID(id); err != nil {
		return "", fmt.Errorf(`%w: web: ref.Channel is %q, want "{user}:{conversation}"`, chat.ErrInvalidArgument, ref.Channel)
	}
	return id, nil
}

// DecodeThreadID takes a thread id apart. Every conversation is a direct one.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	if _, _, err := splitThreadID(id); err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: channelPart(id), DM: true}, nil
}

func channelPart(id chat.ThreadID) string { return strings.TrimPrefix(string(id), adapterName+":") }

// messageID makes the id that a page gave its message unique among all
// conversations: "{user}:{conversation}:{page's id}".
func messageID(thread chat.ThreadID, pageID string) chat.MessageID {
	return chat.MessageID(channelPart(thread) + ":" + pageID)
}

// editMark stands in the id of an edited message, where that of another has ":". No
// part of an id has it: in those a "%" is "%25".
const editMark = "%r"

// editedID is the id of a page's message in its next wording: "{user}:{conversation}%r{hash}:{page's
// id}". It follows from the wording before, so that an edit that is sent again is
// the same message.
func editedID(thread chat.ThreadID, before chat.MessageID, wording string) chat.MessageID {
	sum := sha256.Sum256([]byte(string(before) + "\x00" + wording))
	return chat.MessageID(channelPart(thread) + editMark + hex.EncodeToString(sum[:8]) + ":" + pageID(thread, before))
}

// pageID is the id by which the page knows a message: the inverse of messageID and
// editedID for its own messages, the id itself for the bot's.
func pageID(thread chat.ThreadID, id chat.MessageID) string {
	rest, own := strings.CutPrefix(string(id), channelPart(thread))
	switch {
	case own && strings.HasPrefix(rest, ":"):
		return rest[1:]
	case own && strings.HasPrefix(rest, editMark):
		if _, page, ok := strings.Cut(rest, ":"); ok {
			return page
		}
	}
	return string(id)
}

// checkID returns what is wrong with an id that a page sent, or "".
func checkID(id string, longest int) string {
	switch {
	case id == "":
		return "is empty"
	case len(id) > longest:
		return fmt.Sprintf("has %d bytes, want at most %d", len(id), longest)
	case !utf8.ValidString(id):
		return "is not valid UTF-8"
	case strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "holds a control character"
	}
	return ""
}
