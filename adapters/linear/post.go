package linear

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	createComment  = `mutation CommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }`
	updateComment  = `mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }`
	deleteComment  = `mutation CommentDelete($id: String!) { commentDelete(id: $id) { success } }`
	createActivity = `mutation AgentActivityCreate($input: AgentActivityCreateInput!) { agentActivityCreate(input: $input) { success agentActivity { id sourceComment { id } } } }`
	createReaction = `mutation ReactionCreate($input: ReactionCreateInput!) { reactionCreate(input: $input) { success } }`
	deleteReaction = `mutation ReactionDelete($id: String!) { reactionDelete(id: $id) { success } }`
	reactionsQuery = `query CommentReactions($id: String!) { comment(id: $id) { reactions { id emoji user { id } } } }`
)

var (
	errAppendOnly = fmt.Errorf("linear: what an agent has posted in a session cannot be changed: %w", errors.ErrUnsupported)
	errNoTyping   = fmt.Errorf("linear: only a session of an agent can show typing: %w", errors.ErrUnsupported)
)

// PostMessage posts a comment. In a session it posts the response of the agent, or for a
// card with buttons or menus an elicitation. In an issue or a project without a comment in
// the thread id, the comment begins a thread.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	return a.post(ctx, p, post)
}

// PostChannelMessage posts a comment that begins a thread on the issue or project, and
// returns that thread.
func (a *Adapter) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	p, err := placeOf(channel)
	if err != nil {
		return "", "", err
	}
	id, err := a.post(ctx, place{issue: p.issue, project: p.project}, post)
	if err != nil {
		return "", "", err
	}
	p.comment = string(id)
	return p.threadID(), id, nil
}

func (a *Adapter) post(ctx context.Context, p place, post *chat.Post) (chat.MessageID, error) {
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return "", err
	}
	body, err := a.render(ctx, workspace, post)
	if err != nil {
		return "", err
	}
	if p.session != "" {
		if options := choicesOf(post); len(options) > 0 {
			return a.elicit(ctx, workspace, p, body, options)
		}
		return a.say(ctx, workspace, p, vars{"type": "response", "body": body}, false)
	}
	input := vars{"body": body}
	if p.project != "" {
		input["projectId"] = p.project
	} else {
		input["issueId"] = p.issue
	}
	if p.comment != "" {
		input["parentId"] = p.comment
	}
	var got struct{ CommentCreate struct{ Comment *ref } }
	if err := a.query(ctx, workspace, "commentCreate", createComment, vars{"input": input}, &got); err != nil {
		return "", err
	}
	if got.CommentCreate.Comment == nil {
		return "", failure("commentCreate", chat.CodeTemporary, "the answer has no comment")
	}
	return chat.MessageID(got.CommentCreate.Comment.ID), nil
}

// say posts an activity of the agent. An ephemeral activity is replaced by the next one.
// https://linear.app/developers/agent-interaction#activity-content-payload
func (a *Adapter) say(ctx context.Context, workspace string, p place, content vars, ephemeral bool) (chat.MessageID, error) {
	input := vars{"agentSessionId": p.session, "content": content}
	if ephemeral {
		input["ephemeral"] = true
	}
	return a.act(ctx, workspace, input)
}

// act creates an activity, and returns the id of its message.
func (a *Adapter) act(ctx context.Context, workspace string, input vars) (chat.MessageID, error) {
	var got struct {
		AgentActivityCreate struct {
			AgentActivity *struct {
				ID            string
				SourceComment *ref
			}
		}
	}
	if err := a.query(ctx, workspace, "agentActivityCreate", createActivity, vars{"input": input}, &got); err != nil {
		return "", err
	}
	activity := got.AgentActivityCreate.AgentActivity
	switch {
	case activity == nil:
		return "", failure("agentActivityCreate", chat.CodeTemporary, "the answer has no activity")
	case activity.SourceComment != nil:
		return chat.MessageID(activity.SourceComment.ID), nil
	}
	return chat.MessageID(activity.ID), nil
}

// EditMessage replaces a comment. In a session the error is [errors.ErrUnsupported].
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	p, workspace, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	body, err := a.render(ctx, workspace, post)
	if err != nil {
		return err
	}
	if p.session != "" {
		return errAppendOnly
	}
	return a.query(ctx, workspace, "commentUpdate", updateComment, vars{"id": id, "input": vars{"body": body}}, nil)
}

