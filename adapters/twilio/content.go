package twilio

import (
	"context"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// maxText is how many characters a message can have, on each channel. Twilio does not
// say how it counts them. https://www.twilio.com/docs/api/errors/21617
const maxText = 1600

// part is one message of a post.
type part struct {
	text  string
	media []string // addresses
}

func (p part) fields() url.Values {
	fields := url.Values{}
	if p.text != "" {
		fields.Set("Body", p.text)
	}
	if len(p.media) > 0 {
		fields["MediaUrl"] = p.media
	}
	return fields
}

// render returns a post as the messages that it takes. Its files are uploaded last, when
// nothing else can be wrong.
func (a *Adapter) render(ctx context.Context, p place, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: twilio: the post is nil", chat.ErrInvalidArgument)
	}
	media, rest := splitMedia(post.Attachments)
	said := *post
	said.Attachments = rest
	var parts []part
	for _, text := range a.texts(p, &said) {
		parts = append(parts, part{text: text})
	}
	if len(parts)+len(media)+len(post.Files) == 0 {
		return nil, fmt.Errorf("%w: twilio: the post has nothing to show", chat.ErrInvalidArgument)
	}
	if err := a.checkLength(p, parts, len(media)+len(post.Files) > 0); err != nil {
		return nil, err
	}
	uploaded, err := a.upload(ctx, post.Files)
	if err != nil {
		return nil, err
	}
	return withMedia(p, parts, append(media, uploaded...)), nil
}

// texts returns what a post says, in texts that fit into a message.
func (a *Adapter) texts(p place, post *chat.Post) []string {
	if p.channel() != channelWhatsApp {
		plain := format.RenderPost(post, format.TextActions, format.Markup{Emoji: a.spell})
		return format.Visible(format.SplitText(plain, maxText, format.UTF16))
	}
	m := format.WhatsApp()
	m.Emoji = a.spell
	return format.PostTexts(post, format.TextActions, maxText, format.UTF16, m)
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }

// checkLength refuses texts that are longer than the configuration allows. With media the
// last of them is part of an MMS, which has no segments.
func (a *Adapter) checkLength(p place, parts []part, media bool) error {
	segments := 0
	for i, part := range parts {
		if !media || i < len(parts)-1 {
			segments += CountSegments(part.text).Count
		}
	}
	switch most := a.config.MaxSegments; {
	case a.config.RefuseLong && len(parts) > 1:
		return tooLong("it takes %d messages, and Config.RefuseLong allows one of %d characters", len(parts), maxText)
	case most > 0 && p.channel() == "" && segments > most:
		return tooLong("it takes %d segments, and Config.MaxSegments allows %d", segments, most)
	}
	return nil
}

func tooLong(format string, args ...any) error {
	return &chat.PlatformError{Adapter: adapterName, Op: opMessages, Code: chat.CodeInvalid, Err: fmt.Errorf("%w: %s", ErrTooLong, fmt.Sprintf(format, args...))}
}
