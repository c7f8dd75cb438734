package gchat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// maxUpload is in bytes.
	// https://developers.google.com/workspace/chat/api/reference/rest/v1/media/upload
	maxUpload = 200 << 20
	// uploadedTTL is the time for which the state knows that a message was sent in the
	// name of a user.
	uploadedTTL = 30 * 24 * time.Hour
	// resourceKey is the key of a file's name in FetchMetadata, as the TypeScript SDK has it.
	resourceKey = "resourceName"
	opUpload    = "media.upload"
	opDownload  = "media.download"
)

// attachments returns the files of a message. A file in Drive has only an address,
// because the app cannot open it.
func (m *message) attachments() []chat.Attachment {
	var all []chat.Attachment
	for i := range m.Attachments {
		f := &m.Attachments[i]
		at := chat.Attachment{Type: kindOf(f.ContentType), Name: f.ContentName, MIMEType: f.ContentType, URL: f.DownloadURI}
		switch {
		case f.Data != nil && f.Data.ResourceName != "":
			at.FetchMetadata = map[string]string{resourceKey: f.Data.ResourceName}
		case f.Drive != nil && f.Drive.FileID != "":
			at.URL = "https://drive.google.com/open?id=" + url.QueryEscape(f.Drive.FileID)
		}
		all = append(all, at)
	}
	return all
}

func kindOf(mimeType string) string {
	switch kind, _, _ := strings.Cut(mimeType, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}

// FetchAttachment opens a file that was uploaded to Chat, of at most limit bytes. The
// caller closes it. For a file in Drive it returns [errors.ErrUnsupported].
// https://developers.google.com/workspace/chat/api/reference/rest/v1/media/download
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if at == nil {
		return nil, fmt.Errorf("%w: gchat: the attachment is nil", chat.ErrInvalidArgument)
	}
	name := at.FetchMetadata[resourceKey]
	if name == "" {
		return nil, fmt.Errorf("gchat: a file that was not uploaded to Chat: %w", errors.ErrUnsupported)
	}
	segments := strings.Split(name, "/")
	for i, segment := range segments {
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("%w: gchat: the attachment has no resource name", chat.ErrInvalidArgument)
		}
		segments[i] = url.PathEscape(segment)
	}
	api, err := url.Parse(a.config.APIURL)
	if err != nil {
		return nil, err
	}
	var content io.ReadCloser
	err = a.authorized(ctx, "", func(token string) (err error) {
		content, err = a.files.Open(ctx, platform.Download{
			URL: a.config.APIURL + "/v1/media/" + strings.Join(segments, "/") + "?alt=media", Limit: limit,
			Authorize: func(r *http.Request) {
				if r.URL.Host == api.Host && r.URL.Scheme == api.Scheme {
					r.Header.Set("Authorization", "Bearer "+token)
				}
			},
		})
		return err
	})
	return content, err
}

// attach uploads a file and puts it into a message, both in the name of
// Config.ImpersonateUser.
func (a *Adapter) attach(ctx context.Context, at place, f *chat.File, c *call, body params) error {
	if f.Content == nil {
		return fmt.Errorf("%w: gchat: the file %q has no Content", chat.ErrInvalidArgument, f.Name)
	}
	content, err := io.ReadAll(io.LimitReader(f.Content, maxUpload+1))
	switch {
	case err != nil:
		return fmt.Errorf("gchat: reading the file %q: %w", f.Name, err)
	case len(content) == 0 || len(content) > maxUpload:
		return fmt.Errorf("%w: gchat: the file %q has %d bytes, want 1 to %d", chat.ErrInvalidArgument, f.Name, len(content), maxUpload)
	}
	upload, err := related(f, content)
	if err != nil {
		return err
	}
	upload.Path = "upload/v1/" + at.space + "/attachments:upload"
	var got struct {
		Ref *struct {
			Token string `json:"attachmentUploadToken"`
		} `json:"attachmentDataRef"`
	}
	upload.Into = &got
	if err := a.userCall(ctx, call{Call: upload, client: a.uploads}); err != nil {
		return err
	}
	if got.Ref == nil || got.Ref.Token == "" {
		return unexpected(opUpload, "the answer has no token")
	}
	body["attachment"] = []params{{"attachmentDataRef": params{"attachmentUploadToken": got.Ref.Token}}}
	c.user = a.config.ImpersonateUser
	return nil
}

// related returns the upload of a file, with the file's name, as one request of two
// parts. https://developers.google.com/workspace/chat/upload-media-attachments
func related(f *chat.File, content []byte) (platform.Call, error) {
	about, err := json.Marshal(params{"filename": cmp.Or(strings.ToValidUTF8(f.Name, "\uFFFD"), "file")})
	if err != nil {
		return platform.Call{}, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range []struct {
		kind    string
		content []byte
	}{{"application/json; charset=UTF-8", about}, {platform.MediaTypeOf(f.MIMEType, f.Name), content}} {
		w, err := form.CreatePart(textproto.MIMEHeader{"Content-Type": {p.kind}})
		if err == nil {
			_, err = w.Write(p.content)
		}
		if err != nil {
			return platform.Call{}, err
		}
	}
	if err := form.Close(); err != nil {
		return platform.Call{}, err
	}
	return platform.Call{
		Op: opUpload, Query: url.Values{"uploadType": {"multipart"}}, Body: body.Bytes(),
		Header: http.Header{"Content-Type": {"multipart/related; boundary=" + form.Boundary()}},
	}, nil
}

func uploadedKey(id string) string { return "gchat:uploaded:" + id }

// keepUploaded stores that a message with a file belongs to the impersonated user.
func (a *Adapter) keepUploaded(ctx context.Context, id string) {
	if a.config.ImpersonateUser == "" {
		return
	}
	if err := a.host.State().Set(ctx, uploadedKey(id), []byte("true"), uploadedTTL); err != nil {
		a.log.WarnContext(ctx, "a message with a file cannot be deleted later", "message", id, "error", err)
	}
}

func (a *Adapter) isUploaded(ctx context.Context, id chat.MessageID) bool {
	if a.config.ImpersonateUser == "" {
		return false
	}
	_, err := a.host.State().Get(ctx, uploadedKey(string(id)))
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		a.log.DebugContext(ctx, "it is not known in whose name a message was sent", "error", err)
	}
	return err == nil
}
