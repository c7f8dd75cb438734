package memorystate

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/core/state"
)

// list holds the values of one key. Stored values are never changed in place.
type list struct{ values fifo[[]byte] }

// AppendToList implements [state.Lists].
func (a *Adapter) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := state.CheckName("key", key); err != nil {
		return err
	}
	if err := state.CheckSize("opts.MaxLength", opts.MaxLength); err != nil {
		return err
	}
	if err := state.CheckTTL("opts.TTL", opts.TTL); err != nil {
		return err
	}
	stored := copyOf(value)
	t := &a.lists[a.shard(key)]
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	now := a.clock.now()
	it := t.get(key, now)
	if it == nil {
		it = t.add(strings.Clone(key), list{}, never, now)
	}
	l := &it.value
	l.values.push(stored)
	if opts.MaxLength > 0 {
		for l.values.len() > opts.MaxLength {
			l.values.pop()
		}
	}
	if opts.TTL > 0 {
		t.setEnd(it, now.plus(state.CeilMillis(opts.TTL)), now)
	}
	return nil
}

// GetList implements [state.Lists].
func (a *Adapter) GetList(ctx context.Context, key string) ([][]byte, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	t := &a.lists[a.shard(key)]
	if err := t.lock(); err != nil {
		return nil, err
	}
	var values [][]byte
	if it := t.get(key, a.clock.now()); it != nil {
		values = append(values, it.value.values.all()...)
	}
	t.unlock()
	size := 0
	for _, v := range values {
		size += len(v)
	}
	buf := make([]byte, 0, size)
	for i, v := range values {
		values[i], buf = carve(buf, v)
	}
	return values, nil
}

// carve copies v to the end of buf, which has room for it, and returns the copy
// with no capacity beyond it, so that appending to it spoils no neighbour.
func carve(buf, v []byte) (piece, rest []byte) {
	start := len(buf)
	buf = append(buf, v...)
	return buf[start:len(buf):len(buf)], buf
}
