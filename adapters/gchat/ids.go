package gchat

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The ids of threads are the TypeScript SDK's: the space, the thread's name in base64,
// and "dm" for a direct conversation.
var (
	spacePart  = adapterkit.IDPart{Name: "space", Check: isSpace}
	threadPart = adapterkit.IDPart{Name: "thread", Encoding: adapterkit.Base64ID, Check: func(name string) bool { _, ok := spaceOf(name, "threads"); return ok }}
	dmPart     = adapterkit.IDPart{Name: "dm", Check: func(text string) bool { return text == "dm" }}

	channelIDs  = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{spacePart}}
	dmIDs       = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{spacePart, dmPart}}
	threadIDs   = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{spacePart, threadPart}}
	dmThreadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{spacePart, threadPart, dmPart}}
)

// place is a space, or a thread of a space, by its resource name.
type place struct {
	space  string // "spaces/AAAA"
	thread string // "spaces/AAAA/threads/BBBB"; empty: the space itself
	dm     bool
}

// isSegment reports whether a text can be the last part of a resource's name.
func isSegment(text string) bool {
	return text != "" && len(text) <= 256 && text != "." && text != ".." && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.'
	})
}

func isSpace(name string) bool {
	id, ok := strings.CutPrefix(name, "spaces/")
	return ok && isSegment(id)
}

// isUserID reports whether an id is that of a user, "users/{id}".
func isUserID(id chat.UserID) bool {
	name, ok := strings.CutPrefix(string(id), "users/")
	return ok && isSegment(name)
}

// IsUserID reports whether an id can be that of a user: "users/" and an id.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isUserID(id) }

// spaceOf returns the space of a resource in it, such as "spaces/A/messages/B" for the
// collection "messages".
func spaceOf(name, collection string) (string, bool) {
	space, id, ok := strings.Cut(name, "/"+collection+"/")
	return space, ok && isSpace(space) && isSegment(id)
}

func placeOf(id chat.ThreadID) (place, error) {
	if parts, err := channelIDs.Split(id); err == nil {
		return place{space: parts[0]}, nil
	}
	if parts, err := dmIDs.Split(id); err == nil {
		return place{space: parts[0], dm: true}, nil
	}
	parts, err := dmThreadIDs.Split(id)
	dm := err == nil
	if !dm {
		if parts, err = threadIDs.Split(id); err != nil {
			return place{}, err
		}
	}
	p := place{space: parts[0], thread: parts[1], dm: dm}
	return p, p.check()
}

// check returns an error if the thread is not one of the space.
func (p place) check() error {
	if space, _ := spaceOf(p.thread, "threads"); p.thread != "" && space != p.space {
		return fmt.Errorf("%w: gchat: the thread %q is none of %s", chat.ErrInvalidArgument, p.thread, p.space)
	}
	return nil
}

func (p place) channelID() chat.ChannelID { return chat.ChannelID(adapterName + ":" + p.space) }

func (p place) threadID() chat.ThreadID {
	id := adapterName + ":" + p.space
	if p.thread != "" {
		id += ":" + adapterkit.Base64ID.Encode(p.thread)
	}
	if p.dm {
		id += ":dm"
	}
	return chat.ThreadID(id)
}

// EncodeThreadID makes a thread id: "gchat:{space}", or "gchat:{space}:{thread}" with
// the thread in base64. Both end with ":dm" for a direct conversation. Channel is the
// resource name of a space, "spaces/AAAA", and Thread that of a thread of the space,
// "spaces/AAAA/threads/BBBB", or empty. Other names are [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	p := place{space: ref.Channel, thread: ref.Thread, dm: ref.DM}
	if err := p.check(); err != nil {
		return "", err
	}
	switch {
	case p.thread == "" && !p.dm:
		return channelIDs.Join(p.space)
	case p.thread == "":
		return dmIDs.Join(p.space, "dm")
	case !p.dm:
		return threadIDs.Join(p.space, p.thread)
	}
	return dmThreadIDs.Join(p.space, p.thread, "dm")
}

// DecodeThreadID returns the parts of a thread id, as EncodeThreadID takes them. For
// another text it returns [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.space, Thread: p.thread, DM: p.dm}, nil
}

// whereIs returns the place of a message of the thread.
func whereIs(thread chat.ThreadID, id chat.MessageID) (place, error) {
	p, err := placeOf(thread)
	if err != nil {
		return place{}, err
	}
	if space, ok := spaceOf(string(id), "messages"); !ok || space != p.space {
		return place{}, fmt.Errorf("%w: gchat: the message %q is not one of the thread %q", chat.ErrInvalidArgument, id, thread)
	}
	return p, nil
}

// channelOf returns the space of a channel.
func channelOf(id chat.ChannelID) (place, error) {
	parts, err := channelIDs.Split(chat.ThreadID(id))
	if err != nil {
		return place{}, err
	}
	return place{space: parts[0]}, nil
}
