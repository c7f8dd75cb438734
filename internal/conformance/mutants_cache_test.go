package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// cacheMutant replaces methods of Cache. A nil function leaves the method.
type cacheMutant struct {
	*view
	get    func(ctx context.Context, key string) ([]byte, error)
	set    func(ctx context.Context, key string, value []byte, ttl time.Duration) error
	setNew func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)
	del    func(ctx context.Context, key string) error
}

func (m *cacheMutant) Get(ctx context.Context, key string) ([]byte, error) {
	if m.get != nil {
		return m.get(ctx, key)
	}
	return m.view.Get(ctx, key)
}

func (m *cacheMutant) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if m.set != nil {
		return m.set(ctx, key, value, ttl)
	}
	return m.view.Set(ctx, key, value, ttl)
}

func (m *cacheMutant) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if m.setNew != nil {
		return m.setNew(ctx, key, value, ttl)
	}
	return m.view.SetIfNotExists(ctx, key, value, ttl)
}

func (m *cacheMutant) Delete(ctx context.Context, key string) error {
	if m.del != nil {
		return m.del(ctx, key)
	}
	return m.view.Delete(ctx, key)
}

// memo is a map that goroutines share.
type memo[V any] struct {
	mu     sync.Mutex
	values map[string]V
}

func (m *memo[V]) put(key string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]V{}
	}
	m.values[key] = value
}

func (m *memo[V]) get(key string) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok
}

func (m *memo[V]) drop(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
}

