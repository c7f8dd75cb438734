package gchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Calls of the Workspace Events API.
// https://developers.google.com/workspace/events/reference/rest/v1/subscriptions
const (
	opSubscribe  = "subscriptions.create"
	opRenew      = "subscriptions.patch"
	opReactivate = "subscriptions.reactivate"
	opFind       = "subscriptions.list"
	opOperation  = "operations.get"

	// subscriptionTTL is how long the state keeps a subscription, as in the TypeScript
	// SDK. A subscription that includes the content of messages lives for a day at
	// most. https://developers.google.com/workspace/events/guides/create-subscription
	subscriptionTTL = 25 * time.Hour
	// subscriptionLease is the time that one instance has to subscribe or renew.
	subscriptionLease = time.Minute
	// operationPause is the time between two looks at a subscription that Google is
	// creating.
	operationPause = time.Second
)

var subscribedEvents = []string{
	chatEvents + "message.v1.created", chatEvents + "message.v1.updated", chatEvents + "message.v1.deleted",
	chatEvents + "reaction.v1.created", chatEvents + "reaction.v1.deleted", chatEvents + "membership.v1.created", chatEvents + "membership.v1.deleted",
}

// keptSubscription is a subscription as the TypeScript SDK stores it, and the time when
// it was renewed. Times are Unix times in milliseconds.
type keptSubscription struct {
	Name      string `json:"subscriptionName"`
	ExpiresAt int64  `json:"expireTime"`
	RenewedAt int64  `json:"renewedAt,omitempty"`
}

// targetPrefix is before the name of a space.
const targetPrefix = "//chat.googleapis.com/"

// suspended is the state of a subscription that delivers nothing because of an error.
const suspended = "SUSPENDED"

// subscription is a subscription of the Workspace Events API.
type subscription struct {
	Name       string `json:"name"`
	Target     string `json:"targetResource"`
	ExpireTime string `json:"expireTime"`
	State      string `json:"state"`
}

// space returns the space that is subscribed to.
func (s *subscription) space() string { return strings.TrimPrefix(s.Target, targetPrefix) }

func subscriptionKey(space string) string { return "gchat:space-sub:" + space }

// targetKey is the key of the space of a subscription in the state. Google's events
// about a subscription may lack the space.
func targetKey(name string) string { return "gchat:" + name }

// ThreadSubscribed subscribes the bot to all that happens in the thread's space, if
// Config.PubSubTopic is set. In a direct conversation it does nothing, since Chat sends
// all messages anyway. The bot calls it when a handler subscribes to the thread.
func (a *Adapter) ThreadSubscribed(ctx context.Context, thread chat.ThreadID) error {
	p, err := placeOf(thread)
	if err != nil || p.dm || a.config.PubSubTopic == "" {
		return err
	}
	return a.keepSubscribed(ctx, p.space)
}

// alone calls change for the subscription of a space, on one instance at a time. It
// does not if done says that the stored subscription needs no change.
func (a *Adapter) alone(ctx context.Context, space string, done func(keptSubscription) bool, change func(context.Context, keptSubscription) (*subscription, error)) error {
	if k, err := a.keptSubscription(ctx, space); err != nil || k.Name != "" && done(k) {
		return err
	}
	return a.locked(ctx, subscriptionKey(space), func() error { return a.changeSubscription(ctx, space, done, change) })
}

// locked calls do while it holds the lock of the key.
func (a *Adapter) locked(ctx context.Context, key string, do func() error) error {
	for {
		lock, err := a.host.State().AcquireLock(ctx, key, subscriptionLease)
		if err == nil {
			err = do()
			_ = a.host.State().ReleaseLock(context.WithoutCancel(ctx), lock) // else it expires
			return err
		}
		if !errors.Is(err, state.ErrLocked) {
			return err
		}
		if err := adapterkit.Sleep(ctx, operationPause/10); err != nil {
			return err
		}
	}
}

