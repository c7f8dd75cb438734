package statetest

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// call is a valid call of one method.
type call struct {
	name string
	do   func(ctx context.Context, a state.Adapter) error
}

// args are what the calls of a table are made with.
type args struct {
	name string
	lock *state.Lock
	ttl  time.Duration
	size int
	// message is a queued message.
	message []byte
}

func validArgs() args {
	return args{name: "thread", lock: &state.Lock{ThreadID: "thread", Token: "token"}, ttl: time.Minute, size: 10, message: []byte(`{"n":1}`)}
}

func (x args) entry() state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: x.message, EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

// calls returns a call of every method but Connect and Close, those of the
// optional roles included where they are declared.
func (s *Subject) calls(x args) []call {
	list := []call{
		{"Subscribe", func(ctx context.Context, a state.Adapter) error { return a.Subscribe(ctx, x.name) }},
		{"Unsubscribe", func(ctx context.Context, a state.Adapter) error { return a.Unsubscribe(ctx, x.name) }},
		{"IsSubscribed", func(ctx context.Context, a state.Adapter) error { return second(a.IsSubscribed(ctx, x.name)) }},
		{"AcquireLock", func(ctx context.Context, a state.Adapter) error { return second(a.AcquireLock(ctx, x.name, x.ttl)) }},
		{"ExtendLock", func(ctx context.Context, a state.Adapter) error { return a.ExtendLock(ctx, x.lock, x.ttl) }},
		{"ReleaseLock", func(ctx context.Context, a state.Adapter) error { return a.ReleaseLock(ctx, x.lock) }},
		{"ForceReleaseLock", func(ctx context.Context, a state.Adapter) error { return a.ForceReleaseLock(ctx, x.name) }},
		{"Get", func(ctx context.Context, a state.Adapter) error { return second(a.Get(ctx, x.name)) }},
		{"Set", func(ctx context.Context, a state.Adapter) error { return a.Set(ctx, x.name, []byte("v"), x.ttl) }},
		{"SetIfNotExists", func(ctx context.Context, a state.Adapter) error {
			return second(a.SetIfNotExists(ctx, x.name, []byte("v"), x.ttl))
		}},
		{"Delete", func(ctx context.Context, a state.Adapter) error { return a.Delete(ctx, x.name) }},
		{"AppendToList", func(ctx context.Context, a state.Adapter) error {
			return a.AppendToList(ctx, x.name, []byte("v"), state.ListOptions{MaxLength: x.size, TTL: x.ttl})
		}},
		{"GetList", func(ctx context.Context, a state.Adapter) error { return second(a.GetList(ctx, x.name)) }},
		{"Enqueue", func(ctx context.Context, a state.Adapter) error {
			return second(a.Enqueue(ctx, x.name, x.entry(), x.size))
		}},
		{"Dequeue", func(ctx context.Context, a state.Adapter) error { return second(a.Dequeue(ctx, x.name)) }},
		{"QueueDepth", func(ctx context.Context, a state.Adapter) error { return second(a.QueueDepth(ctx, x.name)) }},
	}
	if s.Features.Inbox {
		list = append(list,
			call{"Accept", func(ctx context.Context, a state.Adapter) error {
				return second(inbox(a).Accept(ctx, x.name, x.entry(), x.size))
			}},
			call{"Waiting", func(ctx context.Context, a state.Adapter) error { return second(inbox(a).Waiting(ctx, x.name)) }},
			call{"Settle", func(ctx context.Context, a state.Adapter) error { return second(inbox(a).Settle(ctx, x.name)) }},
			call{"ExtendQueue", func(ctx context.Context, a state.Adapter) error { return inbox(a).ExtendQueue(ctx, x.name, x.ttl) }},
			call{"WaitingThreads", func(ctx context.Context, a state.Adapter) error {
				return second(inbox(a).WaitingThreads(ctx, time.Now(), x.size))
			}},
		)
	}
	if s.Features.Swaps {
		list = append(list, call{"CompareAndSwap", func(ctx context.Context, a state.Adapter) error {
			return second(swaps(a).CompareAndSwap(ctx, x.name, []byte("v"), []byte("w"), x.ttl))
		}})
	}
	if s.Features.Turns {
		list = append(list, turnCalls(x)...)
	}
	if s.Features.Fences {
		list = append(list, call{"Fence", func(ctx context.Context, a state.Adapter) error { return second(fences(a).Fence(ctx, x.lock)) }})
	}
	if s.Features.Checker {
		list = append(list, call{"Check", func(ctx context.Context, a state.Adapter) error { return role[state.Checker](a).Check(ctx) }})
	}
	return list
}

func turnCalls(x args) []call {
	return []call{
		{"StartTurn", func(ctx context.Context, a state.Adapter) error {
			return second(turns(a).StartTurn(ctx, state.StartTurn{Key: x.name, Value: []byte("v"), TTL: x.ttl, ThreadID: x.name, LockTTL: x.ttl}))
		}},
		{"StartTurn that accepts", func(ctx context.Context, a state.Adapter) error {
			return second(turns(a).StartTurn(ctx, state.StartTurn{
				Key: x.name, Value: state.NewClaim(time.Now()), TTL: x.ttl, ThreadID: x.name, LockTTL: x.ttl,
				Accept: state.AcceptTurn{ThreadID: x.name, Entry: x.entry(), MaxSize: x.size, Subscription: x.name, Keys: []string{x.name}},
			}))
		}},
		{"AcceptTurn", func(ctx context.Context, a state.Adapter) error {
			return second(turns(a).AcceptTurn(ctx, state.AcceptTurn{
				ThreadID: x.name, Entry: x.entry(), MaxSize: x.size, Subscription: x.name, Keys: []string{x.name},
			}))
		}},
		{"EndTurn", func(ctx context.Context, a state.Adapter) error {
			return second(turns(a).EndTurn(ctx, state.EndTurn{Marks: []string{x.name}, Mark: []byte("v"), MarkTTL: x.ttl, ThreadID: x.name, Lock: x.lock}))
		}},
	}
}

func second[T any](_ T, err error) error { return err }

// inbox and swaps are for cases that need the role: Run has seen that it is there.
func inbox(a state.Adapter) state.Inbox { return role[state.Inbox](a) }

func swaps(a state.Adapter) state.Swaps { return role[state.Swaps](a) }

func role[R any](a state.Adapter) R {
	r, ok := state.As[R](a)
	if !ok {
		panic(fmt.Sprintf("statetest: %T has no %v", a, reflect.TypeFor[R]()))
	}
	return r
}
