package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// fileHosts are the hosts of Discord's files.
// https://docs.discord.com/developers/reference#cdn-formatting
var fileHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

// The keys of an attachment's FetchMetadata. With them its address can be asked for
// again.
const (
	metaURL        = "url"
	metaThread     = "thread"
	metaMessage    = "message"
	metaAttachment = "attachment"
)

// attachments returns the files of a message.
func attachments(at place, m *message) []chat.Attachment {
	var all []chat.Attachment
	for _, f := range m.Attachments {
		kind, _, _ := strings.Cut(f.ContentType, "/")
		switch kind {
		case "image", "video", "audio":
		default:
			kind = "file"
		}
		all = append(all, chat.Attachment{
			Type: kind, URL: f.URL, Name: f.FileName, MIMEType: f.ContentType, Size: f.Size, Width: f.Width, Height: f.Height,
			FetchMetadata: map[string]string{metaURL: f.URL, metaThread: string(at.threadID()), metaMessage: m.ID, metaAttachment: f.ID},
		})
	}
	return all
}

// FetchAttachment fetches a file of a message. limit is in bytes; a larger file is
// [chat.ErrInvalid], returned here or by Read. The address of a file is valid for about a
// day. After that the adapter fetches the message to get another one. The caller closes
// the reader.
// https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: discord: the attachment is nil", chat.ErrInvalidArgument)
	}
	address := at.FetchMetadata[metaURL]
	if address == "" {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: "attachment", Code: chat.CodeNotFound, Err: errors.New("the attachment has no address of Discord")}
	}
	if hasExpired(address, time.Now()) {
		fresh, err := a.freshAddress(ctx, at)
		if err != nil {
			return nil, err
		}
		address = fresh
	}
	return a.files.Open(ctx, platform.Download{URL: address, Limit: limit})
}

// hasExpired reports whether an address is no longer valid. Its parameter "ex" has the
// end in seconds since 1970, in hexadecimal digits.
func hasExpired(address string, now time.Time) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ends, err := strconv.ParseInt(u.Query().Get("ex"), 16, 64)
	return err == nil && !now.Before(time.Unix(ends, 0))
}

func (a *Adapter) freshAddress(ctx context.Context, at *chat.Attachment) (string, error) {
	thread, id := chat.ThreadID(at.FetchMetadata[metaThread]), at.FetchMetadata[metaMessage]
	p, err := whereIs(thread, chat.MessageID(id))
	if err != nil {
		return "", err
	}
	m, err := a.fetch(ctx, p, id)
	if err != nil {
		return "", err
	}
	for _, f := range m.Attachments {
		if f.ID == at.FetchMetadata[metaAttachment] {
			return f.URL, nil
		}
	}
	return "", &chat.PlatformError{Adapter: adapterName, Op: "attachment", Code: chat.CodeNotFound, Err: errors.New("the message no longer has the file")}
}
