package conformance

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// swapMutant replaces CompareAndSwap.
type swapMutant struct {
	*view
	swap func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error)
}

func (m *swapMutant) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return m.swap(ctx, key, old, value, ttl)
}

var swapMutants = []mutant{
	{"a swap compares and then sets", "Swaps/OneWinner", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			found, err := v.Get(ctx, key)
			absent := errors.Is(err, state.ErrNotFound)
			if err != nil && !absent {
				return false, err
			}
			if !absent && state.IsClaim(value) && bytes.Equal(found, value) {
				return true, nil
			}
			if absent != (old == nil) || !bytes.Equal(found, old) {
				return false, nil
			}
			pause()
			return true, v.Set(ctx, key, value, ttl)
		}}
	}},
	{"swaps are refused under contention", "Swaps/Contention", func(v *view) adapter {
		var mu sync.Mutex
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if !mu.TryLock() {
				return false, nil
			}
			defer mu.Unlock()
			pause()
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"a refused swap sets the value", "Swaps/Refused", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			swapped, err := v.CompareAndSwap(ctx, key, old, value, ttl)
			if err == nil && !swapped {
				err = v.Set(ctx, key, value, ttl)
			}
			return swapped, err
		}}
	}},
	{"a nil old matches any value", "Swaps/Absent", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if old == nil {
				return true, v.Set(ctx, key, value, ttl)
			}
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"an empty old means absent", "Swaps/EmptyValue", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if len(old) == 0 {
				old = nil
			}
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"an absent key matches an old value", "Swaps/RefusedAbsent", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if _, err := v.Get(ctx, key); errors.Is(err, state.ErrNotFound) {
				old = nil
			}
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"a swap forgets the TTL", "Swaps/Expires", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			return v.CompareAndSwap(ctx, key, old, value, min(ttl, 0))
		}}
	}},
	{"a swapped claim is not known again", "Swaps/Claim", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			if found, err := v.Get(ctx, key); err == nil && state.IsClaim(value) && !bytes.Equal(found, old) {
				return false, nil
			}
			return v.CompareAndSwap(ctx, key, old, value, ttl)
		}}
	}},
	{"an equal value found counts as swapped", "Swaps/PlainValueAgain", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			swapped, err := v.CompareAndSwap(ctx, key, old, value, ttl)
			if found, e := v.Get(ctx, key); err == nil && e == nil && bytes.Equal(found, value) {
				return true, nil
			}
			return swapped, err
		}}
	}},
}

// subscriptionMutant replaces methods of Subscriptions. A nil function leaves
// the method.
type subscriptionMutant struct {
	*view
	subscribe   func(ctx context.Context, threadID string) error
	unsubscribe func(ctx context.Context, threadID string) error
	is          func(ctx context.Context, threadID string) (bool, error)
}

func (m *subscriptionMutant) Subscribe(ctx context.Context, threadID string) error {
	if m.subscribe != nil {
		return m.subscribe(ctx, threadID)
	}
	return m.view.Subscribe(ctx, threadID)
}

func (m *subscriptionMutant) Unsubscribe(ctx context.Context, threadID string) error {
	if m.unsubscribe != nil {
		return m.unsubscribe(ctx, threadID)
	}
	return m.view.Unsubscribe(ctx, threadID)
}

func (m *subscriptionMutant) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	if m.is != nil {
		return m.is(ctx, threadID)
	}
	return m.view.IsSubscribed(ctx, threadID)
}

