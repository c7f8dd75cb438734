// Package barest is the barest client there can be of what another client does on
// Redis: it sends the same commands on plain connections, pipelined by hand, without
// contract or checks. It shows what the server and the machine allow.
package barest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Recorder writes down what a client sends. It is a redis.Hook of that client.
type Recorder struct {
	mu    sync.Mutex
	trips [][]redis.Cmder
}

// Trips are what one call sends, one write after the other, as the server reads them.
type Trips []Trip

// Trip is one write: commands, and how many replies come to it.
type Trip struct {
	request []byte
	replies int
}

// DialHook does nothing.
func (r *Recorder) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook writes a command down.
func (r *Recorder) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		r.add([]redis.Cmder{cmd})
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook writes commands down that travel together.
func (r *Recorder) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		r.add(slices.Clone(cmds))
		return next(ctx, cmds)
	}
}

func (r *Recorder) add(cmds []redis.Cmder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trips = append(r.trips, cmds)
}

// Take returns what was sent since the last Take and names the id, leaving out all
// other trips: those are not the call's own. Of a script only the hash may be sent.
func (r *Recorder) Take(id string) (Trips, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var trips Trips
	recorded := r.trips
	r.trips = nil
	for _, cmds := range recorded {
		var trip Trip
		text := false
		for _, cmd := range cmds {
			text = text || cmd.Name() == "eval"
			trip.request = appendRequest(trip.request, cmd.Args())
			trip.replies++
		}
		if !bytes.Contains(trip.request, []byte(id)) {
			continue
		}
		if text {
			return nil, errors.New("barest: a script was recorded that the server did not know yet")
		}
		trips = append(trips, trip)
	}
	if len(trips) == 0 {
		return nil, fmt.Errorf("barest: nothing was sent about %q", id)
	}
	return trips, nil
}

// appendRequest encodes a command as https://redis.io/docs/latest/develop/reference/protocol-spec/ says.
func appendRequest(b []byte, args []any) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(args))
	for _, arg := range args {
		var text []byte
		switch v := arg.(type) {
		case []byte:
			text = v
		case string:
			text = []byte(v)
		case int64:
			text = strconv.AppendInt(nil, v, 10)
		default:
			text = fmt.Append(nil, v)
		}
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(text), text)
	}
	return b
}
