package linear

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// place has the parts of an id: an issue or a project, the comment that begins a thread,
// and a session of the agent.
type place struct{ issue, project, comment, session string }

// isID reports whether a text can be an id of Linear. Most of them are UUIDs.
func isID(text string) bool {
	return text != "" && len(text) <= 128 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	})
}

// placeOf returns the parts of the id of a thread or a channel:
// "linear:{issue}[:c:{comment}][:s:{session}]", as in the TypeScript SDK, or
// "linear:p:{project}[:c:{comment}]".
func placeOf[T ~string](id T) (place, error) {
	p, ok := parsePlace(string(id))
	if !ok {
		return place{}, fmt.Errorf("%w: linear: id %q, want linear:{issue}[:c:{comment}][:s:{session}] or linear:p:{project}[:c:{comment}]", chat.ErrInvalidArgument, id)
	}
	return p, nil
}

func parsePlace(id string) (p place, ok bool) {
	parts := strings.Split(id, ":")
	if len(parts) < 2 || parts[0] != adapterName {
		return p, false
	}
	rest := parts[2:]
	if parts[1] == "p" && len(rest) > 0 {
		p.project, rest = rest[0], rest[1:]
	} else {
		p.issue = parts[1]
	}
	if len(rest) >= 2 && rest[0] == "c" {
		p.comment, rest = rest[1], rest[2:]
		if !isID(p.comment) {
			return p, false
		}
	}
	if len(rest) >= 2 && rest[0] == "s" && p.project == "" {
		p.session, rest = rest[1], rest[2:]
		if !isID(p.session) {
			return p, false
		}
	}
	return p, len(rest) == 0 && isID(p.owner()) && p.issue != "p"
}

// owner returns the issue or the project.
func (p place) owner() string { return p.issue + p.project }

// channel returns the part of an id that names the issue or the project.
func (p place) channel() string {
	if p.project != "" {
		return "p:" + p.project
	}
	return p.issue
}

// thread returns the part of an id after the channel.
func (p place) thread() string {
	var parts []string
	if p.comment != "" {
		parts = append(parts, "c", p.comment)
	}
	if p.session != "" {
		parts = append(parts, "s", p.session)
	}
	return strings.Join(parts, ":")
}

func (p place) channelID() chat.ChannelID { return chat.ChannelID(adapterName + ":" + p.channel()) }

func (p place) threadID() chat.ThreadID {
	id := adapterName + ":" + p.channel()
	if thread := p.thread(); thread != "" {
		id += ":" + thread
	}
	return chat.ThreadID(id)
}

// EncodeThreadID returns the id of a thread. Channel is the id of an issue, or "p:" and the
// id of a project. Thread is "c:" and the comment that begins it, "s:" and a session of the
// agent, or both with ":" between them. There are no direct conversations, so DM is false.
// The error is [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	id := adapterName + ":" + ref.Channel
	if ref.Thread != "" {
		id += ":" + ref.Thread
	}
	p, err := placeOf(id)
	if err != nil {
		return "", err
	}
	if ref.DM || p.channel() != ref.Channel {
		return "", fmt.Errorf("%w: linear: Channel is %q, want only an issue or a project, and DM false", chat.ErrInvalidArgument, ref.Channel)
	}
	return p.threadID(), nil
}

// DecodeThreadID returns the parts of a thread id. The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := placeOf(id)
	return chat.ThreadRef{Channel: p.channel(), Thread: p.thread()}, err
}

// IsUserID reports whether an id can be that of a user: a UUID.
func (a *Adapter) IsUserID(id chat.UserID) bool {
	parts := strings.Split(string(id), "-")
	if len(parts) != 5 || len(id) != 36 {
		return false
	}
	for i, length := range []int{8, 4, 4, 4, 12} {
		if len(parts[i]) != length || strings.Trim(parts[i], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// messageIn returns the place of a message in a thread.
func messageIn(thread chat.ThreadID, id chat.MessageID) (place, error) {
	p, err := placeOf(thread)
	if err == nil && !isID(string(id)) {
		err = fmt.Errorf("%w: linear: message id %q, want that of a comment", chat.ErrInvalidArgument, id)
	}
	return p, err
}
