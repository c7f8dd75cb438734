package slack

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A message that was too long for Slack continues in others. Which ones they are
// stands in the state under its ts.
const (
	partsPrefix = adapterName + ":parts:"
	partsTTL    = 30 * 24 * time.Hour
)

func partsKey(channel, ts string) string { return partsPrefix + channel + ":" + ts }

// keepParts notes the further messages, by their ts. Without the note a later
// edit leaves them alone.
func (a *Adapter) keepParts(ctx context.Context, channel, ts string, more []string) {
	if len(more) == 0 {
		return
	}
	data, err := json.Marshal(more)
	if err == nil {
		err = a.host.State().Set(context.WithoutCancel(ctx), partsKey(channel, ts), data, partsTTL)
	}
	if err != nil {
		a.log.WarnContext(ctx, "where a long message continues could not be noted", "channel", channel, "error", err)
	}
}

// parts returns what keepParts noted.
func (a *Adapter) parts(ctx context.Context, channel, ts string) []string {
	data, err := a.host.State().Get(ctx, partsKey(channel, ts))
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	var more []string
	if err == nil {
		err = json.Unmarshal(data, &more)
	}
	if err != nil {
		a.log.WarnContext(ctx, "where a long message continues is not known", "channel", channel, "error", err)
	}
	return more
}

func (a *Adapter) forgetParts(ctx context.Context, channel, ts string) {
	if err := a.host.State().Delete(context.WithoutCancel(ctx), partsKey(channel, ts)); err != nil {
		a.log.WarnContext(ctx, "where a long message continued could not be forgotten", "channel", channel, "error", err)
	}
}
