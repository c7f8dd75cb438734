package github

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// item is an issue, pull request, discussion, review or comment, with the fields of
// webhooks and the REST API. The GraphQL queries give their fields the same names.
type item struct {
	ID          number          `json:"id"`
	NodeID      string          `json:"node_id"`
	Number      int             `json:"number"`
	Title       string          `json:"title"`
	Body        string          `json:"body"`
	User        *user           `json:"user"`
	CreatedAt   time.Time       `json:"created_at"`
	SubmittedAt time.Time       `json:"submitted_at"` // of a review
	UpdatedAt   time.Time       `json:"updated_at"`
	EditedAt    time.Time       `json:"edited_at"` // in GraphQL only
	InReplyTo   number          `json:"in_reply_to_id"`
	Parent      number          `json:"parent_id"`    // of a comment of a discussion
	PullRequest json.RawMessage `json:"pull_request"` // of an issue that is a pull request
	IssueURL    string          `json:"issue_url"`
	PullURL     string          `json:"pull_request_url"`
	Comments    int             `json:"comments"`

	raw json.RawMessage
}

// UnmarshalJSON also keeps the JSON.
func (it *item) UnmarshalJSON(data []byte) error {
	type plain item
	if err := json.Unmarshal(data, (*plain)(it)); err != nil {
		return err
	}
	it.raw = append(json.RawMessage(nil), data...)
	return nil
}

// number is an id. GraphQL writes it as a string.
type number int64

// UnmarshalJSON reads both forms. Null is 0.
func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "number", Type: reflect.TypeFor[int64](), Field: "id"}
	}
	*n = number(v)
	return nil
}

// isPull reports whether an issue is a pull request.
func (it *item) isPull() bool { return len(it.PullRequest) > 0 && string(it.PullRequest) != "null" }

// valid reports whether an item can be a message of the kind.
func (it *item) valid(k remarkKind) bool {
	if it == nil {
		return false
	}
	if k == body {
		return it.Number > 0
	}
	return it.ID > 0
}

// placedItem is an item in its place.
type placedItem struct {
	*item
	place place
	kind  remarkKind
}

func (s placedItem) id() chat.MessageID {
	return s.place.messageID(remark{s.kind, int64(s.ID)})
}

// message converts an item to a message of package chat. The text of an issue, pull
// request or discussion begins with its title as a heading.
func (s placedItem) message(me identity) *chat.Message {
	root := markdown.Parse(s.Body)
	m := &chat.Message{
		ID: s.id(), ThreadID: s.place.thread(), Raw: s.raw, Author: me.author(s.User), SentAt: s.CreatedAt.UTC(),
		Mention: new(mentions(root, me.names())), Links: linksOf(root),
	}
	if !s.SubmittedAt.IsZero() {
		m.SentAt = s.SubmittedAt.UTC()
	}
	if !s.EditedAt.IsZero() {
		m.Edited, m.EditedAt = true, s.EditedAt.UTC()
	}
	if s.kind == body && s.Title != "" {
		root.Children = append([]markdown.Node{markdown.NewHeading(1, markdown.NewText(s.Title))}, root.Children...)
	}
	m.Formatted, m.Text = root, markdown.PlainText(root)
	if parent := max(s.Parent, s.InReplyTo); parent != 0 {
		m.ReplyTo = &chat.Message{ID: s.place.messageID(remark{s.kind, int64(parent)}), ThreadID: m.ThreadID}
	}
	return m
}

// before returns the message as it was before an edit.
func (s placedItem) before(changed changes, me identity) *chat.Message {
	old := *s.item
	if changed.Body != nil {
		old.Body = changed.Body.From
	}
	if changed.Title != nil {
		old.Title = changed.Title.From
	}
	s.item = &old
	m := s.message(me)
	m.Raw = nil
	return m
}

// linksOf returns the links in a text.
func linksOf(root *markdown.Root) []chat.Link {
	var links []chat.Link
	for link := range markdown.FindAll[*markdown.Link](root) {
		links = append(links, chat.Link{URL: link.URL})
	}
	return links
}
