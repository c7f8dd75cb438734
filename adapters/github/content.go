package github

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

// maxComment is the length of the longest comment. GitHub's refusal says "Body is too long
// (maximum is 65536 characters)". How it counts is not documented.
const maxComment = 65536

// render returns the comments that a post is sent as.
func (a *Adapter) render(ctx context.Context, post *chat.Post) ([]string, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: github: the post is nil", chat.ErrInvalidArgument)
	}
	if len(post.Files) > 0 {
		return nil, fmt.Errorf("github: GitHub's API has no upload of files: %w", errors.ErrUnsupported)
	}
	source := a.gfm(ctx, post)
	var parts []string
	for _, part := range format.SplitMarkdown(strings.ToValidUTF8(source, "\uFFFD"), maxComment, format.UTF16) {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: github: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// gfm returns a post in GitHub's Markdown, and Raw as it is. Buttons that open a page are
// links. GitHub has no other buttons, so those are their labels.
func (a *Adapter) gfm(ctx context.Context, post *chat.Post) string {
	source := post.Raw
	switch {
	case post.Card != nil:
		source = a.rewritten(ctx, format.CardMarkdown(post.Card, format.TextActions))
	case source == "":
		source = a.rewritten(ctx, post.AsMarkdown())
	}
	if links := format.AttachmentLinks(post.Attachments); len(links) > 0 {
		source = strings.TrimSuffix(source, "\n") + "\n\n" + markdown.Print(markdown.NewRoot(links...))
	}
	return source
}

// rewritten returns Markdown with emoji and mentions in GitHub's form. HTML is escaped, so
// it is shown as it was written, as on every other platform.
func (a *Adapter) rewritten(ctx context.Context, source string) string {
	return format.RewriteMarkdown(source, format.Rewrites{
		Emoji:   func(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) },
		Mention: func(id chat.UserID) string { return a.mention(ctx, id) },
		Less:    "&lt;",
	})
}

// mention returns "@" and the login of a user. If the user cannot be looked up, it is the
// id, which mentions nobody.
func (a *Adapter) mention(ctx context.Context, id chat.UserID) string {
	if !a.IsUserID(id) {
		if loginForm.MatchString(string(id)) {
			return "@" + string(id)
		}
		return string(id)
	}
	u, err := a.FetchUser(ctx, id)
	if err != nil {
		a.log.WarnContext(ctx, "a user to mention cannot be looked up", "user", string(id), "error", err)
		return string(id)
	}
	return "@" + u.UserName
}
