package statetest

import (
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// repeatable is a write that changes nothing when it is made again.
type repeatable struct {
	name          string
	before, after func(a state.Adapter, name string)
	do            func(a state.Adapter, name string) error
}

func (s *Subject) repeatable(t TB) []repeatable {
	ctx := s.Context()
	nothing := func(state.Adapter, string) {}
	var lock *state.Lock
	acquire := func(a state.Adapter, name string) { lock = s.acquire(t, a, name, time.Minute) }
	list := []repeatable{
		{"Subscribe", nothing, func(a state.Adapter, name string) { s.subscribed(t, a, name, true) }, func(a state.Adapter, name string) error { return a.Subscribe(ctx, name) }},
		{
			"Unsubscribe", func(a state.Adapter, name string) { must(t, "Subscribe", a.Subscribe(ctx, name)) },
			func(a state.Adapter, name string) { s.subscribed(t, a, name, false) },
			func(a state.Adapter, name string) error { return a.Unsubscribe(ctx, name) },
		},
		{"ExtendLock", acquire, func(a state.Adapter, name string) { s.locked(t, a, name) }, func(a state.Adapter, _ string) error { return a.ExtendLock(ctx, lock, time.Hour) }},
		{
			"ForceReleaseLock", acquire, func(a state.Adapter, name string) { s.acquire(t, a, name, time.Minute) },
			func(a state.Adapter, name string) error { return a.ForceReleaseLock(ctx, name) },
		},
		{
			"Set", func(a state.Adapter, name string) { s.set(t, a, name, "before", 0) },
			func(a state.Adapter, name string) { s.value(t, a, name, "v") },
			func(a state.Adapter, name string) error { return a.Set(ctx, name, []byte("v"), time.Hour) },
		},
		{
			"Delete", func(a state.Adapter, name string) { s.set(t, a, name, "before", 0) },
			func(a state.Adapter, name string) { s.absent(t, a, name) },
			func(a state.Adapter, name string) error { return a.Delete(ctx, name) },
		},
	}
	if s.Features.Inbox {
		list = append(list, repeatable{
			"ExtendQueue", func(a state.Adapter, name string) { s.accept(t, a, name, "1", 0, 1) },
			func(a state.Adapter, name string) { s.waiting(t, a, name, "1") },
			func(a state.Adapter, name string) error { return inbox(a).ExtendQueue(ctx, name, time.Hour) },
		})
	}
	return list
}

// read is a call that changes nothing, and what it returns where there is one of
// each kind.
type read struct {
	name string
	do   func(a state.Adapter, name string) (string, error)
	want string
}

func (s *Subject) reads() []read {
	ctx := s.Context()
	count := func(n int, err error) (string, error) { return fmt.Sprint(n), err }
	list := []read{
		{"IsSubscribed", func(a state.Adapter, name string) (string, error) {
			yes, err := a.IsSubscribed(ctx, name)
			return fmt.Sprint(yes), err
		}, "true"},
		{"Get", func(a state.Adapter, name string) (string, error) {
			value, err := a.Get(ctx, name)
			return string(value), err
		}, "in the cache"},
		{"GetList", func(a state.Adapter, name string) (string, error) {
			values, err := a.GetList(ctx, name)
			return fmt.Sprintf("%s", values), err
		}, "[in the list]"},
		{"QueueDepth", func(a state.Adapter, name string) (string, error) { return count(a.QueueDepth(ctx, name)) }, "1"},
	}
	if s.Features.Inbox {
		list = append(list, read{"Waiting", func(a state.Adapter, name string) (string, error) {
			entries, err := inbox(a).Waiting(ctx, name)
			return fmt.Sprint(len(entries)), err
		}, "1"})
	}
	return list
}