func (a *Adapter) changeSubscription(ctx context.Context, space string, done func(keptSubscription) bool, change func(context.Context, keptSubscription) (*subscription, error)) error {
	k, err := a.keptSubscription(ctx, space)
	if err != nil || k.Name != "" && done(k) {
		return err
	}
	begun := time.Now()
	s, err := change(ctx, k)
	if err != nil {
		return err
	}
	data, err := json.Marshal(keptSubscription{s.Name, timeOf(s.ExpireTime).UnixMilli(), begun.UnixMilli()})
	if err == nil {
		err = a.host.State().Set(ctx, targetKey(s.Name), []byte(`"`+space+`"`), 0)
	}
	if err == nil {
		err = a.host.State().Set(ctx, subscriptionKey(space), data, subscriptionTTL)
	}
	return err
}

// keptSubscription returns the stored subscription of a space. It has no name if none
// is stored.
func (a *Adapter) keptSubscription(ctx context.Context, space string) (keptSubscription, error) {
	data, err := a.host.State().Get(ctx, subscriptionKey(space))
	if errors.Is(err, state.ErrNotFound) {
		return keptSubscription{}, nil
	}
	var k keptSubscription
	if err == nil && json.Unmarshal(data, &k) != nil {
		return keptSubscription{}, nil
	}
	return k, err
}

// forgetSubscription deletes the stored subscription of a space that the app has left.
func (a *Adapter) forgetSubscription(ctx context.Context, space string) {
	if a.config.PubSubTopic == "" {
		return
	}
	err := a.unlistSpace(ctx, space)
	if err == nil {
		err = a.host.State().Delete(ctx, subscriptionKey(space))
	}
	if err != nil {
		a.log.WarnContext(ctx, "the subscription of a space that was left is still kept", "space", space, "error", err)
	}
}

// subscribe creates a subscription, or finds the one that exists.
func (a *Adapter) subscribe(ctx context.Context, space string) (*subscription, error) {
	target := targetPrefix + space
	body := params{
		"targetResource": target, "eventTypes": subscribedEvents, "notificationEndpoint": params{"pubsubTopic": a.config.PubSubTopic},
		"payloadOptions": params{"includeResource": true},
	}
	s, err := a.operate(ctx, platform.Call{Op: opSubscribe, Path: "v1/subscriptions", Body: body})
	if !errors.Is(err, errExists) {
		return s, err
	}
	there, err := a.findSubscriptions(ctx, fmt.Sprintf(` AND target_resource="%s"`, target))
	if err != nil {
		return nil, err
	}
	if s, ok := there[space]; ok {
		return a.renew(ctx, s.Name)
	}
	return nil, unexpected(opFind, "the subscription that is said to be there is not")
}

// findSubscriptions returns the app's subscriptions by their spaces: all of them, or
// those that match a further filter.
// https://developers.google.com/workspace/events/reference/rest/v1/subscriptions/list
func (a *Adapter) findSubscriptions(ctx context.Context, filter string) (map[string]subscription, error) {
	all := map[string]subscription{}
	query := url.Values{"filter": {fmt.Sprintf(`event_types:"%s"%s`, subscribedEvents[0], filter)}, "pageSize": {"100"}}
	for {
		var got struct {
			Subscriptions []subscription `json:"subscriptions"`
			Next          string         `json:"nextPageToken"`
		}
		c := call{client: a.events, Call: platform.Call{Op: opFind, Path: "v1/subscriptions", Query: query, Into: &got}}
		if err := a.userCall(ctx, c); err != nil {
			return nil, err
		}
		for _, s := range got.Subscriptions {
			all[s.space()] = s
		}
		if got.Next == "" || got.Next == query.Get("pageToken") || len(got.Subscriptions) == 0 {
			return all, nil
		}
		query.Set("pageToken", got.Next)
	}
}

