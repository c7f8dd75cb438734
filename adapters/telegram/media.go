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

// media is what a message shows above its text: a file that is uploaded, or one that
// Telegram has. https://core.telegram.org/bots/api#sending-files
type media struct {
	kind string     // such as "photo": the argument that has it
	file *chat.File // nil: Telegram has it
	id   string     // its file_id
}

// sendMethods are the methods that send each kind. A file keeps its kind when it is
// sent again.
var sendMethods = map[string]string{
	"photo": "sendPhoto", "document": "sendDocument", "video": "sendVideo", "animation": "sendAnimation",
	"audio": "sendAudio", "voice": "sendVoice", "video_note": "sendVideoNote", "sticker": "sendSticker",
}

// takesCaption reports whether a text can stand under it.
func (m *media) takesCaption() bool { return m.kind != "video_note" && m.kind != "sticker" }

// withoutKnownFiles takes the attachments out of a post that have come from Telegram,
// which are sent by their id.
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

// withMedia adds what Telegram has and what is uploaded, each a message: the first
// takes a text that fits into its caption.
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

// kindOf is what a file is sent as: a picture if Telegram takes it so, else a document.
func kindOf(f *chat.File) string {
	switch platform.MediaTypeOf(f.MIMEType, f.Name) {
	case "image/jpeg", "image/png", "image/webp":
		return "photo"
	}
	return "document"
}

// albumKinds are the kinds that albums have: each with those of the same name.
// https://core.telegram.org/bots/api#sendmediagroup
var albumKinds = map[string]string{"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}

// albumOf returns how many of the parts, from the first on, are one album. Albums have
// no buttons.
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
	if moved, ok := errors.AsType[*migratedError](err); ok { // the files have been read: the next attempt goes there
		a.learnMigration(ctx, method, at, moved)
		return &chat.PlatformError{Adapter: adapterName, Op: method, Code: chat.CodeTemporary, Err: moved}
	}
	return err
}

// formOf writes arguments as the fields of a form: what is no text, as JSON.
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
