package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// pollTimeout is how long Telegram waits for an update before it answers.
	// https://core.telegram.org/bots/api#getupdates
	pollTimeout = 25 * time.Second
	// pollLease is how long the lock of the polling instance lasts if it is not extended.
	pollLease = 90 * time.Second
	// pollPause is the pause between two tries to get the lock, and after a failure.
	pollPause = 3 * time.Second
	// pollLimit is how many updates one call fetches at most.
	pollLimit = 100
)

// allowedUpdates are the kinds of updates that the bot asks for: all that the Bot API
// has. Without this list Telegram leaves out reactions and members.
// https://core.telegram.org/bots/api#getupdates
var allowedUpdates = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "message_reaction", "message_reaction_count", "callback_query",
	"my_chat_member", "chat_member", "shipping_query", "pre_checkout_query", "purchased_paid_media",
	"business_connection", "business_message", "edited_business_message", "deleted_business_messages", "chat_join_request", "poll", "poll_answer",
	"inline_query", "chosen_inline_result", "chat_boost", "removed_chat_boost",
}

// Run polls until ctx ends, if Config.Polling is set. Of all instances that share the
// state, one polls at a time. Updates are taken in their order, and none is confirmed to
// Telegram before it is stored. A failure is logged, and polling starts again after
// three seconds. Only a token that Telegram refuses ends Run with an error:
// [chat.ErrAuthentication]. The bot's Run calls it.
func (a *Adapter) Run(ctx context.Context) error {
	if !a.config.Polling {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		lock, err := a.host.State().AcquireLock(ctx, a.pollKey(), pollLease)
		if err == nil {
			err = a.pollAlone(ctx, lock)
		}
		if errors.Is(err, state.ErrLocked) {
			err = nil // another instance polls
		}
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "polling stopped", "error", err, "again_in", pollPause)
			if errors.Is(err, chat.ErrAuthentication) {
				return err // the token is wrong
			}
		}
		_ = adapterkit.Sleep(ctx, pollPause) // the loop sees that ctx has ended
	}
	return nil
}

func (a *Adapter) pollKey() string { return "telegram:polling:" + a.id }

// pollAlone polls as long as this instance has the lock.
func (a *Adapter) pollAlone(ctx context.Context, lock *state.Lock) error {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = a.host.State().ReleaseLock(ctx, lock) // if this fails, the lock expires
	}()
	offset, err := a.offset(ctx)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := a.host.State().ExtendLock(ctx, lock, pollLease); err != nil {
			return err
		}
		updates, err := a.fetch(ctx, offset)
		if err != nil {
			return err
		}
		for len(updates) > 0 {
			n := albumLength(updates)
			last, err := a.takeTogether(ctx, updates[:n])
			if err != nil {
				return err
			}
			if last == 0 {
				return errNoUpdateID
			}
			offset = max(offset, last+1)
			if err := a.keepOffset(ctx, offset); err != nil {
				return err
			}
			updates = updates[n:]
		}
	}
	return nil
}

// errNoUpdateID is the error of an update that cannot be confirmed.
var errNoUpdateID = errors.New("telegram: an update has no update_id")

// polled is an update that was fetched, with an error if it cannot be read.
type polled struct {
	update
	err error
}

// albumLength returns how many of the first updates belong to one album, or 1.
func albumLength(updates []polled) int {
	n, album := 1, updates[0].album()
	for album != "" && n < len(updates) && updates[n].album() == album {
		n++
	}
	return n
}

// takeTogether delivers one update, or the updates of an album at the same time, because
// each of them waits for the others. It returns the highest update id.
func (a *Adapter) takeTogether(ctx context.Context, updates []polled) (last int64, err error) {
	errs := make([]error, len(updates))
	var group sync.WaitGroup
	for i := range updates {
		last = max(last, updates[i].id)
		group.Go(func() { errs[i] = a.takePolled(ctx, &updates[i]) })
	}
	group.Wait()
	return last, errors.Join(errs...)
}

// takePolled delivers an update. One that cannot be read is skipped, because Telegram
// would send it for ever.
func (a *Adapter) takePolled(ctx context.Context, u *polled) error {
	if u.err != nil {
		a.log.ErrorContext(ctx, "an update that cannot be read is left out", "update", u.id, "error", webhook.JSONFault(u.err))
		return nil
	}
	reply, err := a.handle(ctx, &u.update)
	if errors.Is(err, chat.ErrInvalidArgument) {
		a.log.ErrorContext(ctx, "an update that cannot be read is left out", "update", u.id, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	if method, ok := reply["method"].(string); ok {
		delete(reply, "method")
		if err := a.do(ctx, a.client, method, reply, nil); err != nil {
			a.log.WarnContext(ctx, "a click was not acknowledged", "error", err)
		}
	}
	return nil
}

// fetch waits for updates. If a webhook is set, it removes that first.
func (a *Adapter) fetch(ctx context.Context, offset int64) ([]polled, error) {
	args := params{"timeout": int(pollTimeout / time.Second), "limit": pollLimit, "allowed_updates": allowedUpdates}
	if offset > 0 {
		args["offset"] = offset
	}
	var bodies []json.RawMessage
	err := a.do(ctx, a.client, "getUpdates", args, &bodies)
	if errors.Is(err, errWebhook) {
		a.log.WarnContext(ctx, "the webhook is removed, since Config.Polling is set")
		if err := a.DeleteWebhook(ctx); err != nil {
			return nil, err
		}
		err = a.do(ctx, a.client, "getUpdates", args, &bodies)
	}
	updates := make([]polled, len(bodies))
	for i, body := range bodies {
		updates[i].update, updates[i].err = parseUpdate(body)
	}
	return updates, err
}

// offset returns the id of the next update, as the state has it. 0 means that Telegram
// chooses: it continues after the last update that was confirmed.
func (a *Adapter) offset(ctx context.Context) (int64, error) {
	value, err := a.host.State().Get(ctx, a.pollKey())
	if errors.Is(err, state.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	offset, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || offset < 0 {
		return 0, nil //nolint:nilerr // Reason: the value is not an offset; with 0 Telegram continues after the last confirmed update.
	}
	return offset, nil
}

func (a *Adapter) keepOffset(ctx context.Context, offset int64) error {
	return a.host.State().Set(ctx, a.pollKey(), []byte(strconv.FormatInt(offset, 10)), 0)
}
