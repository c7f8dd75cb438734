package twilio

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// maxText is how many characters a message can have, on each channel. Twilio does not
// say how it counts them. https://www.twilio.com/docs/api/errors/21617
const maxText = 1600

// maxPayload is how many bytes a button's data can have, which only templates set.
const maxPayload = 256

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

// render returns a post as the messages that it takes.
func (a *Adapter) render(p place, post *chat.Post) ([]part, error) {
	switch {
	case post == nil:
		return nil, fmt.Errorf("%w: twilio: the post is nil", chat.ErrInvalidArgument)
	case len(post.Files) > 0:
		return nil, fmt.Errorf("twilio: Files: Twilio fetches files from public addresses, want Attachments with an URL: %w", errors.ErrUnsupported)
	}
	var parts []part
	for _, text := range a.texts(p, post) {
		parts = append(parts, part{text: text})
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: twilio: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, a.checkLength(p, parts)
}

// texts returns what a post says, in texts that fit into a message.
func (a *Adapter) texts(_ place, post *chat.Post) []string {
	var shown []string
	for _, text := range format.SplitText(format.RenderPost(post, format.TextActions, format.Markup{Emoji: a.spell}), maxText, format.UTF16) {
		if text = strings.TrimSpace(text); !isBlank(text) {
			shown = append(shown, text)
		}
	}
	return shown
}

// isBlank reports whether a text has nothing to show, so that Twilio refuses it.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) == ""
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }

// checkLength refuses what is longer than the configuration allows.
func (a *Adapter) checkLength(p place, parts []part) error {
	texts, segments := 0, 0
	for _, part := range parts {
		if part.text != "" {
			texts++
		}
		if len(part.media) == 0 {
			segments += CountSegments(part.text).Count
		}
	}
	switch most := a.config.MaxSegments; {
	case a.config.RefuseLong && texts > 1:
		return tooLong("it takes %d messages, and Config.RefuseLong allows one of %d characters", texts, maxText)
	case most > 0 && p.channel() == "" && segments > most:
		return tooLong("it takes %d segments, and Config.MaxSegments allows %d", segments, most)
	}
	return nil
}

func tooLong(format string, args ...any) error {
	return &chat.PlatformError{Adapter: adapterName, Op: "Messages", Code: chat.CodeInvalid, Err: fmt.Errorf("%w: %s", ErrTooLong, fmt.Sprintf(format, args...))}
}
