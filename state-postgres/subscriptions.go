package pgstate

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

// Subscribe adds the thread to the set. Adding it again changes nothing.
func (a *Adapter) Subscribe(ctx context.Context, threadID string) error {
	return a.changeSubscription(ctx, "subscribe", threadID,
		`INSERT INTO chat_go_subscriptions (prefix, thread_id) VALUES ($1::text, $2::text) ON CONFLICT DO NOTHING`)
}

// Unsubscribe removes the thread from the set. Removing a thread that is not
// there changes nothing.
func (a *Adapter) Unsubscribe(ctx context.Context, threadID string) error {
	return a.changeSubscription(ctx, "unsubscribe", threadID,
		`DELETE FROM chat_go_subscriptions WHERE prefix = $1::text AND thread_id = $2::text`)
}

func (a *Adapter) changeSubscription(ctx context.Context, name, threadID, sql string) error {
	o, err := a.begin(ctx, name)
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return err
	}
	if err := o.send(again, func(b *batch) { b.exec(nil, sql, a.cfg.Prefix, keyOf(threadID)) }); err != nil {
		return o.fail(err)
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
	var subscribed bool
	if err := o.send(again, func(b *batch) { b.isSubscribed(&subscribed, threadID) }); err != nil {
		return false, o.fail(err)
	}
	return subscribed, nil
}

func (b *batch) isSubscribed(subscribed *bool, threadID string) {
	b.row(subscribed, nil, `SELECT FROM chat_go_subscriptions WHERE prefix = $1::text AND thread_id = $2::text`, b.a.cfg.Prefix, keyOf(threadID))
}
