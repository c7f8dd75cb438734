package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// keyMutant replaces the names of cache values, or refuses them.
func keyMutant(rename func(key string) (string, error)) func(v *view) adapter {
	return func(v *view) adapter {
		return &cacheMutant{
			view: v,
			get: func(ctx context.Context, key string) ([]byte, error) {
				name, err := rename(key)
				if err != nil {
					return nil, err
				}
				return v.Get(ctx, name)
			},
			set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
				name, err := rename(key)
				if err != nil {
					return err
				}
				return v.Set(ctx, name, value, ttl)
			},
			setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
				name, err := rename(key)
				if err != nil {
					return false, err
				}
				return v.SetIfNotExists(ctx, name, value, ttl)
			},
		}
	}
}

// ruleMutants read differently what authors of adapters found unclear.
var ruleMutants = []mutant{
	{"names longer than a btree takes fail", "Names/UnusualKeys", keyMutant(func(key string) (string, error) {
		if len(key) > 1500 {
			return "", errors.New("index row size exceeds btree version 4 maximum 2704")
		}
		return key, nil
	})},
	{"names that are too long are cut", "Arguments/NameTooLong", keyMutant(func(key string) (string, error) {
		return strings.ToValidUTF8(key[:min(len(key), state.MaxName)], ""), nil
	})},
	{"arguments are looked at before the context", "Arguments/FirstError", keyMutant(func(key string) (string, error) {
		return key, state.CheckName("key", key)
	})},
	{"a turn starts before it looks at its lock's TTL", "Arguments/Turns", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			if out.Set, err = v.SetIfNotExists(ctx, req.Key, req.Value, req.TTL); err == nil && req.ThreadID != "" {
				out.Lock, err = v.AcquireLock(ctx, req.ThreadID, req.LockTTL)
			}
			return out, err
		}}
	}},
	{"a turn ends before it looks at its lock", "Arguments/Turns", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			if _, err := v.Settle(ctx, req.ThreadID, req.Receipts...); err != nil {
				return 0, err
			}
			return v.EndTurn(ctx, req)
		}}
	}},
	{"a claim found in place keeps its expiry", "Claims/AgainRenews", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			if found, err := v.Get(ctx, key); err == nil && state.IsClaim(value) && string(found) == string(value) {
				return true, nil
			}
			return v.SetIfNotExists(ctx, key, value, ttl)
		}}
	}},
	{"a claim swapped in again keeps its expiry", "Claims/SwapRenews", func(v *view) adapter {
		return &swapMutant{view: v, swap: func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if found, err := v.Get(ctx, key); err == nil && state.IsClaim(value) && string(found) == string(value) {
				return true, nil
			}
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"threads marked in the moment itself are listed", "Marks/InTheMoment", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			return v.WaitingThreads(ctx, before.Add(time.Nanosecond), limit)
		}}
	}},
	{"a thread whose last entry is dequeued stays listed", "Marks/GoneWhenDequeued", func(v *view) adapter {
		var marked memo[bool]
		return &inboxMutant{
			view: v,
			accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
				marked.put(threadID, true)
				return v.Accept(ctx, threadID, e, maxSize)
			},
			settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
				marked.drop(threadID)
				return v.Settle(ctx, threadID, receipts...)
			},
			threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
				all, err := v.WaitingThreads(ctx, before, limit)
				if was, _ := marked.get("thread"); was && len(all) == 0 {
					all = append(all, "thread")
				}
				return all, err
			},
		}
	}},
	{"a text that is no receipt is an error", "Inbox/SettleForeign", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			if slices.Contains(receipts, "no receipt") {
				return 0, fmt.Errorf("%w: receipt", state.ErrInvalidArgument)
			}
			return v.Settle(ctx, threadID, receipts...)
		}}
	}},
	{"only the adapter that issued a receipt can read it", "Persistent/ReceiptsOfAnother", func(v *view) adapter {
		own := fmt.Sprint(rand.Uint64(), " ")
		return &inboxMutant{
			view: v,
			waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
				all, err := v.Waiting(ctx, threadID)
				for i := range all {
					all[i].Receipt = state.Receipt(own) + all[i].Receipt
				}
				return all, err
			},
			settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
				var known []state.Receipt
				for _, r := range receipts {
					if r, ok := strings.CutPrefix(string(r), own); ok {
						known = append(known, state.Receipt(r))
					}
				}
				return v.Settle(ctx, threadID, known...)
			},
		}
	}},
	{"Close gives up when its context has ended", "Lifecycle/CloseHurries", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return v.Close(ctx)
		}}
	}},
	{"Close leaves its connection when its context has ended", "Resources/CloseHurries", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if ctx.Err() != nil {
				v.backend.dial()
			}
			return v.Close(ctx)
		}}
	}},
	{"a call writes before it looks at its context", "Context/ChangesNothing", func(v *view) adapter {
		return &subscriptionMutant{view: v, subscribe: func(ctx context.Context, threadID string) error {
			if err := v.Subscribe(context.WithoutCancel(ctx), threadID); err != nil {
				return err
			}
			return ctx.Err()
		}}
	}},
	{"a nil value is no value", "Values/Nil", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if value == nil {
				return v.Delete(ctx, key)
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"a turn finds what has expired", "Cache/ExpiredForEveryMethod", func(v *view) adapter { return &staleMutant{view: v} }},
	{"half of a lock's TTL is allowed for clock drift", "Locks/ExpiresAt", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if err == nil {
				lock.ExpiresAt = lock.ExpiresAt.Add(-ttl * 2 / 5)
			}
			return lock, err
		}}
	}},
}

// staleMutant has turns find every key that was ever set.
type staleMutant struct {
	*view
	ever memo[bool]
}

func (m *staleMutant) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	m.ever.put(key, true)
	return m.view.Set(ctx, key, value, ttl)
}

func (m *staleMutant) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	out, err := m.view.AcceptTurn(ctx, req)
	out.Found = nil
	for _, key := range req.Keys {
		_, missing := m.Get(ctx, key)
		if was, _ := m.ever.get(key); was || missing == nil {
			out.Found = append(out.Found, key)
		}
	}
	return out, err
}
