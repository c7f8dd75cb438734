package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// mediaURLKey is the key of a file's address in FetchMetadata, as the TypeScript SDK
	// has it.
	mediaURLKey = "twilioMediaUrl"
	// maxMedia is more files than a message can have, which is ten.
	maxMedia = 100
)

// mediaHosts are where Twilio keeps files: the API, which leads on to one of the others.
// https://www.twilio.com/docs/messaging/api/media-resource
var mediaHosts = []string{".twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com"}

// attachments are the files of a message.
func (f form) attachments() []chat.Attachment {
	n, _ := strconv.Atoi(f["NumMedia"]) // 0 where there is none
	var all []chat.Attachment
	for i := range min(n, maxMedia) {
		address, mimeType := f["MediaUrl"+strconv.Itoa(i)], f["MediaContentType"+strconv.Itoa(i)]
		if address == "" {
			continue
		}
		all = append(all, chat.Attachment{Type: kindOf(mimeType), URL: address, MIMEType: mimeType, FetchMetadata: map[string]string{mediaURLKey: address}})
	}
	return all
}

// kindOf is what an attachment of a media type is.
func kindOf(mimeType string) string {
	kind, _, _ := strings.Cut(strings.ToLower(mimeType), "/")
	switch kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}

var errNoMedia = errors.New("the attachment has no address of Twilio's")

// FetchAttachment fetches a file that somebody has sent, with the account's credentials,
// which go to the API alone and not to where it leads.
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: twilio: the attachment is nil", chat.ErrInvalidArgument)
	}
	address := at.FetchMetadata[mediaURLKey]
	if address == "" {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "Media", Code: chat.CodeNotFound, Err: errNoMedia}
	}
	return a.files.Open(ctx, platform.Download{URL: address, Limit: limit, Authorize: a.authorizeDownload})
}

func (a *Adapter) authorizeDownload(r *http.Request) {
	if platform.IsOrigin(r.URL, DefaultAPIURL) || platform.IsOrigin(r.URL, a.config.APIURL) {
		r.Header.Set("Authorization", "Basic "+a.credentials())
	}
}
