package conformance

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// listMutant replaces methods of Lists. A nil function leaves the method.
type listMutant struct {
	*view
	push func(ctx context.Context, key string, value []byte, opts state.ListOptions) error
	all  func(ctx context.Context, key string) ([][]byte, error)
}

func (m *listMutant) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	if m.push != nil {
		return m.push(ctx, key, value, opts)
	}
	return m.view.AppendToList(ctx, key, value, opts)
}

func (m *listMutant) GetList(ctx context.Context, key string) ([][]byte, error) {
	if m.all != nil {
		return m.all(ctx, key)
	}
	return m.view.GetList(ctx, key)
}

var listMutants = []mutant{
	{"a list is newest first", "Lists/Order", func(v *view) adapter {
		return &listMutant{view: v, all: func(ctx context.Context, key string) ([][]byte, error) {
			values, err := v.GetList(ctx, key)
			slices.Reverse(values)
			return values, err
		}}
	}},
	{"an absent list is an error", "Lists/Absent", func(v *view) adapter {
		return &listMutant{view: v, all: func(ctx context.Context, key string) ([][]byte, error) {
			values, err := v.GetList(ctx, key)
			if err == nil && len(values) == 0 {
				return nil, state.ErrNotFound
			}
			return values, err
		}}
	}},
	{"a value is kept once in a list", "Lists/EqualValues", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			values, err := v.GetList(ctx, key)
			if err == nil && slices.ContainsFunc(values, func(b []byte) bool { return bytes.Equal(b, value) }) {
				return nil
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list is trimmed at the wrong end", "Lists/MaxLength", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			values, err := v.GetList(ctx, key)
			if err == nil && opts.MaxLength > 0 && len(values) >= opts.MaxLength {
				return nil
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"MaxLength is ignored", "Lists/MaxLength", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			opts.MaxLength = min(opts.MaxLength, 0)
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"MaxLength keeps one too many", "Lists/MaxLengthOne", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if opts.MaxLength > 0 {
				opts.MaxLength++
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"MaxLength drops one value at most", "Lists/MaxLengthOfThisAppend", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if values, err := v.GetList(ctx, key); err == nil && opts.MaxLength > 0 {
				opts.MaxLength = max(opts.MaxLength, len(values))
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list without MaxLength keeps a hundred", "Lists/NoMaxLength", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if opts.MaxLength == 0 {
				opts.MaxLength = 100
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"appends overwrite each other", "Lists/ConcurrentAppends", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			before, err := v.GetList(ctx, key)
			if err != nil {
				return err
			}
			pause()
			after, err := v.GetList(ctx, key)
			if err == nil && len(after) != len(before) {
				return nil // written over by what another has read
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list's bound is applied after the append", "Lists/ConcurrentBound", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			bound := opts.MaxLength
			if bound <= 0 {
				return v.AppendToList(ctx, key, value, opts)
			}
			values, err := v.GetList(ctx, key)
			if err != nil {
				return err
			}
			pause() // others append meanwhile, and it goes by what it has seen
			if len(values) < bound {
				opts.MaxLength = 0
				defer pause() // a reader sees what is too much before the next one trims it
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list's TTL is never applied", "Lists/Expires", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			opts.TTL = min(opts.TTL, 0)
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list without TTL expires after a day", "Lists/NoExpiry", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if opts.TTL == 0 {
				opts.TTL = 24 * time.Hour
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"an append without TTL clears the expiry", "Lists/TTLLeftAlone", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if opts.TTL == 0 {
				opts.TTL = century
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"the first append sets a list's TTL for good", "Lists/TTLRefreshed", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if values, err := v.GetList(ctx, key); err == nil && len(values) > 0 {
				opts.TTL = min(opts.TTL, 0)
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list's TTL is never shortened", "Lists/TTLShortened", func(v *view) adapter {
		var ends memo[time.Time]
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			if end, ok := ends.get(key); ok && opts.TTL > 0 {
				opts.TTL = max(opts.TTL, time.Until(end))
			}
			if opts.TTL > 0 {
				ends.put(key, time.Now().Add(opts.TTL))
			}
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"a list's TTL is cut to whole milliseconds", "Lists/TTLUnderAMillisecond", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			opts.TTL = opts.TTL.Truncate(time.Millisecond)
			return v.AppendToList(ctx, key, value, opts)
		}}
	}},
	{"GetList gives out one array", "Values/ListGivesAway", func(v *view) adapter {
		return &listMutant{view: v, all: func(ctx context.Context, key string) ([][]byte, error) {
			values, err := v.GetList(ctx, key)
			joined := bytes.Join(values, nil)
			for i, start := 0, 0; i < len(values); i++ {
				end := start + len(values[i])
				values[i] = joined[start:end] // its capacity reaches into the next
				start = end
			}
			return values, err
		}}
	}},
}
