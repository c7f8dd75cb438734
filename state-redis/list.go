package redisstate

import (
	"context"
	"errors"
	"strconv"

	"github.com/chat-adapter/chat-go/core/state"
)

// AppendToList pushes the value at the tail, keeps the newest opts.MaxLength
// values, and refreshes the expiry of the whole list when opts.TTL is positive.
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the value may be there, and appending it again can
// double it.
func (a *Adapter) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	o, err := a.begin(ctx, "append to list")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("key", key), state.CheckSize("opts.MaxLength", opts.MaxLength),
		state.CheckTTL("opts.TTL", opts.TTL)); err != nil {
		return err
	}
	cmd := newRun(appendScript, a.keys.list+key, string(value), strconv.Itoa(opts.MaxLength), millisText(opts.TTL))
	if err := o.run(a.main, appendScript, cmd, once); err != nil {
		return o.failUnknown(err, "list", key)
	}
	return nil
}

// GetList returns the values in insertion order, and none, without an error,
// if the list is absent or expired.
func (a *Adapter) GetList(ctx context.Context, key string) ([][]byte, error) {
	o, err := a.begin(ctx, "get list")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	cmd := newStrings("lrange", a.keys.list+key, 0, -1)
	if err := o.do(a.main, cmd, again); err != nil {
		return nil, o.fail(err, "list", key)
	}
	values := make([][]byte, len(cmd.Val()))
	for i, v := range cmd.Val() {
		values[i] = []byte(v)
	}
	return values, nil
}
