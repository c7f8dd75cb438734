package github

import (
	"context"
	"errors"
	"fmt"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts a comment on an issue, a pull request or a discussion, or in a review
// thread, and returns its id. Edits and deletions of that id include the further comments
// of a long post. A post with files is [errors.ErrUnsupported].
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, 0, post)
}

// ReplyMessage posts a comment below a comment of a discussion, as PostMessage does. In a
// review thread every comment answers the first one, whatever to is. Comments on issues
// and pull requests cannot be answered: [errors.ErrUnsupported].
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	p, err := where(thread)
	if err != nil {
		return "", err
	}
	if p.kind != discussion && p.root == 0 {
		return "", fmt.Errorf("github: a comment on an issue or a pull request cannot be answered: %w", errors.ErrUnsupported)
	}
	r, err := p.remarkOf("reply", to)
	if err != nil {
		return "", err
	}
	return a.post(ctx, thread, r.id, post)
}

func (a *Adapter) post(ctx context.Context, thread chat.ThreadID, to int64, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := where(thread)
	if err != nil {
		return "", err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), a.calls(p, to, parts))
}

// EditMessage replaces a comment or the text of a review. The text of an issue, a pull
// request or a discussion is [errors.ErrUnsupported].
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	p, _, err := changeable(ctx, "edit", thread, id)
	if err != nil {
		return err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, p.canonical(id), len(parts), a.calls(p, 0, parts))
}

// DeleteMessage deletes a comment. Any other message is [errors.ErrUnsupported].
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	p, _, err := changeable(ctx, "delete", thread, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, p.canonical(id), a.calls(p, 0, nil))
}

// changeable returns the place and the parts of a message that op may change.
func changeable(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID) (place, remark, error) {
	if err := ctx.Err(); err != nil {
		return place{}, remark{}, err
	}
	p, err := where(thread)
	if err != nil {
		return place{}, remark{}, err
	}
	r, err := p.remarkOf(op, id)
	if err == nil && (r.kind == body || r.kind == review && op == "delete") {
		err = fmt.Errorf("github: %s the text of an issue, a pull request, a discussion or a review: %w", op, errors.ErrUnsupported)
	}
	return p, r, err
}

// canonical returns the id of a message in this SDK's form. id may have the TypeScript
// SDK's form.
func (p place) canonical(id chat.MessageID) chat.MessageID {
	r, err := p.remarkOf("", id)
	if err != nil {
		return id
	}
	return p.messageID(r)
}

// calls returns the calls that send, edit and delete the comments of a post. If to is not
// 0, the post answers that comment.
func (a *Adapter) calls(p place, to int64, parts []string) adapterkit.PartCalls {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			id, err := a.send(ctx, p, to, parts[i])
			return p.messageID(remark{p.comments(), id}), err
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			r, err := p.remarkOf("edit", id)
			if err != nil {
				return err
			}
			return a.edit(ctx, p, r, parts[i])
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			r, err := p.remarkOf("delete", id)
			if err != nil {
				return err
			}
			return a.remove(ctx, p, r)
		},
	}
}

// send posts a comment.
// https://docs.github.com/en/rest/issues/comments#create-an-issue-comment
// https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
func (a *Adapter) send(ctx context.Context, p place, to int64, text string) (int64, error) {
	switch {
	case p.kind == discussion:
		return a.addDiscussionComment(ctx, p, to, text)
	case p.root != 0:
		const op = "pulls/create-review-comment"
		sent, err := call(ctx, a, op, p, func(c *gh.Client) (*gh.PullRequestComment, *gh.Response, error) {
			return c.PullRequests.CreateCommentInReplyTo(ctx, p.owner, p.repo, p.number, text, p.root)
		})
		return checkedID(op, sent.GetID(), err)
	}
	const op = "issues/create-comment"
	sent, err := call(ctx, a, op, p, func(c *gh.Client) (*gh.IssueComment, *gh.Response, error) {
		return c.Issues.CreateComment(ctx, p.owner, p.repo, p.number, gh.IssueCommentRequest{Body: text})
	})
	return checkedID(op, sent.GetID(), err)
}

// edit replaces the text of a comment or a review.
func (a *Adapter) edit(ctx context.Context, p place, r remark, text string) (err error) {
	switch r.kind {
	case discussionComment:
		return a.updateDiscussionComment(ctx, p, r.id, text)
	case reviewComment:
		_, err = call(ctx, a, "pulls/update-review-comment", p, func(c *gh.Client) (*gh.PullRequestComment, *gh.Response, error) {
			return c.PullRequests.UpdateComment(ctx, p.owner, p.repo, r.id, gh.UpdatePullRequestCommentRequest{Body: text})
		})
	case review:
		_, err = call(ctx, a, "pulls/update-review", p, func(c *gh.Client) (*gh.PullRequestReview, *gh.Response, error) {
			return c.PullRequests.UpdateReview(ctx, p.owner, p.repo, p.number, r.id, text)
		})
	default:
		_, err = call(ctx, a, "issues/update-comment", p, func(c *gh.Client) (*gh.IssueComment, *gh.Response, error) {
			return c.Issues.UpdateComment(ctx, p.owner, p.repo, r.id, gh.IssueCommentRequest{Body: text})
		})
	}
	return err
}

// remove deletes a comment.
func (a *Adapter) remove(ctx context.Context, p place, r remark) error {
	if r.kind == discussionComment {
		return a.deleteDiscussionComment(ctx, p, r.id)
	}
	op := "issues/delete-comment"
	if r.kind == reviewComment {
		op = "pulls/delete-review-comment"
	}
	_, err := call(ctx, a, op, p, func(c *gh.Client) (none struct{}, answer *gh.Response, err error) {
		if r.kind == reviewComment {
			answer, err = c.PullRequests.DeleteComment(ctx, p.owner, p.repo, r.id)
		} else {
			answer, err = c.Issues.DeleteComment(ctx, p.owner, p.repo, r.id)
		}
		return none, answer, err
	})
	return err
}
