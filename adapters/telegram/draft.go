package telegram

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// draftLasts is how long Telegram shows a draft that is not updated.
// https://core.telegram.org/bots/api#sendmessagedraft
const draftLasts = 30 * time.Second

var errNoDrafts = fmt.Errorf("telegram: drafts are off (Config.Drafts), or the chat is not private: %w", errors.ErrUnsupported)

// ShowDraft shows a text that still grows, and returns how long Telegram shows it: 30
// seconds. It returns [errors.ErrUnsupported] without Config.Drafts and outside of
// private chats, where Telegram has no drafts. Of a text that is longer than a message,
// the last part is shown.
func (a *Adapter) ShowDraft(ctx context.Context, thread chat.ThreadID, draft int32, post *chat.Post) (time.Duration, error) {
	p, err := placeOf(thread)
	if err != nil {
		return 0, err
	}
	if !a.config.Drafts || !p.isPrivate() || p.business != "" {
		return 0, errNoDrafts
	}
	if draft <= 0 {
		return 0, fmt.Errorf("%w: telegram: the draft's number is %d, want 1 or more", chat.ErrInvalidArgument, draft)
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return 0, err
	}
	if err := a.pace.wait(ctx); err != nil {
		return 0, err
	}
	args := params{"draft_id": draft}
	parts[len(parts)-1].write(args, "text", "entities")
	return draftLasts, a.send(ctx, "sendMessageDraft", p, args, nil)
}
