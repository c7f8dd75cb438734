package teams

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The ids of threads and channels are those of the TypeScript SDK. The id of a message also
// contains the conversation. Teams numbers messages by their time, so two conversations can
// have the same number.
var (
	threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
		{Name: "conversation id", Encoding: adapterkit.Base64ID, Check: isConversation},
		{Name: "service URL", Encoding: adapterkit.Base64ID},
		{Name: "conversation type", Optional: true},
	}}
	messageIDs = adapterkit.IDFormat[chat.MessageID]{Parts: []adapterkit.IDPart{
		{Name: "conversation id", Encoding: adapterkit.Base64ID, Check: isConversation},
		{Name: "activity id", Encoding: adapterkit.ColonID, Check: isActivityID},
	}}
)

// Kinds of conversations.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-basics
const (
	personalType  = "personal"
	groupChatType = "groupChat"
	channelType   = "channel"
)

// rootMark is put in the id of a conversation before the message that begins a thread.
const rootMark = ";messageid="

var rootForm = regexp.MustCompile(`^[0-9]{1,20}$`)

func isPrintable(text string, most int) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}

// isConversation reports whether a text can be the id of a conversation.
func isConversation(id string) bool {
	base, root, threaded := strings.Cut(id, rootMark)
	return isPrintable(base, 512) && base != "." && base != ".." && (!threaded || rootForm.MatchString(root))
}

// isActivityID reports whether a text can be the id of an activity.
func isActivityID(id string) bool { return isPrintable(id, 256) && id != "." && id != ".." }

// place has the parts of a thread id: a personal chat, a group chat, or a channel, and in a
// channel the message that begins the thread.
type place struct {
	conversation string // without the thread
	root         string // the message that begins the thread
	service      string // the service URL, as Teams wrote it
	kind         string // empty if the id of the conversation shows its type
}

// newPlace returns the place of a conversation. The kind is left out if the id shows it, as
// in the TypeScript SDK.
func newPlace(conversation, service, kind string) place {
	p := place{service: service}
	p.conversation, p.root, _ = strings.Cut(conversation, rootMark)
	if p.isPersonal() != (kind == personalType) {
		p.kind = kind
	}
	return p
}

// isPersonal reports whether it is a chat with one user. The ids of other conversations
// begin with "19:"; a kind takes precedence.
func (p place) isPersonal() bool {
	if p.kind != "" {
		return p.kind == personalType
	}
	return !strings.HasPrefix(p.conversation, "19:")
}

// full returns the id of the conversation in calls, with the thread.
func (p place) full() string {
	if p.root == "" {
		return p.conversation
	}
	return p.conversation + rootMark + p.root
}

func (p place) id(conversation string) string {
	parts := []string{conversation, p.service}
	if p.kind != "" {
		parts = append(parts, p.kind)
	}
	id, _ := threadIDs.Join(parts...) // the parts are valid
	return string(id)
}

func (p place) threadID() chat.ThreadID   { return chat.ThreadID(p.id(p.full())) }
func (p place) channelID() chat.ChannelID { return chat.ChannelID(p.id(p.conversation)) }

// channel returns the id of the channel without the name of the adapter.
func (p place) channel() string { return strings.TrimPrefix(string(p.channelID()), adapterName+":") }

func (p place) messageID(activity string) chat.MessageID {
	id, _ := messageIDs.Join(p.conversation, activity) // the parts are valid
	return id
}

// placeOf returns the parts of the id of a thread or channel. A service URL that is neither
// one of Microsoft's nor Config.APIURL is refused, because calls would send the token there.
func (a *Adapter) placeOf(id chat.ThreadID) (place, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	kind := ""
	if len(parts) > 2 {
		kind = parts[2]
		if kind != personalType && kind != groupChatType && kind != channelType {
			return place{}, fmt.Errorf("%w: teams: the conversation type of %q, want %q, %q or %q", chat.ErrInvalidArgument, id, personalType, groupChatType, channelType)
		}
	}
	if !a.trusts(parts[1]) {
		return place{}, fmt.Errorf("%w: teams: the service URL of %q is not one of Microsoft's, nor Config.APIURL", chat.ErrInvalidArgument, id)
	}
	p := newPlace(parts[0], parts[1], kind)
	if p.kind != kind {
		return place{}, fmt.Errorf("%w: teams: the conversation type of %q is not needed, because the id of the conversation shows it: leave it out", chat.ErrInvalidArgument, id)
	}
	return p, nil
}

// trusts reports whether the bot's token may go to a service URL.
func (a *Adapter) trusts(service string) bool {
	if service != "" && strings.TrimRight(service, "/") == strings.TrimRight(a.config.APIURL, "/") {
		return true
	}
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" || len(service) > 512 || u.String() != service {
		return false
	}
	return slices.Contains(a.cloud.hosts, u.Host)
}

// EncodeThreadID returns the id of a thread: "teams:{conversation}:{service URL}", both in
// base64, with ":" and the type of the conversation if its id does not show it. Channel is
// this id without "teams:". Thread is the number of the message that begins the thread, or
// empty. The error is [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	p, err := a.placeOf(chat.ThreadID(adapterName + ":" + ref.Channel))
	if err != nil {
		return "", err
	}
	if p.root != "" || ref.Thread != "" && !rootForm.MatchString(ref.Thread) {
		return "", fmt.Errorf("%w: teams: Thread is %q, want the number of the message that begins it, and a Channel without a thread", chat.ErrInvalidArgument, ref.Thread)
	}
	if ref.DM != p.isPersonal() {
		return "", fmt.Errorf("%w: teams: DM is %t, but the id of the conversation shows the opposite", chat.ErrInvalidArgument, ref.DM)
	}
	p.root = ref.Thread
	return p.threadID(), nil
}

// DecodeThreadID returns the parts of a thread id. The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := a.placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.channel(), Thread: p.root, DM: p.isPersonal()}, nil
}

// whereIs returns the place of a message in the thread, and the id of its activity.
func (a *Adapter) whereIs(thread chat.ThreadID, id chat.MessageID) (place, string, error) {
	p, err := a.placeOf(thread)
	if err != nil {
		return place{}, "", err
	}
	parts, err := messageIDs.Split(id)
	if err != nil {
		return place{}, "", err
	}
	if parts[0] != p.conversation {
		return place{}, "", fmt.Errorf("%w: teams: the message %q is not one of the thread %q", chat.ErrInvalidArgument, id, thread)
	}
	return p, parts[1], nil
}

// TypeScriptID returns the id of a message in the TypeScript SDK: the id of its activity.
func (a *Adapter) TypeScriptID(m *chat.Message) chat.MessageID {
	parts, err := messageIDs.Split(m.ID)
	if err != nil {
		return ""
	}
	return chat.MessageID(parts[1])
}

// IsUserID reports whether an id can be that of a user: one that begins with "29:", or a
// GUID of Microsoft Entra.
func (a *Adapter) IsUserID(id chat.UserID) bool {
	return strings.HasPrefix(string(id), "29:") && isPrintable(string(id), 256) || guidForm.MatchString(string(id))
}

// isChannel reports whether it is a channel of a team, which has threads.
func (p place) isChannel() bool {
	if p.kind != "" {
		return p.kind == channelType
	}
	return strings.HasSuffix(p.conversation, "@thread.tacv2") || strings.HasSuffix(p.conversation, "@thread.skype")
}
