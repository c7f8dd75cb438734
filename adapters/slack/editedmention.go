package slack

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// A message mentions the bot once: as it was sent, or from the edit on that added
// the mention. Slack sends app_mention again for each edit of such a message, so
// the version that was delivered is kept.
const (
	mentionPrefix = adapterName + ":mention:"
	// mentionTTL is also how old a message may be for an edit to add a mention: what
	// was delivered of an older one is no longer known.
	mentionTTL = 30 * 24 * time.Hour

	asSent = "" // the version of a message that was not edited
)

func mentions(m *chat.Message) bool { return m.Mention != nil && *m.Mention }

// isFirstMention reports whether the version of a message is the one that is
// delivered as a mention: the first that came, also when it comes again.
func (a *Adapter) isFirstMention(ctx context.Context, m *slackMessage, version string) (bool, error) {
	key := mentionPrefix + m.Channel + ":" + m.TS
	value, err := json.Marshal(version)
	if err != nil {
		return false, err
	}
	fresh, err := a.host.State().SetIfNotExists(ctx, key, value, mentionTTL)
	if err != nil || fresh {
		return fresh, err
	}
	kept, err := a.host.State().Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) { // it has just expired
		return true, nil
	}
	return string(kept) == string(value), err
}

// deliverSent delivers a message as it was sent. One of which an edit was
// delivered already, since the message itself was refused at first, is left out.
func (a *Adapter) deliverSent(ctx context.Context, src source, m *slackMessage, in *chat.Message) error {
	if mentions(in) && !in.Author.Me && !isDM(m.Channel) {
		if first, err := a.isFirstMention(ctx, m, asSent); err != nil || !first {
			return err
		}
	}
	return a.deliver(ctx, src.origin, in)
}

// deliverEdited delivers an edited message that mentions the bot, if it is the
// edit that added the mention. In a direct conversation, and in a thread that the
// bot is subscribed to, the message was heard without it.
func (a *Adapter) deliverEdited(ctx context.Context, src source, m *slackMessage, in *chat.Message) error {
	if !mentions(in) || in.Author.Me || isDM(m.Channel) || m.Edited == nil || !isTS(m.Edited.TS) {
		return nil
	}
	if timeOf(m.Edited.TS).Sub(timeOf(m.TS)) > mentionTTL {
		a.log.DebugContext(ctx, "mention-too-late", "channel", m.Channel, "message", m.TS)
		return nil
	}
	subscribed, err := a.host.State().IsSubscribed(ctx, string(in.ThreadID))
	if err != nil || subscribed {
		return err
	}
	if first, err := a.isFirstMention(ctx, m, m.Edited.TS); err != nil || !first {
		return err
	}
	edited := *in
	edited.ID = editedID(m.Channel, m.TS, m.Edited.TS)
	return a.deliver(ctx, src.origin, &edited)
}