var cacheMutants = []mutant{
	{"an absent key has a nil value and no error", "Cache/GetAbsent", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			if errors.Is(err, state.ErrNotFound) {
				return nil, nil
			}
			return value, err
		}}
	}},
	{"an empty value counts as absent", "Cache/EmptyValue", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			if err == nil && len(value) == 0 {
				return nil, state.ErrNotFound
			}
			return value, err
		}}
	}},
	{"a value can be read once", "Cache/Get", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			if err == nil {
				err = v.Delete(ctx, key)
			}
			return value, err
		}}
	}},
	{"a value ends at 512 KiB", "Cache/LargeValue", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			return v.Set(ctx, key, value[:min(len(value), 512<<10)], ttl)
		}}
	}},
	{"values are written anew as JSON", "Cache/ExactBytes", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			var b bytes.Buffer
			if json.Compact(&b, value) == nil {
				value = b.Bytes()
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"a value's TTL is never applied", "Cache/Expires", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			return v.Set(ctx, key, value, min(ttl, 0))
		}}
	}},
	{"a value without TTL expires after a day", "Cache/NoExpiry", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if ttl == 0 {
				ttl = 24 * time.Hour
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"Set without TTL keeps the old expiry", "Cache/SetRemovesTheExpiry", func(v *view) adapter {
		var ends memo[time.Time]
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if end, ok := ends.get(key); ok && ttl == 0 && time.Until(end) > 0 {
				ttl = time.Until(end)
			}
			if ttl > 0 {
				ends.put(key, time.Now().Add(ttl))
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"Set never shortens the expiry", "Cache/SetShortensTheExpiry", func(v *view) adapter {
		var ends memo[time.Time]
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if end, ok := ends.get(key); ok && ttl > 0 {
				ttl = max(ttl, time.Until(end))
			}
			if ttl > 0 {
				ends.put(key, time.Now().Add(ttl))
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"the timer of a deleted value ends the next one", "Cache/DeleteEndsTheExpiry", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if err := v.Set(ctx, key, value, ttl); err != nil {
				return err
			}
			if ttl > 0 {
				time.AfterFunc(ttl, func() { _ = v.backend.Delete(context.Background(), key) })
			}
			return nil
		}}
	}},
	{"a TTL under a millisecond means for ever", "Cache/TTLUnderAMillisecond", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			return v.Set(ctx, key, value, ttl.Truncate(time.Millisecond))
		}}
	}},
	{"a TTL with a fraction of a millisecond is refused", "Cache/TTLUnderAMillisecond", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			if ttl%time.Millisecond != 0 && ttl > time.Millisecond {
				return false, errors.New("value is not an integer or out of range")
			}
			return v.SetIfNotExists(ctx, key, value, ttl)
		}}
	}},
	{"a TTL of centuries overflows", "Cache/LongTTL", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if ttl > 2*century {
				ttl = 1
			}
			return v.Set(ctx, key, value, ttl)
		}}
	}},
	{"set-if-absent is get and then set", "Cache/SetIfNotExistsOneWinner", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			found, err := v.Get(ctx, key)
			if err == nil {
				return state.IsClaim(value) && bytes.Equal(found, value), nil
			} else if !errors.Is(err, state.ErrNotFound) {
				return false, err
			}
			pause()
			return true, v.Set(ctx, key, value, ttl)
		}}
	}},
	{"set-if-absent overwrites", "Cache/SetIfNotExists", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if err == nil && !set {
				err = v.Set(ctx, key, value, ttl)
			}
			return set, err
		}}
	}},
	{"set-if-absent forgets the TTL", "Cache/SetIfNotExistsExpires", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			return v.SetIfNotExists(ctx, key, value, min(ttl, 0))
		}}
	}},
	{"an expired key blocks set-if-absent", "Cache/SetIfNotExistsAfterExpiry", func(v *view) adapter {
		var known memo[bool]
		return &cacheMutant{
			view: v,
			set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
				known.put(key, true)
				return v.Set(ctx, key, value, ttl)
			},
			setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
				if _, ok := known.get(key); ok {
					return false, nil
				}
				return v.SetIfNotExists(ctx, key, value, ttl)
			},
			del: func(ctx context.Context, key string) error {
				known.drop(key)
				return v.Delete(ctx, key)
			},
		}
	}},
	{"a refused set-if-absent renews the value", "Cache/RefusalLeavesTheExpiry", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if err == nil && !set {
				if old, err := v.Get(ctx, key); err == nil {
					return false, v.Set(ctx, key, old, ttl)
				}
			}
			return set, err
		}}
	}},
	{"a claim set again is refused", "Claims/Again", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			if _, err := v.Get(ctx, key); err == nil {
				return false, nil
			}
			return v.SetIfNotExists(ctx, key, value, ttl)
		}}
	}},
	{"any claim found counts as one's own", "Claims/Taken", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if old, e := v.Get(ctx, key); err == nil && e == nil && state.IsClaim(old) && state.IsClaim(value) {
				return true, nil
			}
			return set, err
		}}
	}},
	{"a claim overwrites another value", "Claims/TakenByAnotherValue", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if old, e := v.Get(ctx, key); err == nil && e == nil && !state.IsClaim(old) && state.IsClaim(value) {
				return true, v.Set(ctx, key, value, ttl)
			}
			return set, err
		}}
	}},
	{"an equal value found counts as one's own", "Cache/SetIfNotExistsEqualValue", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if old, e := v.Get(ctx, key); err == nil && e == nil && bytes.Equal(old, value) {
				return true, nil
			}
			return set, err
		}}
	}},
	{"Delete of an absent key fails", "Cache/DeleteAbsent", func(v *view) adapter {
		return &cacheMutant{view: v, del: func(ctx context.Context, key string) error {
			if _, err := v.Get(ctx, key); err != nil {
				return err
			}
			return v.Delete(ctx, key)
		}}
	}},
	{"Delete removes the list of that name", "Cache/DeleteLeavesTheRest", func(v *view) adapter {
		return &cacheMutant{view: v, del: func(ctx context.Context, key string) error {
			if err := v.Delete(ctx, key); err != nil {
				return err
			}
			return emptyList(ctx, v, key)
		}}
	}},
	{"Delete releases the lock of that name", "Cache/DeleteLeavesTheRest", func(v *view) adapter {
		return &cacheMutant{view: v, del: func(ctx context.Context, key string) error {
			if err := v.Delete(ctx, key); err != nil {
				return err
			}
			return v.ForceReleaseLock(ctx, key)
		}}
	}},
	{"Set keeps the caller's slice", "Values/CacheKeepsNoReference", func(v *view) adapter {
		var kept memo[[]byte]
		return &cacheMutant{
			view: v,
			set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
				kept.put(key, value)
				return v.Set(ctx, key, value, ttl)
			},
			get: func(ctx context.Context, key string) ([]byte, error) {
				value, err := v.Get(ctx, key)
				if alias, ok := kept.get(key); ok && err == nil {
					return bytes.Clone(alias), nil
				}
				return value, err
			},
		}
	}},
	{"Get gives out the stored slice", "Values/CacheGivesAway", func(v *view) adapter {
		var kept memo[[]byte]
		return &cacheMutant{
			view: v,
			set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
				kept.put(key, bytes.Clone(value))
				return v.Set(ctx, key, value, ttl)
			},
			get: func(ctx context.Context, key string) ([]byte, error) {
				value, err := v.Get(ctx, key)
				if stored, ok := kept.get(key); ok && err == nil {
					return stored, nil
				}
				return value, err
			},
		}
	}},
	{"Get answers from the instance's own copy", "Shared/Cache", func(v *view) adapter {
		var own memo[[]byte]
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			if value, ok := own.get(key); ok {
				return bytes.Clone(value), nil
			}
			value, err := v.Get(ctx, key)
			if err == nil {
				own.put(key, bytes.Clone(value))
			}
			return value, err
		}}
	}},
}

// emptyList makes a list expire at once, as there is no call to delete one.
func emptyList(ctx context.Context, v *view, key string) error {
	if err := v.AppendToList(ctx, key, nil, state.ListOptions{MaxLength: 1, TTL: 1}); err != nil {
		return err
	}
	time.Sleep(2 * time.Millisecond)
	return nil
}