var subscriptionMutants = []mutant{
	{"subscriptions are counted", "Subscriptions/SubscribeAgain", func(v *view) adapter {
		var counts memo[int]
		return &subscriptionMutant{
			view: v,
			subscribe: func(ctx context.Context, threadID string) error {
				n, _ := counts.get(threadID)
				counts.put(threadID, n+1)
				return v.Subscribe(ctx, threadID)
			},
			unsubscribe: func(ctx context.Context, threadID string) error {
				n, _ := counts.get(threadID)
				counts.put(threadID, n-1)
				if n > 1 {
					return nil
				}
				return v.Unsubscribe(ctx, threadID)
			},
		}
	}},
	{"Unsubscribe of an absent thread fails", "Subscriptions/UnsubscribeAbsent", func(v *view) adapter {
		return &subscriptionMutant{view: v, unsubscribe: func(ctx context.Context, threadID string) error {
			if ok, err := v.IsSubscribed(ctx, threadID); err == nil && !ok {
				return state.ErrNotFound
			}
			return v.Unsubscribe(ctx, threadID)
		}}
	}},
	{"Unsubscribe does nothing", "Subscriptions/Unsubscribe", func(v *view) adapter {
		return &subscriptionMutant{view: v, unsubscribe: func(ctx context.Context, threadID string) error {
			_, err := v.IsSubscribed(ctx, threadID)
			return err
		}}
	}},
	{"a subscription ends after a day", "Subscriptions/NoExpiry", func(v *view) adapter {
		return &subscriptionMutant{view: v, subscribe: func(ctx context.Context, threadID string) error {
			if err := v.Subscribe(ctx, threadID); err != nil {
				return err
			}
			time.AfterFunc(24*time.Hour, func() { _ = v.backend.Unsubscribe(context.Background(), threadID) })
			return nil
		}}
	}},
	{"every thread is subscribed", "Subscriptions/Membership", func(v *view) adapter {
		return &subscriptionMutant{view: v, is: func(ctx context.Context, threadID string) (bool, error) {
			_, err := v.IsSubscribed(ctx, threadID)
			return err == nil, err
		}}
	}},
}

var nameMutants = []mutant{
	{"locks lie among the cached values", "Names/PrefixesApart", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if err == nil {
				_ = v.Set(ctx, "lock:"+threadID, []byte(lock.Token), ttl)
			}
			return lock, err
		}}
	}},
	{"a list and a cached value share a name", "Names/KindsApart", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if err := v.AppendToList(ctx, key, value, opts); err != nil {
				return err
			}
			return v.Delete(ctx, key)
		}}
	}},
	{"a list is a cached value, too", "Names/EachKindAlone", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if err := v.AppendToList(ctx, key, value, opts); err != nil {
				return err
			}
			_, err := v.SetIfNotExists(ctx, key, value, 0)
			return err
		}}
	}},
	{"names are the same in upper and lower case", "Names/UnusualKeys", func(v *view) adapter { return renamedKeys(v, strings.ToLower) }},
	{"spaces around names are cut", "Names/UnusualKeys", func(v *view) adapter { return renamedKeys(v, trimmed) }},
	{"names end at a zero byte", "Names/UnusualKeys", func(v *view) adapter {
		return renamedKeys(v, func(key string) string {
			before, _, _ := strings.Cut(key, "\x00")
			return before
		})
	}},
	{"names are cut at 255 bytes", "Names/UnusualKeys", func(v *view) adapter {
		return renamedKeys(v, func(key string) string { return strings.ToValidUTF8(key[:min(len(key), 255)], "") })
	}},
	{"lists whose names differ by a space are one", "Names/UnusualLists", func(v *view) adapter {
		return &listMutant{
			view: v,
			push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
				return v.AppendToList(ctx, trimmed(key), value, opts)
			},
			all: func(ctx context.Context, key string) ([][]byte, error) { return v.GetList(ctx, trimmed(key)) },
		}
	}},
	{"queues whose names differ by a space are one", "Names/UnusualQueues", func(v *view) adapter {
		return &queueMutant{
			view: v,
			enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
				return v.Enqueue(ctx, trimmed(threadID), e, maxSize)
			},
			dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
				return v.Dequeue(ctx, trimmed(threadID))
			},
		}
	}},
	{"names with a colon are refused", "Names/UnusualSubscriptions", func(v *view) adapter {
		return &subscriptionMutant{view: v, subscribe: func(ctx context.Context, threadID string) error {
			if strings.Contains(threadID, ":") {
				return state.ErrInvalidArgument
			}
			return v.Subscribe(ctx, threadID)
		}}
	}},
}

func trimmed(key string) string {
	if t := strings.TrimSpace(key); t != "" {
		return t
	}
	return key
}

// renamedKeys mixes up cache keys.
func renamedKeys(v *view, name func(key string) string) adapter {
	return &cacheMutant{
		view: v,
		get:  func(ctx context.Context, key string) ([]byte, error) { return v.Get(ctx, name(key)) },
		set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			return v.Set(ctx, name(key), value, ttl)
		},
		setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			return v.SetIfNotExists(ctx, name(key), value, ttl)
		},
		del: func(ctx context.Context, key string) error { return v.Delete(ctx, name(key)) },
	}
}

