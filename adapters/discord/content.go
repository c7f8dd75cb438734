package discord

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Discord's limits for a message. Discord does not document how it counts characters. The
// adapter counts UTF-16 units, which are never fewer than characters.
// https://docs.discord.com/developers/resources/message#create-message
const (
	maxContent = 2000
	maxFiles   = 10
	// maxMentions is how many users allowed_mentions names at most.
	maxMentions = 100
)

// ephemeralFlag marks a message that only one user sees.
// https://docs.discord.com/developers/resources/message#message-object-message-flags
const ephemeralFlag = 1 << 6

// part is one message of a post.
type part struct {
	content    string
	embeds     []embed
	components []actionRow
	files      []chat.File
	mentions   []string // the users who are notified
}

// render returns the messages that a post is sent as, at least one.
func (a *Adapter) render(ctx context.Context, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: discord: the post is nil", chat.ErrInvalidArgument)
	}
	var parts []part
	switch {
	case post.Raw != "":
		parts = append(rawParts(post), a.linkParts(post)...)
	case post.Card != nil:
		var err error
		if parts, err = a.cardParts(ctx, post); err != nil {
			return nil, err
		}
	default:
		parts = a.textParts(post)
	}
	parts = slices.DeleteFunc(parts, func(p part) bool {
		return isBlank(p.content) && len(p.embeds) == 0 && len(p.components) == 0
	})
	parts, err := withFiles(parts, post.Files)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: discord: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// isBlank reports whether a text has no visible character. Discord refuses such a text.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' }) == ""
}

// textParts returns the messages with the text of a post. Plain text is split before it
// is converted: as Markdown its line ends would be escaped, and a cut could divide an
// escape.
func (a *Adapter) textParts(post *chat.Post) []part {
	var m mentions
	markup := a.markup(&m)
	var texts []string
	if post.Text != "" {
		texts = plainTexts(post.Text, maxContent, markup)
	} else {
		texts = format.RenderParts(markdown.Print(format.PostTree(post, format.NoActions)), maxContent, format.UTF16, markup)
	}
	parts := make([]part, len(texts))
	for i, text := range texts {
		parts[i] = part{content: text, mentions: mentioned(text, m.users)}
	}
	if post.Text != "" {
		parts = append(parts, a.linkParts(post)...)
	}
	return parts
}

// rawParts returns the messages of a post in Discord's own markup.
func rawParts(post *chat.Post) (parts []part) {
	for _, text := range format.SplitText(post.Raw, maxContent, format.UTF16) {
		parts = append(parts, part{content: text})
	}
	return parts
}

// linkParts returns messages with links to the attachments of a post.
func (a *Adapter) linkParts(post *chat.Post) (parts []part) {
	links := format.AttachmentLinks(post.Attachments)
	if len(links) == 0 {
		return nil
	}
	for _, text := range format.RenderParts(markdown.Print(markdown.NewRoot(links...)), maxContent, format.UTF16, a.markup(&mentions{})) {
		parts = append(parts, part{content: text})
	}
	return parts
}

// plainTexts splits a text into parts that are short enough after escaping, and escapes
// them.
func plainTexts(text string, most int, markup format.Markup) (all []string) {
	for _, piece := range format.SplitText(text, most, format.UTF16) {
		shown := markup.Text(piece)
		if format.Length(shown, format.UTF16) <= maxContent || most < 2 {
			all = append(all, shown)
			continue
		}
		all = append(all, plainTexts(piece, most*3/4, markup)...)
	}
	return all
}

// mentioned returns those users whose mention is in the text, each once.
func mentioned(text string, users []string) (all []string) {
	for _, id := range users {
		if strings.Contains(text, "<@"+id+">") && !slices.Contains(all, id) && len(all) < maxMentions {
			all = append(all, id)
		}
	}
	return all
}

// withFiles adds the files to the last message, and to further ones if there are more
// than maxFiles.
func withFiles(parts []part, files []chat.File) ([]part, error) {
	files = slices.Clone(files)
	for i := range files {
		f := &files[i]
		switch {
		case f.Content == nil:
			return nil, fmt.Errorf("%w: discord: Files[%d].Content is nil", chat.ErrInvalidArgument, i)
		case f.Name == "":
			return nil, fmt.Errorf("%w: discord: Files[%d].Name is empty", chat.ErrInvalidArgument, i)
		}
		content := bufio.NewReader(f.Content)
		if _, err := content.Peek(1); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: discord: Files[%d].Content has no bytes", chat.ErrInvalidArgument, i)
		}
		f.Content = content
	}
	for i := 0; len(files) > 0; i++ {
		n := min(len(files), maxFiles)
		if i > 0 || len(parts) == 0 {
			parts = append(parts, part{})
		}
		parts[len(parts)-1].files, files = files[:n], files[n:]
	}
	return parts, nil
}

// body returns the arguments of a message. An edit also removes what the part lacks.
func (a *Adapter) body(p *part, edit bool) params {
	body := params{"allowed_mentions": a.allowedMentions(p)}
	if p.content != "" || edit {
		body["content"] = p.content
	}
	if len(p.embeds) > 0 || edit {
		body["embeds"] = append([]embed{}, p.embeds...)
	}
	if len(p.components) > 0 || edit {
		body["components"] = append([]actionRow{}, p.components...)
	}
	return body
}

// allowedMentions returns who is notified: the users whom the part mentions, and what the
// configuration allows.
// https://docs.discord.com/developers/resources/message#allowed-mentions-object
func (a *Adapter) allowedMentions(p *part) params {
	return params{
		"parse": append([]string{}, a.config.AllowedMentions...), "users": append([]string{}, p.mentions...), "replied_user": false,
	}
}

// withUploads returns a body with its files, which becomes a form. inside is the field of
// the body that has the message, or empty if the body is the message.
// https://docs.discord.com/developers/reference#uploading-files
func withUploads(body params, inside string, files []chat.File) (any, error) {
	if len(files) == 0 {
		return body, nil
	}
	list := make([]params, len(files))
	form := platform.Multipart{Files: make([]platform.FormFile, len(files))}
	for i, f := range files {
		list[i] = params{"id": i, "filename": f.Name}
		form.Files[i] = platform.FormFile{Field: "files[" + strconv.Itoa(i) + "]", File: f}
	}
	message := body
	if inside != "" {
		message, _ = body[inside].(params)
	}
	message["attachments"] = list
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	form.Fields = url.Values{"payload_json": {string(data)}}
	return form, nil
}
