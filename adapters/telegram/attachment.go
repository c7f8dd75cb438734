package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// fileIDKey is the key of a file's id in FetchMetadata, as in the TypeScript SDK.
const fileIDKey = "fileId"

// fileKindKey is the key of a file's kind in FetchMetadata, such as "photo". A file that
// is sent again by its id must be sent as the same kind.
const fileKindKey = "kind"

// attachments returns the files of a message. Telegram lists several sizes of a
// picture; the last one is the largest.
func (m *message) attachments() []chat.Attachment {
	var all []chat.Attachment
	add := func(kind, sort, mimeType string, f *file) {
		if f == nil || f.FileID == "" {
			return
		}
		at := chat.Attachment{
			Type: sort, Name: f.FileName, MIMEType: f.MIMEType, Size: f.Size, Width: f.Width, Height: f.Height,
			FetchMetadata: map[string]string{fileIDKey: f.FileID, fileKindKey: kind},
		}
		if at.MIMEType == "" {
			at.MIMEType = mimeType
		}
		all = append(all, at)
	}
	if n := len(m.Photo); n > 0 {
		add("photo", "image", "image/jpeg", &m.Photo[n-1])
	}
	add("animation", "video", "video/mp4", m.Animation)
	add("audio", "audio", "", m.Audio)
	if m.Animation == nil { // an animation is listed as a document, too
		add("document", "file", "", m.Document)
	}
	add("video", "video", "video/mp4", m.Video)
	add("video_note", "video", "video/mp4", m.VideoNote)
	add("voice", "audio", "audio/ogg", m.Voice)
	add("sticker", "image", "image/webp", m.Sticker)
	return all
}

var errNoFile = errors.New("the attachment has no file id of Telegram")

// FetchAttachment fetches a file of a message. limit is in bytes. A larger file is
// [chat.ErrInvalid], returned here or by Read. Telegram itself gives bots no files
// of more than 20 MB: https://core.telegram.org/bots/api#getfile. The caller closes the
// reader.
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: telegram: the attachment is nil", chat.ErrInvalidArgument)
	}
	id := at.FetchMetadata[fileIDKey]
	if id == "" {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "getFile", Code: chat.CodeNotFound, Err: errNoFile}
	}
	var file struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := a.do(ctx, a.client, "getFile", params{"file_id": id}, &file); err != nil {
		return nil, err
	}
	if file.Size > limit {
		return nil, &chat.PlatformError{
			Adapter: adapterName, Op: "getFile", Code: chat.CodeInvalid, Err: fmt.Errorf("the file has %d bytes, want at most %d", file.Size, limit),
		}
	}
	segments := strings.Split(file.Path, "/")
	for i, segment := range segments {
		if segment == "" || segment == "." || segment == ".." {
			return nil, &chat.PlatformError{Adapter: adapterName, Op: "getFile", Code: chat.CodeTemporary, Err: errors.New("the file has no path")}
		}
		segments[i] = url.PathEscape(segment)
	}
	address := a.config.APIURL + "/file/bot" + a.config.BotToken + "/" + strings.Join(segments, "/")
	return a.files.Open(ctx, platform.Download{URL: address, Limit: limit})
}