var concurrencyMutants = []mutant{
	{"a call is refused during another", "Concurrency/EveryMethod", func(v *view) adapter {
		var mu sync.Mutex
		return &subscriptionMutant{view: v, subscribe: func(ctx context.Context, threadID string) error {
			if !mu.TryLock() {
				return state.ErrUnavailable
			}
			defer mu.Unlock()
			pause()
			return v.Subscribe(ctx, threadID)
		}}
	}},
}

var argumentMutants = []mutant{
	{"an empty name is served", "Arguments/EmptyName", func(v *view) adapter {
		return renamedKeys(v, func(key string) string {
			if key == "" {
				return "the empty key"
			}
			return key
		})
	}},
	{"a name that is not UTF-8 is mended", "Arguments/NameNotUnicode", func(v *view) adapter {
		return renamedKeys(v, func(key string) string {
			if key == "" {
				return key
			}
			return strings.ToValidUTF8(key, "?")
		})
	}},
	{"a lock TTL of 0 is granted", "Arguments/LockTTL", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			if ttl == 0 {
				ttl = 1
			}
			return v.AcquireLock(ctx, threadID, ttl)
		}}
	}},
	{"extend with a TTL of 0 gives the lock up", "Arguments/LockTTL", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if ttl == 0 && lock != nil {
				return v.ReleaseLock(ctx, lock)
			}
			return v.ExtendLock(ctx, lock, ttl)
		}}
	}},
	{"extend refuses a TTL of 0 and gives the lock up", "Arguments/LockTTLChangesNothing", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if ttl == 0 && lock != nil {
				_ = v.ReleaseLock(ctx, lock)
			}
			return v.ExtendLock(ctx, lock, ttl)
		}}
	}},
	{"a nil lock counts as released", "Arguments/Lock", func(v *view) adapter {
		return &lockMutant{view: v, release: func(ctx context.Context, lock *state.Lock) error {
			if lock == nil {
				return nil
			}
			return v.ReleaseLock(ctx, lock)
		}}
	}},
	{"a negative TTL expires at once", "Arguments/NegativeTTL", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if ttl < 0 {
				return v.Delete(ctx, key)
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"a refused negative TTL deletes the value", "Arguments/NegativeTTLChangesNothing", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if ttl < 0 {
				_ = v.Delete(ctx, key)
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"a negative TTL is the backend's own error", "Arguments/NegativeTTL", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			if ttl < 0 {
				return false, errors.New("ERR invalid expire time in 'set' command")
			}
			return v.SetIfNotExists(ctx, key, value, ttl)
		}}
	}},
	{"a negative MaxLength trims nothing", "Arguments/NegativeSize", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			opts.MaxLength = max(opts.MaxLength, 0)
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a negative maxSize is no bound", "Arguments/NegativeSize", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			return v.Enqueue(ctx, threadID, e, max(maxSize, 0))
		}}
	}},
	{"a negative limit means all", "Arguments/InboxSize", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			return v.WaitingThreads(ctx, before, max(limit, 0))
		}}
	}},
	{"a swap takes a negative TTL", "Arguments/SwapTTL", func(v *view) adapter {
		return &swapMutant{v, func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			return v.CompareAndSwap(ctx, key, old, value, max(ttl, 0))
		}}
	}},
	{"a message that is no JSON is queued", "Arguments/Message", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if state.CheckEntry("entry", e) != nil {
				e.Message = strconv.AppendQuoteToASCII(nil, string(e.Message))
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"a refused message marks the thread", "Arguments/AcceptedMessage", func(v *view) adapter {
		return &inboxMutant{view: v, accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if err := state.CheckEntry("entry", e); err != nil {
				e.Message = []byte("null")
				_, _ = v.Accept(ctx, threadID, e, maxSize)
				return 0, err
			}
			return v.Accept(ctx, threadID, e, maxSize)
		}}
	}},
	{"an error does not name the argument", "Arguments/ErrorNamesTheArgument", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			if errors.Is(err, state.ErrInvalidArgument) {
				return nil, state.ErrInvalidArgument
			}
			return value, err
		}}
	}},
}
