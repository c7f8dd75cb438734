package twilio

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The prefixes of addresses on channels other than SMS.
// https://www.twilio.com/docs/messaging/channels
const (
	whatsAppPrefix = "whatsapp:"
	rcsPrefix      = "rcs:"

	channelWhatsApp = "whatsapp"
)

// The ids are the TypeScript SDK's: a conversation of one of the bot's senders with
// somebody is the thread and the channel in one.
var threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
	{Name: "sender", Encoding: adapterkit.URIComponentID, Check: isAddress},
	{Name: "recipient", Encoding: adapterkit.URIComponentID, Check: isAddress},
}}

// addressForm is a phone number, a short code, a name of a sender, which can have
// spaces, the id of a messaging service, or one of these on a channel.
var addressForm = regexp.MustCompile(`^([a-z]{1,20}:)?\+?[A-Za-z0-9]([A-Za-z0-9 +._&@-]{0,126}[A-Za-z0-9+._&@-])?$`)

func isAddress(text string) bool { return addressForm.MatchString(text) }

// userForm is somebody whom the bot can write to: a number in E.164, on a channel.
var userForm = regexp.MustCompile(`^(whatsapp:|rcs:)?\+[1-9][0-9]{1,14}$`)

// place is a conversation.
type place struct {
	sender    string // the bot's number, messaging service or sender on a channel
	recipient string // the other's address
}

// channel is "whatsapp", "rcs" and the like; empty for SMS and MMS.
func (p place) channel() string {
	if name, _, ok := strings.Cut(p.recipient, ":"); ok {
		return name
	}
	return ""
}

func (p place) threadID() (chat.ThreadID, error) { return threadIDs.Join(p.sender, p.recipient) }

func placeOf(id chat.ThreadID) (place, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	return place{sender: parts[0], recipient: parts[1]}, nil
}

// EncodeThreadID puts a thread id together: "twilio:{sender}:{recipient}", each as
// JavaScript's encodeURIComponent writes it. Its Channel is both, and each conversation
// is a direct one.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	id := chat.ThreadID(adapterName + ":" + ref.Channel)
	if _, err := placeOf(id); err != nil {
		return "", err
	}
	if ref.Thread != "" {
		return "", fmt.Errorf("%w: twilio: Thread is %q, and conversations have none", chat.ErrInvalidArgument, ref.Thread)
	}
	if !ref.DM {
		return "", fmt.Errorf("%w: twilio: DM is false, and each conversation is a direct one", chat.ErrInvalidArgument)
	}
	return id, nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	if _, err := placeOf(id); err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: strings.TrimPrefix(string(id), adapterName+":"), DM: true}, nil
}

// IsUserID reports whether an id can be that of somebody whom the bot can write to: a
// number in E.164 such as "+15551234567", with "whatsapp:" or "rcs:" before it on these
// channels.
func (a *Adapter) IsUserID(id chat.UserID) bool { return userForm.MatchString(string(id)) }

// messageForm is the form of a message's id: "SM" or "MM" and 32 hexadecimal digits.
// Others that may come are taken, as long as they are safe within an address.
var messageForm = regexp.MustCompile(`^[A-Z]{2}[0-9A-Za-z]{1,64}$`)

func isMessageID(id chat.MessageID) bool { return messageForm.MatchString(string(id)) }
