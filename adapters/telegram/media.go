package telegram

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

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// media is the file of a message: one that is uploaded, or one that Telegram already
// has. https://core.telegram.org/bots/api#sending-files
type media struct {
	kind string     // the name of its argument, such as "photo"
	file *chat.File // nil if Telegram has the file
	id   string     // the file_id, if Telegram has the file
}

// sendMethods are the methods that send each kind of file.
var sendMethods = map[string]string{
	"photo": "sendPhoto", "document": "sendDocument", "video": "sendVideo", "animation": "sendAnimation",
	"audio": "sendAudio", "voice": "sendVoice", "video_note": "sendVideoNote", "sticker": "sendSticker",
}

// takesCaption reports whether the file can have a caption.
func (m *media) takesCaption() bool { return m.kind != "video_note" && m.kind != "sticker" }

// withoutKnownFiles returns a post without the attachments that came from Telegram, and
// these attachments as media. They are sent by their id.
func withoutKnownFiles(post *chat.Post) (*chat.Post, []*media) {
	var known []*media
	var others []chat.Attachment
	for i := range post.Attachments {
		meta := post.Attachments[i].FetchMetadata
		if m := (&media{kind: meta[fileKindKey], id: meta[fileIDKey]}); m.id != "" && sendMethods[m.kind] != "" {
			known = append(known, m)
		} else {
			others = append(others, post.Attachments[i])
		}
	}
	if len(known) == 0 {
		return post, nil
	}
	rest := *post
	rest.Attachments = others
	return &rest, known
}

// withMedia adds a message for each file: first those that Telegram has, then the files
// to upload. If the post has one text that fits into a caption, the first file gets it.
func withMedia(parts []part, all []*media, files []chat.File) ([]part, error) {
	files = slices.Clone(files)
	for i := range files {
		f := &files[i]
		if f.Content == nil {
			return nil, fmt.Errorf("%w: telegram: Files[%d].Content is nil", chat.ErrInvalidArgument, i)
		}
		if f.Name == "" {
			return nil, fmt.Errorf("%w: telegram: Files[%d].Name is empty", chat.ErrInvalidArgument, i)
		}
		content := bufio.NewReader(f.Content)
		if _, err := content.Peek(1); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: telegram: Files[%d].Content has no bytes, which Telegram does not take", chat.ErrInvalidArgument, i)
		}
		f.Content = content
		all = append(all, &media{kind: kindOf(f), file: f})
	}
	for i, m := range all {
		if i == 0 && len(parts) == 1 && m.takesCaption() && format.Length(parts[0].text, format.UTF16) <= maxCaption {
			parts[0].media = m
			continue
		}
		parts = append(parts, part{media: m})
	}
	return parts, nil
}

// kindOf returns the kind that a file is sent as: a photo if its media type allows it,
// else a document.
func kindOf(f *chat.File) string {
	switch platform.MediaTypeOf(f.MIMEType, f.Name) {
	case "image/jpeg", "image/png", "image/webp":
		return "photo"
	}
	return "document"
}

// albumKinds are the kinds of files that an album can have. Kinds with the same value
// may be in one album.
// https://core.telegram.org/bots/api#sendmediagroup
var albumKinds = map[string]string{"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}

// albumOf returns how many parts from the first on can be one album. An album cannot
// have buttons.
func albumOf(parts []part) int {
	n := 0
	for n < min(len(parts), maxAlbum) {
		p := &parts[n]
		if p.media == nil || p.keyboard != nil || albumKinds[p.media.kind] == "" || albumKinds[p.media.kind] != albumKinds[parts[0].media.kind] {
			break
		}
		n++
	}
	return n
}

// sendMedia sends a message with a file.
func (a *Adapter) sendMedia(ctx context.Context, at place, args params, p *part, sent *message) error {
	if p.text != "" {
		p.write(args, "caption", "caption_entities")
	}
	var files []platform.FormFile
	if p.media.file != nil {
		files = append(files, platform.FormFile{Field: p.media.kind, File: *p.media.file})
	} else {
		args[p.media.kind] = p.media.id
	}
	return a.upload(ctx, sendMethods[p.media.kind], at, args, files, sent)
}

// sendAlbum sends files as one album and returns the ids of its messages.
func (a *Adapter) sendAlbum(ctx context.Context, at place, answers int64, parts []part) ([]chat.MessageID, error) {
	var items []params
	var files []platform.FormFile
	for i := range parts {
		m := parts[i].media
		item := params{"type": m.kind, "media": m.id}
		if m.file != nil {
			name := "file" + strconv.Itoa(i)
			item["media"] = "attach://" + name
			files = append(files, platform.FormFile{Field: name, File: *m.file})
		}
		if parts[i].text != "" {
			parts[i].write(item, "caption", "caption_entities")
		}
		items = append(items, item)
	}
	args := answerTo(answers)
	args["media"] = items
	var sent []message
	if err := a.upload(ctx, "sendMediaGroup", at, args, files, &sent); err != nil {
		return nil, err
	}
	if len(sent) != len(parts) {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "sendMediaGroup", Code: chat.CodeTemporary, Err: fmt.Errorf("the album has %d messages, want %d", len(sent), len(parts))}
	}
	var ids []chat.MessageID
	for i := range sent {
		a.learnTopic(&sent[i])
		ids = append(ids, at.messageID(sent[i].ID))
	}
	return ids, nil
}

// upload calls a method with files.
func (a *Adapter) upload(ctx context.Context, method string, at place, args params, files []platform.FormFile, into any) error {
	if len(files) == 0 {
		return a.send(ctx, method, at, args, into)
	}
	args.setTopic(at)
	a.setChat(args, at)
	fields, err := formOf(args)
	if err != nil {
		return err
	}
	err = a.do(ctx, a.uploads, method, platform.Multipart{Fields: fields, Files: files}, into)
	if moved, ok := errors.AsType[*migratedError](err); ok { // the files have been read, so only the next attempt can send them
		a.learnMigration(ctx, method, at, moved)
		return &chat.PlatformError{Adapter: adapterName, Op: method, Code: chat.CodeTemporary, Err: moved}
	}
	return err
}

// formOf returns arguments as the fields of a form. Values that are not strings are JSON.
func formOf(args params) (url.Values, error) {
	fields := url.Values{}
	for name, value := range args {
		if text, ok := value.(string); ok {
			fields.Set(name, text)
			continue
		}
		data, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		fields.Set(name, strings.TrimSpace(string(data)))
	}
	return fields, nil
}
