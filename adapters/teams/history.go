package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxPage is how many messages a page of Graph has at most.
	maxPage = 50
	// maxPages is how many pages are read to find the oldest messages, which come last.
	maxPages = 100
	// lastPage is the cursor of a page with only the message that begins the thread.
	lastPage = "root"
)

// graphMessage is a message in an answer of Graph.
// https://learn.microsoft.com/graph/api/resources/chatmessage
type graphMessage struct {
	ID        string `json:"id"`
	ReplyToID string `json:"replyToId"`
	Type      string `json:"messageType"`
	Created   string `json:"createdDateTime"`
	Edited    string `json:"lastEditedDateTime"`
	Deleted   string `json:"deletedDateTime"`
	From      struct {
		User        *graphIdentity `json:"user"`
		Application *graphIdentity `json:"application"`
	} `json:"from"`
	Body struct {
		ContentType string `json:"contentType"`
		Content     string `json:"content"`
	} `json:"body"`
	Attachments []struct {
		ContentType string `json:"contentType"`
		ContentURL  string `json:"contentUrl"`
		Content     string `json:"content"`
		Name        string `json:"name"`
	} `json:"attachments"`
	Mentions []graphMention `json:"mentions"`
}

type graphMention struct {
	Mentioned struct {
		Application *graphIdentity `json:"application"`
	} `json:"mentioned"`
}

type graphIdentity struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// graphAuthor returns the author of a message. The id of a user in Graph is a GUID.
func (a *Adapter) graphAuthor(m *graphMessage) chat.Author {
	switch {
	case m.From.Application != nil:
		app := m.From.Application
		return a.author(account{ID: "28:" + app.ID, Name: app.DisplayName})
	case m.From.User != nil:
		return chat.Author{UserID: chat.UserID(m.From.User.ID), UserName: m.From.User.DisplayName, FullName: m.From.User.DisplayName, Bot: new(false)}
	}
	return chat.Author{System: true}
}

// graphMessage converts a message of Graph to that of package chat.
func (a *Adapter) graphMessage(at place, m *graphMessage) *chat.Message {
	out := &chat.Message{ID: at.messageID(m.ID), ThreadID: at.threadID(), Author: a.graphAuthor(m), SentAt: timeOf(m.Created), EditedAt: timeOf(m.Edited)}
	out.Edited = !out.EditedAt.IsZero()
	tree, ok := readHTML(m.Body.Content)
	if m.Body.ContentType != "html" || !ok {
		tree = paragraphs(m.Body.Content)
	}
	for _, at := range m.Attachments {
		switch {
		case at.ContentType == adaptiveType:
			tree.Children = append(tree.Children, cardText(at.Content)...)
		case at.ContentURL != "":
			out.Attachments = append(out.Attachments, chat.Attachment{Type: "file", URL: at.ContentURL, Name: at.Name})
		}
	}
	out.Formatted, out.Text = tree, strings.TrimSpace(markdown.PlainText(tree))
	if !at.isPersonal() {
		out.Mention = new(slices.ContainsFunc(m.Mentions, func(one graphMention) bool {
			return one.Mentioned.Application != nil && a.isMe(one.Mentioned.Application.ID)
		}))
	}
	if raw, err := json.Marshal(m); err == nil {
		out.Raw = raw
	}
	return out
}

// cardText returns the texts of an Adaptive Card.
func cardText(content string) (blocks []markdown.Node) {
	var card any
	if len(content) > maxHTML || json.Unmarshal([]byte(content), &card) != nil {
		return nil
	}
	var visit func(value any)
	visit = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, v := range value {
				visit(v)
			}
		case map[string]any:
			if text, ok := value["text"].(string); ok && value["type"] == "TextBlock" {
				blocks = append(blocks, markdown.Parse(text).Children...)
			}
			for _, name := range []string{"body", "items", "columns", "rows", "cells"} {
				visit(value[name])
			}
		}
	}
	visit(card)
	return blocks
}

// graphPage is a page of messages, newest first.
type graphPage struct {
	Value []graphMessage `json:"value"`
	Next  string         `json:"@odata.nextLink"`
}

