package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// media is a file that Twilio fetches.
type media struct {
	address string
	// caption says that WhatsApp shows a text with it.
	caption bool
}

// maxMMS is how many files an MMS can have. A message on another channel has one.
// https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
const maxMMS = 10

// splitMedia returns the attachments that Twilio sends as files, and the rest, which are
// links in the text.
func splitMedia(attachments []chat.Attachment) (files []media, rest []chat.Attachment) {
	for i := range attachments {
		if m, ok := mediaOf(&attachments[i]); ok {
			files = append(files, m)
		} else {
			rest = append(rest, attachments[i])
		}
	}
	return files, rest
}

// mediaOf is what Twilio sends of a file. It refuses other types than some.
// https://www.twilio.com/docs/messaging/guides/accepted-mime-types
func mediaOf(at *chat.Attachment) (media, bool) {
	u, err := url.Parse(at.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return media{}, false
	}
	name := at.Name
	if path.Ext(name) == "" {
		name = path.Base(u.Path)
	}
	mediaType, _, _ := strings.Cut(platform.MediaTypeOf(at.MIMEType, name), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	kind := kindOf(mediaType)
	if kind == "file" && at.MIMEType == "" && slices.Contains([]string{"image", "video", "audio"}, at.Type) {
		kind = at.Type
	}
	ok := kind != "file" || slices.Contains([]string{"application/pdf", "text/vcard", "text/x-vcard", "text/calendar"}, mediaType)
	return media{address: at.URL, caption: kind == "image" || kind == "video"}, ok
}

// withMedia adds files to the messages of a post: to its last text where that can be,
// and else as messages of their own.
func withMedia(p place, parts []part, files []media) []part {
	most := 1
	if p.channel() == "" {
		most = maxMMS
	}
	for i, f := range files {
		last := len(parts) - 1
		fits := last >= 0 && len(parts[last].media) < most
		if fits && len(parts[last].media) == 0 { // it is a text
			fits = p.channel() == "" || p.channel() == channelWhatsApp && f.caption && i == 0
		}
		if !fits {
			parts, last = append(parts, part{}), last+1
		}
		parts[last].media = append(parts[last].media, f.address)
	}
	return parts
}

// upload has the program store files where Twilio can fetch them.
func (a *Adapter) upload(ctx context.Context, files []chat.File) ([]media, error) {
	for i, f := range files {
		switch {
		case f.Content == nil:
			return nil, fmt.Errorf("%w: twilio: Files[%d].Content is nil", chat.ErrInvalidArgument, i)
		case f.Name == "":
			return nil, fmt.Errorf("%w: twilio: Files[%d].Name is empty", chat.ErrInvalidArgument, i)
		case a.config.Upload == nil:
			return nil, fmt.Errorf("twilio: Files[%d] without Config.Upload, as Twilio fetches files from public addresses: %w", i, errors.ErrUnsupported)
		}
		if _, ok := mediaOf(&chat.Attachment{URL: DefaultAPIURL, Name: f.Name, MIMEType: f.MIMEType}); !ok {
			return nil, fmt.Errorf("twilio: Files[%d] is %q, and Twilio sends pictures, video, audio, PDF, vCards and calendars: %w", i, platform.MediaTypeOf(f.MIMEType, f.Name), errors.ErrUnsupported)
		}
	}
	var all []media
	for i, f := range files {
		address, err := a.config.Upload(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("twilio: Config.Upload of Files[%d]: %w", i, err)
		}
		m, ok := mediaOf(&chat.Attachment{URL: address, Name: f.Name, MIMEType: f.MIMEType})
		if !ok {
			return nil, fmt.Errorf("%w: twilio: Config.Upload of Files[%d] has returned no http or https address", chat.ErrInvalidArgument, i)
		}
		all = append(all, m)
	}
	return all, nil
}
