package github

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Discussions exist only in GraphQL, which identifies objects by node ids.
// https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions

// commentNode identifies a comment of a discussion in GraphQL.
type commentNode struct {
	Node   string `json:"node"`
	Parent int64  `json:"parent,omitempty"` // the comment above it, or 0
}

// commentFields gives the fields the names that they have in the REST API, so that item
// reads both.
const commentFields = whoFields + `
fragment comment on DiscussionComment { id: databaseId node_id: id body user: author { ...who } created_at: createdAt edited_at: lastEditedAt html_url: url }`

const queryDiscussion = `query Discussion($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { discussion(number: $number) { id } }
}`

const addComment = `mutation AddDiscussionComment($input: AddDiscussionCommentInput!) {
  addDiscussionComment(input: $input) { comment { id databaseId } }
}`

const updateComment = `mutation UpdateDiscussionComment($input: UpdateDiscussionCommentInput!) {
  updateDiscussionComment(input: $input) { comment { id } }
}`

const deleteComment = `mutation DeleteDiscussionComment($input: DeleteDiscussionCommentInput!) {
  deleteDiscussionComment(input: $input) { comment { id } }
}`

var errNoDiscussion = errors.New("there is no such discussion")

// discussionNode returns the node id of a discussion.
func (a *Adapter) discussionNode(ctx context.Context, p place) (string, error) {
	return a.discussions.Get(ctx, string(p.messageID(remark{})), func(ctx context.Context) (string, error) {
		got, err := query[struct {
			Repository *struct {
				Discussion *struct{ ID string }
			}
		}](ctx, a, "Discussion", p, queryDiscussion, p.variables())
		if err != nil {
			return "", err
		}
		if got.Repository == nil || got.Repository.Discussion == nil {
			return "", platformError("Discussion", chat.CodeNotFound, errNoDiscussion)
		}
		return got.Repository.Discussion.ID, nil
	})
}

// variables returns the variables of a query about a thread.
func (p place) variables() map[string]any {
	return map[string]any{"owner": p.owner, "name": p.repo, "number": p.number}
}

// commentNode returns the node of a comment. If it is not known, the adapter fetches all
// comments of the discussion.
func (a *Adapter) commentNode(ctx context.Context, op string, p place, id int64) (commentNode, error) {
	return a.comments.Get(ctx, formatID(id), func(ctx context.Context) (commentNode, error) {
		all, err := a.discussionItems(ctx, p)
		if err != nil {
			return commentNode{}, err
		}
		for _, s := range all {
			if int64(s.ID) == id && s.kind == discussionComment {
				return commentNode{Node: s.NodeID, Parent: int64(s.Parent)}, nil
			}
		}
		return commentNode{}, platformError(op, chat.CodeNotFound, errors.New("the discussion has no such comment"))
	})
}

// addDiscussionComment posts a comment, below another one unless to is 0. If to is itself
// below a comment, the new comment is below that one.
func (a *Adapter) addDiscussionComment(ctx context.Context, p place, to int64, text string) (int64, error) {
	const op = "AddDiscussionComment"
	node, err := a.discussionNode(ctx, p)
	if err != nil {
		return 0, err
	}
	input := map[string]any{"discussionId": node, "body": text}
	parent := int64(0)
	if to != 0 {
		answered, err := a.commentNode(ctx, op, p, to)
		if err != nil {
			return 0, err
		}
		if parent = to; answered.Parent != 0 {
			parent = answered.Parent
			if answered, err = a.commentNode(ctx, op, p, parent); err != nil {
				return 0, err
			}
		}
		input["replyToId"] = answered.Node
	}
	got, err := query[struct {
		Added *struct {
			Comment *struct {
				ID         string
				DatabaseID number
			}
		} `json:"addDiscussionComment"`
	}](ctx, a, op, p, addComment, map[string]any{"input": input})
	if err != nil {
		return 0, err
	}
	if got.Added == nil || got.Added.Comment == nil {
		return 0, platformError(op, chat.CodeTemporary, errors.New("the answer has no comment"))
	}
	id := int64(got.Added.Comment.DatabaseID)
	a.comments.Learn(ctx, formatID(id), commentNode{Node: got.Added.Comment.ID, Parent: parent})
	return id, nil
}

func (a *Adapter) updateDiscussionComment(ctx context.Context, p place, id int64, text string) error {
	const op = "UpdateDiscussionComment"
	node, err := a.commentNode(ctx, op, p, id)
	if err != nil {
		return err
	}
	_, err = query[struct{}](ctx, a, op, p, updateComment, map[string]any{"input": map[string]any{"commentId": node.Node, "body": text}})
	return err
}

func (a *Adapter) deleteDiscussionComment(ctx context.Context, p place, id int64) error {
	const op = "DeleteDiscussionComment"
	node, err := a.commentNode(ctx, op, p, id)
	if err != nil {
		return err
	}
	_, err = query[struct{}](ctx, a, op, p, deleteComment, map[string]any{"input": map[string]any{"id": node.Node}})
	return err
}
