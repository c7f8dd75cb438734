package gchat

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// subscribedKey is the key of the list of spaces that are subscribed to, and of the
	// lock for changes of that list.
	subscribedKey = "gchat:space-subs"
	// renewalKey is the key that decides which instance looks at all subscriptions
	// next.
	renewalKey = "gchat:space-subs-turn"
	// renewalInterval is the time between two looks at all subscriptions.
	renewalInterval = 10 * time.Minute
	// refusedPause is the time before the next try in a space for which Google has
	// refused a subscription. Somebody must first remove the cause, so a try at once is
	// useless.
	refusedPause = time.Hour
	// longestLife is the assumed lifetime of a subscription whose beginning is not
	// stored.
	longestLife = 24 * time.Hour
)

// Run keeps the subscriptions to spaces alive if Config.PubSubTopic is set. It returns
// nil when ctx ends. Every ten minutes one of all instances that share a state looks at
// all subscriptions. It renews a subscription after half of its lifetime, and
// reactivates one that Google has suspended. Google also sends an event about that, but
// a broken push may be the very reason for the suspension.
// https://developers.google.com/workspace/events/guides/reactivate-subscription
func (a *Adapter) Run(ctx context.Context) error {
	for a.config.PubSubTopic != "" {
		if err := a.renewSubscriptions(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "the subscriptions of spaces were not looked at", "error", err)
		}
		if adapterkit.Sleep(ctx, renewalInterval) != nil {
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

// renewSubscriptions looks at all subscriptions, if it is this instance's turn. If the
// instance dies meanwhile, another one takes the next turn.
func (a *Adapter) renewSubscriptions(ctx context.Context) error {
	mine, err := a.host.State().SetIfNotExists(ctx, renewalKey, []byte(strconv.FormatInt(time.Now().UnixNano(), 10)), renewalInterval)
	if err != nil || !mine {
		return err
	}
	spaces, err := a.listedSpaces(ctx)
	if err != nil || len(spaces) == 0 {
		return err
	}
	there, findErr := a.findSubscriptions(ctx, "")
	for _, space := range spaces {
		if _, rests := a.refused.Get(space); rests {
			continue
		}
		var err error
		if s := there[space]; s.State == suspended {
			err = a.alone(ctx, space, func(keptSubscription) bool { return false }, func(ctx context.Context, _ keptSubscription) (*subscription, error) {
				return a.reactivate(ctx, s.Name)
			})
		}
		if err == nil {
			err = a.keepSubscribed(ctx, space)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isGone(err) {
			a.refused.Set(space, true)
		}
		if err != nil {
			a.log.ErrorContext(ctx, "the subscription of a space was not renewed", "space", space, "error", err)
		}
	}
	return findErr
}

// keepSubscribed subscribes to a space, or renews its subscription if that has lived
// for half of its time.
func (a *Adapter) keepSubscribed(ctx context.Context, space string) error {
	err := a.alone(ctx, space, keptSubscription.isFresh, func(ctx context.Context, k keptSubscription) (*subscription, error) {
		if k.Name != "" && time.Now().Before(time.UnixMilli(k.ExpiresAt)) {
			if s, err := a.renew(ctx, k.Name); !errors.Is(err, chat.ErrNotFound) {
				return s, err
			}
		}
		return a.subscribe(ctx, space)
	})
	if err != nil {
		return err
	}
	return a.listSpace(ctx, space)
}

// isFresh reports whether a subscription has more than half of its time left.
func (k keptSubscription) isFresh() bool {
	life := longestLife
	if k.RenewedAt > 0 {
		life = time.UnixMilli(k.ExpiresAt).Sub(time.UnixMilli(k.RenewedAt))
	}
	return time.Until(time.UnixMilli(k.ExpiresAt)) > life/2
}

// listedSpaces returns the spaces that are subscribed to.
func (a *Adapter) listedSpaces(ctx context.Context) ([]string, error) {
	data, err := a.host.State().Get(ctx, subscribedKey)
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	var spaces []string
	if err == nil && json.Unmarshal(data, &spaces) != nil {
		return nil, nil // then they are listed anew
	}
	return slices.DeleteFunc(spaces, func(name string) bool { return !isSpace(name) }), err
}

// listSpace adds a space to the list of those that are subscribed to.
func (a *Adapter) listSpace(ctx context.Context, space string) error {
	return a.changeListed(ctx, func(spaces []string) []string {
		if slices.Contains(spaces, space) {
			return spaces
		}
		return append(spaces, space)
	})
}

// unlistSpace removes a space from the list of those that are subscribed to.
func (a *Adapter) unlistSpace(ctx context.Context, space string) error {
	return a.changeListed(ctx, func(spaces []string) []string {
		return slices.DeleteFunc(spaces, func(name string) bool { return name == space })
	})
}

func (a *Adapter) changeListed(ctx context.Context, change func(spaces []string) []string) error {
	spaces, err := a.listedSpaces(ctx)
	if err != nil || len(change(slices.Clone(spaces))) == len(spaces) {
		return err
	}
	return a.locked(ctx, subscribedKey, func() error {
		spaces, err := a.listedSpaces(ctx)
		if err != nil {
			return err
		}
		data, err := json.Marshal(change(spaces))
		if err != nil {
			return err
		}
		return a.host.State().Set(ctx, subscribedKey, data, 0)
	})
}
