package teams

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// maxPicture is how long a picture may be that stands in a message, in bytes.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#picture-messages
const maxPicture = 1 << 20

// isPicture reports whether Teams shows files of the type in a message.
func isPicture(mediaType string) bool {
	return mediaType == "image/png" || mediaType == "image/jpeg" || mediaType == "image/gif"
}

// withFiles adds the files: pictures in the last message.
func (a *Adapter) withFiles(_ context.Context, _ place, parts []part, files []chat.File) ([]part, error) {
	for i := range files {
		f := &files[i]
		if f.Content == nil || f.Name == "" {
			return nil, fmt.Errorf("%w: teams: Files[%d] has no Content or no Name", chat.ErrInvalidArgument, i)
		}
		kind := platform.MediaTypeOf(f.MIMEType, f.Name)
		if !isPicture(kind) {
			return nil, fmt.Errorf("teams: Files[%d] is %s, and only pictures can be sent: %w", i, kind, errors.ErrUnsupported)
		}
		data, err := io.ReadAll(io.LimitReader(f.Content, maxPicture+1))
		switch {
		case err != nil:
			return nil, fmt.Errorf("teams: Files[%d].Content: %w", i, err)
		case len(data) > maxPicture:
			return nil, fmt.Errorf("%w: teams: Files[%d] is a picture of more than %d bytes", chat.ErrInvalidArgument, i, maxPicture)
		}
		if len(parts) == 0 {
			parts = append(parts, part{})
		}
		last := &parts[len(parts)-1]
		last.attachments = append(last.attachments, params{
			"contentType": kind, "name": f.Name, "contentUrl": "data:" + strings.ToLower(kind) + ";base64," + base64.StdEncoding.EncodeToString(data),
		})
	}
	return parts, nil
}
