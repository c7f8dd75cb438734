package redisstate

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Subscribe adds the thread to the set. Adding it again changes nothing.
func (a *Adapter) Subscribe(ctx context.Context, threadID string) error {
	return a.changeSubscription(ctx, "subscribe", threadID, func(threadID string) []redis.Cmder {
		var cmds []redis.Cmder
		if a.cfg.Subscriptions != SubscriptionKeys {
			cmds = append(cmds, newInt("sadd", a.keys.subscriptions, threadID))
		}
		if a.cfg.Subscriptions != SubscriptionSet {
			cmds = append(cmds, newStatus("set", a.keys.subscription+threadID, "1"))
		}
		return cmds
	})
}

// Unsubscribe removes the thread from the set. Removing a thread that is not
// there changes nothing.
func (a *Adapter) Unsubscribe(ctx context.Context, threadID string) error {
	return a.changeSubscription(ctx, "unsubscribe", threadID, func(threadID string) []redis.Cmder {
		var cmds []redis.Cmder
		if a.cfg.Subscriptions != SubscriptionKeys {
			cmds = append(cmds, newInt("srem", a.keys.subscriptions, threadID))
		}
		if a.cfg.Subscriptions != SubscriptionSet {
			cmds = append(cmds, newInt("del", a.keys.subscription+threadID))
		}
		return cmds
	})
}

func (a *Adapter) changeSubscription(ctx context.Context, name, threadID string, cmds func(string) []redis.Cmder) error {
	o, err := a.begin(ctx, name)
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return err
	}
	for _, cmd := range cmds(threadID) {
		if err := o.do(a.main, cmd, again); err != nil {
			return o.fail(err, "subscriptions", threadID)
		}
	}
	return nil
}

// IsSubscribed reports whether the thread is in the set.
func (a *Adapter) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	o, err := a.begin(ctx, "check subscription")
	if err != nil {
		return false, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return false, err
	}
	for _, cmd := range a.newIsSubscribed(threadID) {
		if err := o.do(a.main, cmd, again); err != nil {
			return false, o.fail(err, "subscriptions", threadID)
		}
		if cmd.Val() {
			return true, nil
		}
	}
	return false, nil
}

// newIsSubscribed asks for the subscription: the thread has it if one of the
// answers says so.
func (a *Adapter) newIsSubscribed(threadID string) []boolCmd {
	return a.askSubscribed(a.keys.subscription+threadID, threadID)
}

// askSubscribed is newIsSubscribed for the thread and the key of its own, each as go-redis takes it.
func (a *Adapter) askSubscribed(key, thread any) []boolCmd {
	cmds := make([]boolCmd, 0, 2)
	if a.cfg.Subscriptions != SubscriptionSet {
		cmds = append(cmds, newBool("exists", key))
	}
	if a.cfg.Subscriptions != SubscriptionKeys {
		cmds = append(cmds, newBool("sismember", a.keys.subscriptions, thread))
	}
	return cmds
}

// MigrateSubscriptions copies the subscriptions of the set to one key for each
// thread and returns how many were copied. The way from one layout to the other,
// without a moment in which a subscription is missing:
//
//  1. Run every instance with SubscriptionBoth.
//  2. Call MigrateSubscriptions until it returns 0.
//  3. Run every instance with SubscriptionKeys.
//  4. Delete the key {prefix}:subscriptions.
//
// It needs SubscriptionBoth and can be called at any time, by one instance. It
// reads the set in pieces of a thousand. It returns [state.ErrInvalidConfig]
// under another layout.
func (a *Adapter) MigrateSubscriptions(ctx context.Context) (int, error) {
	o, err := a.begin(ctx, "migrate subscriptions")
	if err != nil {
		return 0, err
	}
	o.end()
	if a.cfg.Subscriptions != SubscriptionBoth {
		return 0, invalid("MigrateSubscriptions needs Config.Subscriptions to be SubscriptionBoth")
	}
	copied, cursor := 0, uint64(0)
	for {
		members, next, err := a.scanSubscriptions(ctx, cursor)
		if err != nil {
			return copied, err
		}
		for _, threadID := range members {
			done, err := a.copySubscription(ctx, threadID)
			if err != nil {
				return copied, err
			}
			if done {
				copied++
			}
		}
		if next == 0 {
			return copied, nil
		}
		cursor = next
	}
}

func (a *Adapter) scanSubscriptions(ctx context.Context, cursor uint64) ([]string, uint64, error) {
	o, err := a.begin(ctx, "migrate subscriptions")
	if err != nil {
		return nil, 0, err
	}
	defer o.end()
	cmd := scanCmd{redis.NewScanCmd(background, nil, "sscan", a.keys.subscriptions, cursor, "count", 1000)}
	if err := o.do(a.main, cmd, again); err != nil {
		return nil, 0, o.fail(err, "subscriptions", "")
	}
	members, next := cmd.Val()
	return members, next, nil
}

type scanCmd struct{ *redis.ScanCmd }

func (scanCmd) NoRetry() bool { return true }

// copySubscription writes the key of a thread found in the set. If the thread
// has left the set meanwhile the key goes again: Unsubscribe removes the set's
// member first and the key last, so one of the two removes it.
func (a *Adapter) copySubscription(ctx context.Context, threadID string) (bool, error) {
	o, err := a.begin(ctx, "migrate subscriptions")
	if err != nil {
		return false, err
	}
	defer o.end()
	key := a.keys.subscription + threadID
	set := newStatus("set", key, "1", "nx")
	if err := o.do(a.main, set, again); err != nil {
		if errors.Is(err, redis.Nil) {
			return false, nil // copied already
		}
		return false, o.fail(err, "subscriptions", threadID)
	}
	member := newBool("sismember", a.keys.subscriptions, threadID)
	if err := o.do(a.main, member, again); err != nil {
		return false, o.fail(err, "subscriptions", threadID)
	}
	if member.Val() {
		return true, nil
	}
	if err := o.do(a.main, newInt("del", key), again); err != nil {
		return false, o.fail(err, "subscriptions", threadID)
	}
	return false, nil
}