// renew extends a subscription to the longest lifetime from now on. It also reactivates
// a suspended one.
// https://developers.google.com/workspace/events/guides/update-subscription
func (a *Adapter) renew(ctx context.Context, name string) (*subscription, error) {
	s, err := a.operate(ctx, platform.Call{Op: opRenew, Method: http.MethodPatch, Path: "v1/" + name, Query: url.Values{"updateMask": {"ttl"}}, Body: params{"ttl": "0s"}})
	if err == nil && s.State == suspended {
		return a.reactivate(ctx, name)
	}
	return s, err
}

// reactivate reactivates a subscription that Google has suspended because of an error.
// https://developers.google.com/workspace/events/guides/reactivate-subscription
func (a *Adapter) reactivate(ctx context.Context, name string) (*subscription, error) {
	return a.operate(ctx, platform.Call{Op: opReactivate, Path: "v1/" + name + ":reactivate", Body: params{}})
}

// operate makes a call whose result Google may need some time for, and waits for the
// result. https://google.aip.dev/151
func (a *Adapter) operate(ctx context.Context, c platform.Call) (*subscription, error) {
	for {
		var op struct {
			Name     string        `json:"name"`
			Done     bool          `json:"done"`
			Response *subscription `json:"response"`
			Error    *struct {
				Code int `json:"code"`
			} `json:"error"`
		}
		c.Into = &op
		if err := a.userCall(ctx, call{Call: c, client: a.events}); err != nil {
			return nil, err
		}
		switch {
		case op.Done && op.Response != nil && strings.HasPrefix(op.Response.Name, "subscriptions/"):
			return op.Response, nil
		case op.Done || !strings.HasPrefix(op.Name, "operations/"):
			return nil, unexpected(c.Op, "the answer has no subscription")
		}
		if err := adapterkit.Sleep(ctx, operationPause); err != nil {
			return nil, err
		}
		c = platform.Call{Op: opOperation, Path: "v1/" + op.Name}
	}
}

// handleLifecycle takes an event about a subscription itself. Google reminds one
// instance before a subscription expires. It repeats the reminder until it is answered
// with success, which is after the renewal.
// https://developers.google.com/workspace/events/guides/events-lifecycle
func (a *Adapter) handleLifecycle(ctx context.Context, kind, at string, data []byte) error {
	var about struct {
		Subscription subscription `json:"subscription"`
	}
	if err := webhook.DecodeJSON(data, &about); err != nil {
		return err
	}
	s := about.Subscription
	if !strings.HasPrefix(s.Name, "subscriptions/") || !isSegment(strings.TrimPrefix(s.Name, "subscriptions/")) {
		return bad("the subscription has no name")
	}
	space := s.space()
	if !isSpace(space) {
		found, err := a.host.State().Get(ctx, targetKey(s.Name))
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		if json.Unmarshal(found, &space) != nil || !isSpace(space) {
			a.log.WarnContext(ctx, "a subscription of another program", "subscription", s.Name, "event", kind)
			return nil
		}
	}
	isDone := func(k keptSubscription) bool { return k.RenewedAt >= timeOf(at).UnixMilli() }
	var change func(context.Context, keptSubscription) (*subscription, error)
	switch kind {
	case "expirationReminder":
		change = func(ctx context.Context, _ keptSubscription) (*subscription, error) { return a.renew(ctx, s.Name) }
	case "suspended":
		change = func(ctx context.Context, _ keptSubscription) (*subscription, error) {
			return a.reactivate(ctx, s.Name)
		}
	case "expired":
		change = func(ctx context.Context, _ keptSubscription) (*subscription, error) { return a.subscribe(ctx, space) }
	default:
		return nil
	}
	err := a.alone(ctx, space, isDone, change)
	if err == nil {
		err = a.listSpace(ctx, space)
	}
	if isGone(err) { // trying again helps nothing until somebody has mended what is wrong
		a.log.ErrorContext(ctx, "the subscription of a space has ended", "space", space, "event", kind, "error", err)
		return nil
	}
	return err
}
