package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// mediaIDKey is the key of a file's id in FetchMetadata. The TypeScript SDK has the
	// same.
	mediaIDKey = "mediaId"
	// contentKey is the key of the content itself, of a location or a contact.
	contentKey = "content"
)

// attachments returns the file of a message, its location or its contacts.
func (m *message) attachments() []chat.Attachment {
	if kind, file := m.file(); file != nil && file.ID != "" {
		mimeType, _, _ := strings.Cut(file.MIMEType, ";")
		return []chat.Attachment{{Type: kind, Name: file.FileName, MIMEType: strings.TrimSpace(mimeType), FetchMetadata: map[string]string{mediaIDKey: file.ID}}}
	}
	if m.Type == "location" {
		return []chat.Attachment{m.Location.attachment()}
	}
	var all []chat.Attachment
	if m.Type == "contacts" {
		for i := range m.Contacts {
			all = append(all, m.Contacts[i].attachment())
		}
	}
	return all
}

// attachment returns a location as GeoJSON. Its URL shows it on a map, as in the
// TypeScript SDK.
func (l *location) attachment() chat.Attachment {
	properties := map[string]string{}
	if l.Name != "" {
		properties["name"] = l.Name
	}
	if l.Address != "" {
		properties["address"] = l.Address
	}
	// https://www.rfc-editor.org/rfc/rfc7946#section-3.2
	content, _ := json.Marshal(map[string]any{
		"type": "Feature", "properties": properties,
		"geometry": map[string]any{"type": "Point", "coordinates": []float64{l.Longitude, l.Latitude}},
	})
	at := chat.Attachment{
		Type: "file", Name: l.Name, MIMEType: "application/geo+json", Size: int64(len(content)),
		URL:           "https://www.google.com/maps?q=" + l.coordinates(),
		FetchMetadata: map[string]string{contentKey: string(content)},
	}
	if at.Name == "" {
		at.Name = "Location"
	}
	return at
}

var errNoMedia = errors.New("the attachment has no media id, so it is not from WhatsApp")

// FetchAttachment opens an attachment of at most limit bytes; the caller closes it. A
// file comes from WhatsApp, which keeps it for seven days. A location is GeoJSON, and a
// contact is a vCard. A larger attachment is [chat.ErrInvalid], and one without a media
// id [chat.ErrNotFound].
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: whatsapp: the attachment is nil", chat.ErrInvalidArgument)
	}
	if content := at.FetchMetadata[contentKey]; content != "" {
		if int64(len(content)) > limit {
			return nil, tooLarge(int64(len(content)), limit)
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}
	id := at.FetchMetadata[mediaIDKey]
	if id == "" {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "media", Code: chat.CodeNotFound, Err: errNoMedia}
	}
	var file struct {
		URL  string `json:"url"`
		Size int64  `json:"file_size"`
	}
	if _, err := a.client.Do(ctx, platform.Call{Op: "media", Path: url.PathEscape(id), Into: &file}); err != nil {
		return nil, err
	}
	if file.Size > limit {
		return nil, tooLarge(file.Size, limit)
	}
	return a.files.Open(ctx, platform.Download{URL: file.URL, Limit: limit, Authorize: a.authorizeDownload})
}

func tooLarge(size, limit int64) error {
	return &chat.PlatformError{Adapter: adapterName, Op: "media", Code: chat.CodeInvalid, Err: fmt.Errorf("the file has %d bytes, want at most %d", size, limit)}
}

// mediaHost is the host from which WhatsApp serves files. Its requests need the token.
const mediaHost = "lookaside.fbsbx.com"

func (a *Adapter) authorizeDownload(r *http.Request) {
	own := a.config.APIURL != meta.GraphURL && platform.IsOrigin(r.URL, a.config.APIURL)
	if own || r.URL.Scheme == "https" && r.URL.Host == mediaHost {
		r.Header.Set("Authorization", "Bearer "+a.config.AccessToken)
	}
}
