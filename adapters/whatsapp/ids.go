package whatsapp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The ids are the same as in the TypeScript SDK. A conversation of a phone number with
// a user is both the thread and the channel.
var threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
	{Name: "phone number id", Check: isDigits}, {Name: "user id", Check: isUserID},
}}

// maxDigits is more than any number has: a phone number has at most 15 digits, and an
// id about 16.
const maxDigits = 32

func isDigits(text string) bool {
	return text != "" && len(text) <= maxDigits && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// scopedID is the form of a business-scoped user id, such as "US.13491208655302741918",
// and of a parent one, such as "US.ENT.11815799212886844830".
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
var scopedID = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// isUserID reports whether a text can be a user id: a phone number in digits, or a
// business-scoped id.
func isUserID(text string) bool { return isDigits(text) || scopedID.MatchString(text) }

// place is a conversation.
type place struct {
	number string // the id of the business's phone number
	user   string
}

func (p place) channel() string         { return p.number + ":" + p.user }
func (p place) threadID() chat.ThreadID { return chat.ThreadID(adapterName + ":" + p.channel()) }

func placeOf(id chat.ThreadID) (place, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	return place{number: parts[0], user: parts[1]}, nil
}

// owns reports whether a phone number is the bot's.
func (a *Adapter) owns(number string) bool { return slices.Contains(a.config.PhoneNumberIDs, number) }

// EncodeThreadID makes a thread id, "whatsapp:{phone number id}:{user id}". The
// reference's Channel is "{phone number id}:{user id}", its Thread is empty, and DM is
// true. Any other reference is [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	p, err := placeOf(chat.ThreadID(adapterName + ":" + ref.Channel))
	if err != nil {
		return "", err
	}
	if ref.Thread != "" {
		return "", fmt.Errorf("%w: whatsapp: Thread is %q, want none, since a conversation has no threads", chat.ErrInvalidArgument, ref.Thread)
	}
	if !ref.DM {
		return "", fmt.Errorf("%w: whatsapp: DM is false, want true, since each conversation is a direct one", chat.ErrInvalidArgument)
	}
	return p.threadID(), nil
}

// DecodeThreadID returns the parts of a thread id, as EncodeThreadID takes them. For
// another text it returns [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.channel(), DM: true}, nil
}

// IsUserID reports whether an id can be that of a user: a phone number in digits, with
// its country and without "+", or a business-scoped user id.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isUserID(string(id)) }

// checkMessage checks an id of a message. WhatsApp documents no form.
func checkMessage(id chat.MessageID) error {
	if id == "" || len(id) > 512 || strings.ContainsFunc(string(id), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: whatsapp: message id %q, want one of WhatsApp's", chat.ErrInvalidArgument, id)
	}
	return nil
}
