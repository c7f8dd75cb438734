package github

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// kind is the kind of object that a thread belongs to.
type kind int

const (
	issue kind = iota
	pull
	discussion
)

// place has the parts of a thread id.
type place struct {
	owner, repo string
	kind        kind
	number      int
	root        int64 // the first comment of a review thread, or 0
}

// The ids of threads are those of the TypeScript SDK, which has no discussions.
var (
	repoForm   = `[A-Za-z0-9_-]+/[A-Za-z0-9._-]+`
	threadForm = regexp.MustCompile(`^(?:(issue|discussion):)?([1-9][0-9]*)(?::rc:([1-9][0-9]*))?$`)
	nameForm   = regexp.MustCompile(`^` + repoForm + `$`)
	bodyForm   = regexp.MustCompile(`^(` + repoForm + `)#([1-9][0-9]*)$`)
)

// splitRepo returns the parts of "owner/repo".
func splitRepo(name string) (owner, repo string, ok bool) {
	owner, repo, _ = strings.Cut(name, "/")
	return owner, repo, nameForm.MatchString(name) && repo != "." && repo != ".."
}

// EncodeThreadID returns the id of a thread. Channel is "{owner}/{repo}". Thread is
// "issue:{n}", "{n}" for a pull request, "{n}:rc:{comment}" for a review thread with the
// number of its first comment, or "discussion:{n}". The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if ref.DM {
		return "", fmt.Errorf("%w: github: there are no direct conversations", chat.ErrInvalidArgument)
	}
	p, err := parsePlace(ref.Channel, ref.Thread)
	return p.thread(), err
}

// DecodeThreadID returns the parts of a thread id. The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := where(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.name(), Thread: p.suffix()}, nil
}

// where returns the place of a thread.
func where(id chat.ThreadID) (place, error) {
	rest, ok := strings.CutPrefix(string(id), adapterName+":")
	channel, thread, cut := strings.Cut(rest, ":")
	if !ok || !cut {
		return place{}, badThread(string(id))
	}
	return parsePlace(channel, thread)
}

func parsePlace(channel, thread string) (place, error) {
	owner, repo, ok := splitRepo(channel)
	m := threadForm.FindStringSubmatch(thread)
	if !ok || m == nil {
		return place{}, badThread(adapterName + ":" + channel + ":" + thread)
	}
	p := place{owner: owner, repo: repo, kind: pull}
	switch m[1] {
	case "issue":
		p.kind = issue
	case "discussion":
		p.kind = discussion
	}
	var err error
	if p.number, err = strconv.Atoi(m[2]); err != nil {
		return place{}, badThread(thread)
	}
	if m[3] != "" {
		if p.root, err = strconv.ParseInt(m[3], 10, 64); err != nil || p.kind != pull {
			return place{}, badThread(thread)
		}
	}
	return p, nil
}

func badThread(id string) error {
	return fmt.Errorf("%w: github: thread id %q, want github:{owner}/{repo}:{n}, …:{n}:rc:{comment}, …:issue:{n} or …:discussion:{n}", chat.ErrInvalidArgument, id)
}

func (p place) name() string { return p.owner + "/" + p.repo }

func (p place) suffix() string {
	n := strconv.Itoa(p.number)
	switch {
	case p.kind == issue:
		return "issue:" + n
	case p.kind == discussion:
		return "discussion:" + n
	case p.root != 0:
		return n + ":rc:" + formatID(p.root)
	}
	return n
}

func (p place) thread() chat.ThreadID {
	if p.number == 0 {
		return ""
	}
	return chat.ThreadID(adapterName + ":" + p.name() + ":" + p.suffix())
}

// channelOf returns the repository of a channel.
func channelOf(id chat.ChannelID) (owner, repo string, err error) {
	name, ok := strings.CutPrefix(string(id), adapterName+":")
	owner, repo, valid := splitRepo(name)
	if !ok || !valid {
		return "", "", fmt.Errorf("%w: github: channel id %q, want github:{owner}/{repo}", chat.ErrInvalidArgument, id)
	}
	return owner, repo, nil
}

// remarkKind is the kind of object that a message is on GitHub.
type remarkKind int

const (
	body remarkKind = iota // the text of an issue, pull request or discussion
	issueComment
	reviewComment
	review
	discussionComment
)

// anchors are the beginnings of message ids: the anchors on GitHub's pages.
var anchors = map[remarkKind]string{
	issueComment: "issuecomment-", reviewComment: "discussion_r", review: "pullrequestreview-", discussionComment: "discussioncomment-",
}

// remark has the parts of a message id.
type remark struct {
	kind remarkKind
	id   int64 // 0 for a body
}

// messageID returns the id of a message of the place: its anchor, or
// "{owner}/{repo}#{n}" for the body.
func (p place) messageID(r remark) chat.MessageID {
	if r.kind == body {
		return chat.MessageID(p.name() + "#" + strconv.Itoa(p.number))
	}
	return chat.MessageID(anchors[r.kind] + formatID(r.id))
}

// comments returns the kind of the thread's comments.
func (p place) comments() remarkKind {
	switch {
	case p.kind == discussion:
		return discussionComment
	case p.root != 0:
		return reviewComment
	}
	return issueComment
}

// remarkOf returns the parts of the id of a message in the thread. A bare number, the
// form of the TypeScript SDK, is accepted, too. Any other id is [chat.ErrNotFound].
func (p place) remarkOf(op string, id chat.MessageID) (remark, error) {
	if m := bodyForm.FindStringSubmatch(string(id)); m != nil && strings.EqualFold(m[1], p.name()) && m[2] == strconv.Itoa(p.number) && p.root == 0 {
		return remark{}, nil
	}
	kinds := []remarkKind{p.comments()}
	if p.kind == pull && p.root == 0 {
		kinds = append(kinds, review)
	}
	for _, k := range kinds {
		if n, ok := parseID(strings.TrimPrefix(string(id), anchors[k])); ok {
			return remark{k, n}, nil
		}
	}
	return remark{}, platformError(op, chat.CodeNotFound, fmt.Errorf("the thread %q has no message %q", p.thread(), id))
}

// TypeScriptID returns the id of a comment in the TypeScript SDK, which is its number. It
// is empty for other messages, which that SDK does not have.
func (a *Adapter) TypeScriptID(m *chat.Message) chat.MessageID {
	for _, k := range []remarkKind{issueComment, reviewComment} {
		if n, ok := strings.CutPrefix(string(m.ID), anchors[k]); ok {
			return chat.MessageID(n)
		}
	}
	return ""
}

// IsUserID reports whether an id can be that of a user: a positive decimal number.
func (a *Adapter) IsUserID(id chat.UserID) bool {
	_, ok := parseID(string(id))
	return ok
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads a positive number as GitHub writes it.
func parseID(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && formatID(n) == text
}
