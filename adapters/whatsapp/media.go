package whatsapp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// mediaContent is a file in a message.
type mediaContent struct {
	ID       string `json:"id"`
	Caption  string `json:"caption,omitempty"`
	FileName string `json:"filename,omitempty"` // of a document
}

// mediaTypes are the media types that WhatsApp takes, by the kind of message that shows
// them. WhatsApp refuses an upload of another type with a list of types. That list also
// has audio/opus and image/webp (for stickers), which the documentation does not allow
// in messages of these kinds:
// https://github.com/fbsamples/whatsapp-api-examples/issues/10.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types
var mediaTypes = map[string][]string{
	"image": {"image/jpeg", "image/png"},
	"video": {"video/mp4", "video/3gpp"},
	"audio": {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
	"document": {
		textPlain, "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	},
}

const textPlain = "text/plain"

// kindOf returns the kind of message for a file, and the media type to send. Any text
// is sent as plain text.
func kindOf(f *chat.File) (kind, mediaType string, ok bool) {
	mediaType, _, _ = strings.Cut(platform.MediaTypeOf(f.MIMEType, f.Name), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if strings.HasPrefix(mediaType, "text/") || slices.Contains([]string{"application/json", "application/xml", "application/yaml"}, mediaType) {
		mediaType = textPlain
	}
	for kind, types := range mediaTypes {
		if slices.Contains(types, mediaType) {
			return kind, mediaType, true
		}
	}
	return "", mediaType, false
}

// withFiles adds the files, each as a message of its own. If the only text fits into
// the caption of the first file, it becomes that caption. Of each file it reads only
// the first byte.
func withFiles(parts []part, files []chat.File) ([]part, error) {
	for i, f := range files {
		switch {
		case f.Content == nil:
			return nil, fmt.Errorf("%w: whatsapp: Files[%d].Content is nil", chat.ErrInvalidArgument, i)
		case f.Name == "":
			return nil, fmt.Errorf("%w: whatsapp: Files[%d].Name is empty", chat.ErrInvalidArgument, i)
		}
		kind, mediaType, ok := kindOf(&f)
		if !ok {
			return nil, fmt.Errorf("whatsapp: Files[%d] is %q, and WhatsApp takes pictures (JPEG, PNG), video (MP4, 3GP), audio, PDF, Office documents and text: %w", i, mediaType, errors.ErrUnsupported)
		}
		content := bufio.NewReader(f.Content)
		if _, err := content.Peek(1); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: whatsapp: Files[%d].Content is empty, and WhatsApp takes no empty file", chat.ErrInvalidArgument, i)
		}
		file := &chat.File{Name: fileName(f.Name), MIMEType: mediaType, Content: content}
		if i == 0 && len(parts) == 1 && parts[0].request.Text != nil && kind != "audio" && format.Length(parts[0].request.Text.Body, format.UTF16) <= maxCaption {
			parts[0] = mediaPart(kind, file, parts[0].request.Text.Body)
			continue
		}
		parts = append(parts, mediaPart(kind, file, ""))
	}
	return parts, nil
}

// maxFileName bounds the name of a document, in characters.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/document-messages
const maxFileName = 240

// fileName returns a name that is one line and not too long. The name keeps its
// extension, since WhatsApp chooses the icon by it.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "\ufffd"))
	extension := path.Ext(name)
	if len(extension) > maxFileName/2 {
		extension = ""
	}
	return format.Shorten(strings.TrimSuffix(name, extension), maxFileName-len(extension), format.UTF16) + extension
}

func mediaPart(kind string, file *chat.File, caption string) part {
	content := &mediaContent{Caption: caption}
	p := part{file: file, media: content, request: request{Type: kind}}
	switch kind {
	case "image":
		p.request.Image = content
	case "video":
		p.request.Video = content
	case "audio":
		p.request.Audio = content
	default:
		content.FileName = file.Name
		p.request.Document = content
	}
	return p
}

var errNoMediaID = errors.New("the answer has no id of the file")

// upload uploads the file of a part, once.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#upload-media
func (a *Adapter) upload(ctx context.Context, number string, p *part) error {
	if p.media == nil || p.media.ID != "" {
		return nil
	}
	var uploaded struct {
		ID string `json:"id"`
	}
	_, err := a.uploads.Do(ctx, platform.Call{Op: "media", Path: number + "/media", Into: &uploaded, Body: platform.Multipart{
		Fields: url.Values{"messaging_product": {"whatsapp"}, "type": {p.file.MIMEType}},
		Files:  []platform.FormFile{{Field: "file", File: *p.file}},
	}})
	if err == nil && uploaded.ID == "" {
		err = &chat.PlatformError{Adapter: adapterName, Op: "media", Code: chat.CodeTemporary, Err: errNoMediaID}
	}
	p.media.ID = uploaded.ID
	return err
}