// DeleteMessage deletes a comment. In a session the error is [errors.ErrUnsupported].
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	p, workspace, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	if p.session != "" {
		return errAppendOnly
	}
	return a.query(ctx, workspace, "commentDelete", deleteComment, vars{"id": id}, nil)
}

// changeable returns the place and the workspace of a message in a thread.
func (a *Adapter) changeable(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (place, string, error) {
	if err := ctx.Err(); err != nil {
		return place{}, "", err
	}
	p, err := messageIn(thread, id)
	if err != nil {
		return place{}, "", err
	}
	workspace, err := a.workspaceOf(ctx, p)
	return p, workspace, err
}

// render returns a post as Linear's Markdown, with its files uploaded.
func (a *Adapter) render(ctx context.Context, workspace string, post *chat.Post) (string, error) {
	if post == nil {
		return "", fmt.Errorf("%w: linear: the post is nil", chat.ErrInvalidArgument)
	}
	body := post.Raw
	if body == "" {
		body = strings.TrimSpace(format.RewriteMarkdown(markdown.Print(format.PostTree(post, format.TextActions)), format.Rewrites{
			Emoji:   func(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) },
			Mention: func(user chat.UserID) string { return a.mention(ctx, workspace, user) },
			Less:    "&lt;",
		}))
	} else if links := format.AttachmentLinks(post.Attachments); len(links) > 0 {
		body += "\n\n" + strings.TrimSpace(markdown.Print(&markdown.Root{Children: links}))
	}
	files, err := a.upload(ctx, workspace, post.Files)
	if err != nil {
		return "", err
	}
	body = strings.TrimSpace(body + "\n\n" + strings.Join(files, "\n"))
	if body == "" {
		return "", fmt.Errorf("%w: linear: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return body, nil
}

// mention returns the address of a user's profile, by which Linear notifies the user.
// https://linear.app/developers/agent-interaction#mentions
func (a *Adapter) mention(ctx context.Context, workspace string, id chat.UserID) string {
	u, err := a.fetchUser(ctx, workspace, id)
	switch {
	case err != nil:
		return "@" + string(id)
	case u.URL != "":
		return u.URL
	}
	return "@" + u.DisplayName
}

// StartTyping shows the status in a session, as a thought that the next activity replaces.
// Without a status it is "Thinking…". Outside of sessions the error is
// [errors.ErrUnsupported].
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, status string) error {
	p, err := placeOf(thread)
	if err != nil {
		return err
	}
	if p.session == "" {
		return errNoTyping
	}
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return err
	}
	if status == "" {
		status = "Thinking…"
	}
	_, err = a.say(ctx, workspace, p, vars{"type": "thought", "body": status}, true)
	return err
}

// AddReaction adds a reaction of the bot to a comment. name is the name of an emoji or its
// characters.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	if name == "" {
		return fmt.Errorf("%w: linear: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	_, workspace, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	return a.query(ctx, workspace, "reactionCreate", createReaction, vars{"input": vars{"commentId": id, "emoji": a.writeEmoji(name)}}, nil)
}

// RemoveReaction removes a reaction of the bot from a comment. If there is none, it returns
// nil.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	_, workspace, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	self, err := a.self(ctx, workspace)
	if err != nil {
		return err
	}
	var got struct {
		Comment struct {
			Reactions []struct {
				ID, Emoji string
				User      *person
			}
		}
	}
	if err := a.query(ctx, workspace, "comment", reactionsQuery, vars{"id": id}, &got); err != nil {
		return err
	}
	wanted := a.readEmoji(a.writeEmoji(name))
	for _, r := range got.Comment.Reactions {
		if r.User == nil || r.User.ID != self.ID || a.readEmoji(r.Emoji) != wanted {
			continue
		}
		if err := a.query(ctx, workspace, "reactionDelete", deleteReaction, vars{"id": r.ID}, nil); err != nil && !errors.Is(err, chat.ErrNotFound) {
			return err
		}
	}
	return nil
}

// writeEmoji returns the characters of an emoji, the form that Linear accepts.
func (a *Adapter) writeEmoji(name string) string {
	if known, err := a.host.Emoji().Read(name); err == nil {
		return a.host.Emoji().Spell(known, adapterName)
	}
	return name
}

// readEmoji returns the emoji of a reaction: Linear sends characters or a short name.
func (a *Adapter) readEmoji(raw string) emoji.Emoji {
	if known, err := a.host.Emoji().Read(raw); err == nil {
		return known
	}
	return a.host.Emoji().FromUnicode(raw)
}