// read reads a page of messages. The cursor is the query of the page's address, which came
// from Graph.
func (a *Adapter) read(ctx context.Context, c conversationContext, path, needs, cursor string, query url.Values) (graphPage, error) {
	if cursor != "" {
		var err error
		if query, err = url.ParseQuery(cursor); err != nil {
			return graphPage{}, fmt.Errorf("%w: teams: the cursor %q is not from a former page of this thread", chat.ErrInvalidArgument, cursor)
		}
	}
	var got graphPage
	if err := a.graph(ctx, c.TenantID, needs, platform.Call{Op: "messages", Path: path, Query: query, Into: &got}); err != nil {
		return graphPage{}, err
	}
	if got.Next != "" {
		next, err := url.Parse(got.Next)
		if err != nil || next.RawQuery == "" || next.RawQuery == cursor {
			return graphPage{}, failure("messages", chat.CodeTemporary, "the address of the next page is not valid")
		}
		got.Next = next.RawQuery // the path is the same
	}
	got.Value = slices.DeleteFunc(got.Value, func(m graphMessage) bool {
		return !isActivityID(m.ID) || m.Deleted != "" || m.Type != "" && m.Type != "message"
	})
	return got, nil
}

// source is the place of a thread's messages in Graph.
type source struct {
	context     conversationContext
	path, needs string
	query       url.Values
	root        string // the path of the message that begins the thread
}

func (a *Adapter) sourceOf(ctx context.Context, at place, limit int) (source, error) {
	if err := ctx.Err(); err != nil {
		return source{}, err
	}
	c, err := a.graphOf(ctx, at)
	if err != nil {
		return source{}, err
	}
	s := source{context: c, query: url.Values{"$top": {strconv.Itoa(limit)}}}
	s.path, s.needs = c.messagesOf()
	switch {
	case c.GraphChatID != "":
		s.query.Set("$orderby", "createdDateTime desc")
	case at.root != "":
		s.root = s.path + "/" + url.PathEscape(at.root)
		s.path = s.root + "/replies"
	}
	return s, nil
}

// FetchMessages returns a page of a thread's messages from Microsoft Graph, 50 by default and
// at most. Without the permission the error is [chat.ErrPermission] and names it. With
// req.Oldest all messages are read for each page; more than 5,000 are
// [errors.ErrUnsupported].
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := a.placeOf(thread)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	limit := req.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	s, err := a.sourceOf(ctx, p, limit)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	if req.Oldest {
		return a.oldest(ctx, p, s, req.Cursor, limit)
	}
	var page graphPage
	if req.Cursor != lastPage {
		if page, err = a.read(ctx, s.context, s.path, s.needs, req.Cursor, s.query); err != nil {
			return chat.Page[*chat.Message]{}, err
		}
	}
	if page.Next == "" && s.root != "" {
		if len(page.Value) >= limit { // the message that begins the thread is on a page of its own
			page.Next = lastPage
		} else if page.Value, err = a.withRoot(ctx, s, page.Value); err != nil {
			return chat.Page[*chat.Message]{}, err
		}
	}
	return chat.Page[*chat.Message]{Items: a.inOrder(p, page.Value), Next: page.Next}, nil
}

// withRoot adds the message that begins a thread, unless it was deleted.
func (a *Adapter) withRoot(ctx context.Context, s source, all []graphMessage) ([]graphMessage, error) {
	var root graphMessage
	err := a.graph(ctx, s.context.TenantID, s.needs, platform.Call{Op: "message", Path: s.root, Into: &root})
	switch {
	case errors.Is(err, chat.ErrNotFound), err == nil && (root.Deleted != "" || !isActivityID(root.ID)):
		return all, nil
	case err != nil:
		return nil, err
	}
	return append(all, root), nil
}

// inOrder returns the messages sorted by time.
func (a *Adapter) inOrder(at place, all []graphMessage) []*chat.Message {
	out := make([]*chat.Message, len(all))
	for i := range all {
		out[len(all)-1-i] = a.graphMessage(at, &all[i])
	}
	slices.SortStableFunc(out, func(x, y *chat.Message) int { return x.SentAt.Compare(y.SentAt) })
	return out
}

