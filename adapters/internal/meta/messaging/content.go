package messaging

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// part is one message of a post.
type part struct {
	message map[string]any
	file    *chat.File // uploaded with it
	simpler []part     // what takes its place where the platform cannot take it
}

func textPart(text string) part { return part{message: map[string]any{"text": text}} }

// render returns a post as the messages that it takes: pictures and files, and below them
// the text, so that its quick replies, which go when a message follows, come last.
func (a *Adapter) render(ctx context.Context, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: %s: the post is nil", chat.ErrInvalidArgument, a.cfg.Name)
	}
	parts, err := a.fileParts(post.Files)
	if err != nil {
		return nil, err
	}
	said := *post
	said.Attachments = nil
	for i := range post.Attachments {
		at := &post.Attachments[i]
		if p, ok := a.attachmentPart(at); ok {
			parts = append(parts, p)
		} else {
			said.Attachments = append(said.Attachments, *at)
		}
	}
	texts := a.texts(&said, format.NoActions)
	if post.Card != nil {
		if texts, err = a.cardParts(ctx, &said); err != nil {
			return nil, err
		}
	}
	if parts = append(parts, texts...); len(parts) == 0 {
		return nil, fmt.Errorf("%w: %s: the post has nothing to show", chat.ErrInvalidArgument, a.cfg.Name)
	}
	return parts, nil
}

// texts returns what a post says in words.
func (a *Adapter) texts(post *chat.Post, actions format.CardActions) []part {
	var parts []part
	for _, piece := range a.pieces(post, actions) {
		parts = append(parts, textPart(piece))
	}
	return parts
}

// pieces are the words of a post in texts that fit. The platform shows plain text.
func (a *Adapter) pieces(post *chat.Post, actions format.CardActions) []string {
	var pieces []string
	for _, piece := range format.SplitText(format.RenderPost(post, actions, format.Markup{}), a.cfg.MaxText, a.cfg.Unit) {
		if piece = strings.TrimSpace(piece); piece != "" {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// fileParts are files that are uploaded, each a message.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets
func (a *Adapter) fileParts(files []chat.File) ([]part, error) {
	var parts []part
	for i := range files {
		f := files[i]
		if f.Content == nil {
			return nil, fmt.Errorf("%w: %s: Files[%d].Content is nil", chat.ErrInvalidArgument, a.cfg.Name, i)
		}
		if f.Name == "" {
			return nil, fmt.Errorf("%w: %s: Files[%d].Name is empty", chat.ErrInvalidArgument, a.cfg.Name, i)
		}
		f.MIMEType = platform.MediaTypeOf(f.MIMEType, f.Name)
		kind := a.cfg.Kind(mediaType(f.MIMEType))
		if kind == "" {
			return nil, fmt.Errorf("%s: Files[%d] is %s, which the platform does not take: %w", a.cfg.Name, i, f.MIMEType, errors.ErrUnsupported)
		}
		content := bufio.NewReader(f.Content)
		if _, err := content.Peek(1); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: %s: Files[%d].Content has no bytes, which the platform does not take", chat.ErrInvalidArgument, a.cfg.Name, i)
		}
		f.Content = content
		parts = append(parts, part{message: attachmentOf(kind, map[string]any{}), file: &f})
	}
	return parts, nil
}

// attachmentPart is a file that is elsewhere, which the platform fetches; or, if it
// cannot, a link to it.
func (a *Adapter) attachmentPart(at *chat.Attachment) (part, bool) {
	u, err := url.Parse(at.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return part{}, false
	}
	name := at.Name
	if name == "" {
		name = path.Base(u.Path)
	}
	kind := a.cfg.Kind(mediaType(platform.MediaTypeOf(at.MIMEType, name)))
	if at.MIMEType == "" && at.Type != "file" && at.Type != "" {
		kind = a.cfg.Kind(at.Type + "/*")
	}
	if kind == "" {
		return part{}, false
	}
	link := &chat.Post{Attachments: []chat.Attachment{*at}}
	return part{message: attachmentOf(kind, map[string]any{"url": at.URL}), simpler: a.texts(link, format.NoActions)}, true
}

func attachmentOf(kind string, payload map[string]any) map[string]any {
	return map[string]any{"attachment": map[string]any{"type": kind, "payload": payload}}
}

// mediaType is a media type without parameters.
func mediaType(text string) string {
	text, _, _ = strings.Cut(text, ";")
	return strings.ToLower(strings.TrimSpace(text))
}

// isLink reports whether the platform takes an address as that of a page or picture.
func isLink(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
