package statetest

import (
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleSubscribe    = "Subscribe adds the thread to the set. Adding it again changes nothing."
	ruleUnsubscribe  = "Unsubscribe removes the thread from the set. Removing a thread that is not there changes nothing."
	ruleIsSubscribed = "IsSubscribed reports whether the thread is in the set."
	ruleSubscription = "A subscription never expires and survives a restart of the process where the backend does."
)

var subscriptionCases = []Case{
	{ID: "Subscriptions/Membership", Rule: ruleIsSubscribed, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.subscribed(t, a, "thread", false)
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		s.subscribed(t, a, "thread", true)
		s.subscribed(t, a, "another thread", false)
	}},
	{ID: "Subscriptions/SubscribeAgain", Rule: ruleSubscribe, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for range 3 {
			must(t, "Subscribe", a.Subscribe(ctx, "thread"))
		}
		s.subscribed(t, a, "thread", true)
		must(t, "Unsubscribe", a.Unsubscribe(ctx, "thread"))
		s.subscribed(t, a, "thread", false)
	}},
	{ID: "Subscriptions/Unsubscribe", Rule: ruleUnsubscribe, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Subscribe", a.Subscribe(ctx, "thread"))
		must(t, "Subscribe", a.Subscribe(ctx, "another thread"))
		must(t, "Unsubscribe", a.Unsubscribe(ctx, "thread"))
		s.subscribed(t, a, "thread", false)
		s.subscribed(t, a, "another thread", true)
		must(t, "Subscribe again", a.Subscribe(ctx, "thread"))
		s.subscribed(t, a, "thread", true)
	}},
	{ID: "Subscriptions/UnsubscribeAbsent", Rule: ruleUnsubscribe, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		must(t, "Unsubscribe of a thread that is not there", a.Unsubscribe(s.Context(), "thread"))
		s.subscribed(t, a, "thread", false)
	}},
	{ID: "Subscriptions/NoExpiry", Rule: ruleSubscription, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		time.Sleep(s.pace().long)
		s.subscribed(t, a, "thread", true)
	}},
	{ID: "Subscriptions/Concurrent", Rule: ruleSubscribe, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		const n = 50
		together(n, func(i int) {
			must(t, "Subscribe", a.Subscribe(ctx, fmt.Sprint("thread ", i)))
			must(t, "Subscribe", a.Subscribe(ctx, "common thread"))
			if i%2 == 1 {
				must(t, "Unsubscribe", a.Unsubscribe(ctx, fmt.Sprint("thread ", i)))
			}
		})
		for i := range n {
			s.subscribed(t, a, fmt.Sprint("thread ", i), i%2 == 0)
		}
		s.subscribed(t, a, "common thread", true)
	}},
}

func (s *Subject) subscribed(t TB, a state.Subscriptions, threadID string, want bool) {
	t.Helper()
	ok, err := a.IsSubscribed(s.Context(), threadID)
	must(t, "IsSubscribed", err)
	equal(t, fmt.Sprintf("IsSubscribed(%q)", threadID), ok, want)
}