// oldest returns a page of messages, oldest first. Graph returns the newest messages first,
// so all are read.
func (a *Adapter) oldest(ctx context.Context, at place, s source, cursor string, limit int) (chat.Page[*chat.Message], error) {
	var all []graphMessage
	next := ""
	s.query.Set("$top", strconv.Itoa(maxPage))
	for range maxPages {
		page, err := a.read(ctx, s.context, s.path, s.needs, next, s.query)
		if err != nil {
			return chat.Page[*chat.Message]{}, err
		}
		all = append(all, page.Value...)
		if next = page.Next; next == "" {
			break
		}
	}
	if next != "" {
		return chat.Page[*chat.Message]{}, fmt.Errorf("teams: the thread has more than %d messages, so the oldest cannot be found: %w", maxPages*maxPage, errors.ErrUnsupported)
	}
	if s.root != "" {
		var err error
		if all, err = a.withRoot(ctx, s, all); err != nil {
			return chat.Page[*chat.Message]{}, err
		}
	}
	messages := a.inOrder(at, all)
	begin := 0
	if cursor != "" {
		at := slices.IndexFunc(messages, func(m *chat.Message) bool { return string(m.ID) == cursor })
		if at < 0 {
			return chat.Page[*chat.Message]{}, fmt.Errorf("%w: teams: the cursor %q is not from a former page of this thread", chat.ErrInvalidArgument, cursor)
		}
		begin = at + 1
	}
	rest := messages[begin:]
	out := chat.Page[*chat.Message]{Items: rest[:min(limit, len(rest))]}
	if len(rest) > limit {
		out.Next = string(rest[limit-1].ID)
	}
	return out, nil
}

// FetchMessage returns a message from Microsoft Graph. One that does not exist or was deleted
// is [chat.ErrNotFound].
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	p, activity, err := a.whereIs(thread, id)
	if err != nil {
		return nil, err
	}
	s, err := a.sourceOf(ctx, p, 1)
	if err != nil {
		return nil, err
	}
	path := s.path + "/" + url.PathEscape(activity)
	if s.root != "" && activity == p.root {
		path = s.root
	}
	var got graphMessage
	if err := a.graph(ctx, s.context.TenantID, s.needs, platform.Call{Op: "message", Path: path, Into: &got}); err != nil {
		return nil, err
	}
	if got.ID != activity || got.Deleted != "" {
		return nil, failure("message", chat.CodeNotFound, "the message was not found, or was deleted")
	}
	return a.graphMessage(p, &got), nil
}

// FetchChannelMessages returns a page of the messages that begin the threads of a channel, or
// of the messages of a chat, as FetchMessages does.
func (a *Adapter) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := a.channelOf(channel)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	page, err := a.FetchMessages(ctx, p.threadID(), req)
	for _, m := range page.Items {
		if parts, err := messageIDs.Split(m.ID); err == nil && p.isChannel() && rootForm.MatchString(parts[1]) {
			in := p
			in.root = parts[1]
			m.ThreadID = in.threadID()
		}
	}
	return page, err
}

// ListThreads returns a page of the threads of a channel, newest first, or with req.Oldest
// oldest first. It costs a call for each thread. Replies counts at most 50. A chat has no
// threads: [errors.ErrUnsupported].
func (a *Adapter) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	p, err := a.channelOf(channel)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	if !p.isChannel() {
		return chat.Page[chat.ThreadSummary]{}, fmt.Errorf("teams: a chat has no threads: %w", errors.ErrUnsupported)
	}
	messages, err := a.FetchChannelMessages(ctx, channel, req)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	out := chat.Page[chat.ThreadSummary]{Next: messages.Next}
	for _, m := range messages.Items {
		in, err := a.placeOf(m.ThreadID)
		if err != nil || in.root == "" {
			continue
		}
		s, err := a.sourceOf(ctx, in, maxPage)
		if err != nil {
			return out, err
		}
		replies, err := a.read(ctx, s.context, s.path, s.needs, "", s.query)
		if err != nil {
			return out, err
		}
		summary := chat.ThreadSummary{ID: m.ThreadID, Root: m, Replies: len(replies.Value)}
		for _, reply := range replies.Value {
			if at := timeOf(reply.Created); at.After(summary.LastReplyAt) {
				summary.LastReplyAt = at
			}
		}
		out.Items = append(out.Items, summary)
	}
	if !req.Oldest {
		slices.Reverse(out.Items)
	}
	return out, nil
}
