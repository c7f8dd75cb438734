package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

var lifecycleMutants = []mutant{
	{"works before Connect", "Lifecycle/NotConnected", func(v *view) adapter { v.phase.Store(1); return v }},
	{"works after Close", "Lifecycle/Closed", func(v *view) adapter { return &closeMutant{view: v, close: func(context.Context) error { return nil }} }},
	{"a second Close fails", "Lifecycle/CloseTwice", func(v *view) adapter {
		var calls atomic.Int64
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if calls.Add(1) > 1 {
				return errors.New("closed already")
			}
			return v.Close(ctx)
		}}
	}},
	{"Close before Connect fails", "Lifecycle/CloseBeforeConnect", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if v.phase.Load() == 0 {
				return state.ErrNotConnected
			}
			return v.Close(ctx)
		}}
	}},
	{"Close hangs", "Lifecycle/CloseIsPrompt", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			time.Sleep(time.Hour)
			return v.Close(ctx)
		}}
	}},
	{"Close forgets what was stored", "Persistent/Subscriptions", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if v.phase.Load() == 1 {
				_ = v.backend.Unsubscribe(ctx, "thread")
			}
			return v.Close(ctx)
		}}
	}},
	{"Close closes what others use", "Shared/CloseLeavesTheOther", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			_ = v.Close(ctx)
			return v.backend.Close(ctx)
		}}
	}},
	{"Connect after Close connects again", "Lifecycle/ConnectAfterClose", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			v.phase.Store(1)
			return nil
		}}
	}},
	{"a failed Connect is remembered", "Lifecycle/ConnectAfterFailure", func(v *view) adapter {
		var failed atomic.Value
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if err := failed.Load(); err != nil {
				return err.(error)
			}
			err := v.Connect(ctx)
			if err != nil {
				failed.Store(err)
			}
			return err
		}}
	}},
	{"a failed Connect counts as connected", "Lifecycle/NotConnectedAfterFailure", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			err := v.Connect(ctx)
			v.phase.CompareAndSwap(0, 1)
			return err
		}}
	}},
	{"a second Connect fails", "Lifecycle/ConnectTwice", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if v.phase.Load() == 1 {
				return errors.New("connected already")
			}
			return v.Connect(ctx)
		}}
	}},
	{"concurrent Connects fail but one", "Lifecycle/ConnectConcurrently", func(v *view) adapter {
		var busy atomic.Bool
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if !busy.CompareAndSwap(false, true) {
				return errors.New("an attempt is under way")
			}
			defer busy.Store(false)
			pause()
			return v.Connect(ctx)
		}}
	}},
}

type closeMutant struct {
	*view
	close func(ctx context.Context) error
}

func (m *closeMutant) Close(ctx context.Context) error { return m.close(ctx) }

type connectMutant struct {
	*view
	connect func(ctx context.Context) error
}

func (m *connectMutant) Connect(ctx context.Context) error { return m.connect(ctx) }

var contextMutants = []mutant{
	{"the context is ignored", "Context/CancelledBefore", func(v *view) adapter { return &deafMutant{v} }},
	{"the context's error is hidden in a text", "Context/CancelledBefore", func(v *view) adapter { return &mumblingMutant{v} }},
	{"a cancelled call is waited for", "Context/CancelledBefore", func(v *view) adapter { return &slowMutant{v} }},
	{"a cancelled call breaks the adapter", "Context/UsableAfterwards", func(v *view) adapter { return &brittleMutant{view: v} }},
	{"Connect ignores the context", "Context/ConnectCancelled", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(context.Context) error { return v.Connect(context.Background()) }}
	}},
}

type deafMutant struct{ *view }

func (m *deafMutant) Get(ctx context.Context, key string) ([]byte, error) {
	return m.view.Get(context.WithoutCancel(ctx), key)
}

type mumblingMutant struct{ *view }

func (m *mumblingMutant) Delete(ctx context.Context, key string) error {
	err := m.view.Delete(ctx, key)
	if err != nil && err == ctx.Err() { //nolint:errorlint // compared as the mutant does
		return fmt.Errorf("delete: %v", err) //nolint:errorlint // the planted fault
	}
	return err
}

type slowMutant struct{ *view }

func (m *slowMutant) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	if ctx.Err() != nil {
		time.Sleep(10 * time.Second)
	}
	return m.view.Enqueue(ctx, threadID, e, maxSize)
}

type brittleMutant struct {
	*view
	broken atomic.Bool
}

func (m *brittleMutant) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if m.broken.Load() {
		return state.ErrUnavailable
	}
	err := m.view.Set(ctx, key, value, ttl)
	if errors.Is(err, context.Canceled) {
		m.broken.Store(true)
	}
	return err
}
