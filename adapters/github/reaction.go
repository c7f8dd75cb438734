package github

import (
	"context"
	"errors"
	"fmt"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// reactions are the eight reactions of GitHub, with their names in both APIs.
// https://docs.github.com/en/rest/reactions/reactions#about-reactions
// https://docs.github.com/en/graphql/reference/enums#reactioncontent
var reactions = map[emoji.Emoji]struct{ rest, graphql string }{
	emoji.ThumbsUp: {"+1", "THUMBS_UP"}, emoji.ThumbsDown: {"-1", "THUMBS_DOWN"}, emoji.Laugh: {"laugh", "LAUGH"}, emoji.Confused: {"confused", "CONFUSED"},
	emoji.Heart: {"heart", "HEART"}, emoji.Party: {"hooray", "HOORAY"}, emoji.Rocket: {"rocket", "ROCKET"}, emoji.Eyes: {"eyes", "EYES"},
}

const addReaction = `mutation AddReaction($input: AddReactionInput!) { addReaction(input: $input) { reaction { content } } }`

const removeReaction = `mutation RemoveReaction($input: RemoveReactionInput!) { removeReaction(input: $input) { reaction { content } } }`

// AddReaction adds one of GitHub's eight reactions. Any other one is
// [errors.ErrUnsupported].
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	_, err := a.react(ctx, "AddReaction", addReaction, thread, id, name)
	return err
}

// RemoveReaction removes a reaction of the bot. The REST API deletes a reaction by its
// number, so the adapter first adds the reaction again, which returns the number.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	added, err := a.react(ctx, "RemoveReaction", removeReaction, thread, id, name)
	if err != nil || added == nil {
		return err
	}
	patience := a.host.RateLimitWait()
	return adapterkit.Retry(ctx, &patience, func() error { return a.unreact(ctx, added) })
}

// reacted is a reaction that was added by the REST API.
type reacted struct {
	place  place
	remark remark
	id     int64
}

// react adds a reaction by the REST API. For discussions and reviews it sends the GraphQL
// mutation instead, which adds or removes, and returns nil.
func (a *Adapter) react(ctx context.Context, op, mutation string, thread chat.ThreadID, id chat.MessageID, name string) (*reacted, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := where(thread)
	if err != nil {
		return nil, err
	}
	r, err := p.remarkOf(op, id)
	if err != nil {
		return nil, err
	}
	content, err := a.contentOf(name)
	if err != nil {
		return nil, err
	}
	if p.kind == discussion || r.kind == review {
		node, err := a.nodeOf(ctx, op, p, r)
		if err != nil {
			return nil, err
		}
		_, err = query[struct{}](ctx, a, op, p, mutation, map[string]any{"input": map[string]any{"subjectId": node, "content": content.graphql}})
		return nil, err
	}
	added, err := call(ctx, a, "reactions/create", p, func(c *gh.Client) (*gh.Reaction, *gh.Response, error) {
		switch r.kind {
		case issueComment:
			return c.Reactions.CreateIssueCommentReaction(ctx, p.owner, p.repo, r.id, content.rest)
		case reviewComment:
			return c.Reactions.CreatePullRequestCommentReaction(ctx, p.owner, p.repo, r.id, content.rest)
		}
		return c.Reactions.CreateIssueReaction(ctx, p.owner, p.repo, p.number, content.rest)
	})
	return &reacted{p, r, added.GetID()}, err
}

func (a *Adapter) unreact(ctx context.Context, added *reacted) error {
	p, r := added.place, added.remark
	_, err := call(ctx, a, "reactions/delete", p, func(c *gh.Client) (none struct{}, answer *gh.Response, err error) {
		switch r.kind {
		case issueComment:
			answer, err = c.Reactions.DeleteIssueCommentReaction(ctx, p.owner, p.repo, r.id, added.id)
		case reviewComment:
			answer, err = c.Reactions.DeletePullRequestCommentReaction(ctx, p.owner, p.repo, r.id, added.id)
		default:
			answer, err = c.Reactions.DeleteIssueReaction(ctx, p.owner, p.repo, p.number, added.id)
		}
		return none, answer, err
	})
	return err
}

// contentOf returns a reaction by its name or GitHub's spelling.
func (a *Adapter) contentOf(name string) (struct{ rest, graphql string }, error) {
	for _, content := range reactions {
		if content.rest == name {
			return content, nil
		}
	}
	if known, err := a.host.Emoji().Read(name); err == nil {
		if content, ok := reactions[known]; ok {
			return content, nil
		}
	}
	return struct{ rest, graphql string }{}, fmt.Errorf("github: the reaction %q, which is not one of GitHub's eight: %w", name, errors.ErrUnsupported)
}

// nodeOf returns the node id of a message.
func (a *Adapter) nodeOf(ctx context.Context, op string, p place, r remark) (string, error) {
	switch r.kind {
	case discussionComment:
		node, err := a.commentNode(ctx, op, p, r.id)
		return node.Node, err
	case review:
		found, err := a.review(ctx, p, r.id)
		if err != nil {
			return "", err
		}
		return found.NodeID, nil
	}
	return a.discussionNode(ctx, p)
}
