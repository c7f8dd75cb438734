package adaptertest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// unsteady is a state whose backend can be away.
type unsteady struct {
	state.Adapter
	away atomic.Bool
}

// makeUnsteady returns the state with a switch. It has the roles of the state:
// each is a layer of its own, found by [state.As].
func makeUnsteady(st state.Adapter) (state.Adapter, *unsteady) {
	u := &unsteady{Adapter: st}
	var top state.Adapter = u
	if inbox, ok := state.As[state.Inbox](st); ok {
		top = &unsteadyInbox{layer{top}, u, inbox}
	}
	if swaps, ok := state.As[state.Swaps](st); ok {
		top = &unsteadySwaps{layer{top}, u, swaps}
	}
	if turns, ok := state.As[state.Turns](st); ok {
		top = &unsteadyTurns{layer{top}, u, turns}
	}
	if inProcess, ok := state.As[state.InProcess](st); ok {
		top = &unsteadyInProcess{layer{top}, inProcess}
	}
	return top, u
}

// unsteadyInProcess has no backend that could be away to ask.
type unsteadyInProcess struct {
	layer
	state.InProcess
}

// layer is one role on top of an adapter.
type layer struct{ state.Adapter }

func (l layer) Unwrap() state.Adapter { return l.Adapter }

// err is what every call returns while the backend is away.
func (u *unsteady) err() error {
	if u.away.Load() {
		return state.ErrUnavailable
	}
	return nil
}

func (u *unsteady) Connect(ctx context.Context) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.Connect(ctx)
}

func (u *unsteady) Subscribe(ctx context.Context, threadID string) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.Subscribe(ctx, threadID)
}

func (u *unsteady) Unsubscribe(ctx context.Context, threadID string) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.Unsubscribe(ctx, threadID)
}

func (u *unsteady) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	if err := u.err(); err != nil {
		return false, err
	}
	return u.Adapter.IsSubscribed(ctx, threadID)
}

func (u *unsteady) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	if err := u.err(); err != nil {
		return nil, err
	}
	return u.Adapter.AcquireLock(ctx, threadID, ttl)
}

func (u *unsteady) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.ExtendLock(ctx, lock, ttl)
}

func (u *unsteady) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.ReleaseLock(ctx, lock)
}

func (u *unsteady) ForceReleaseLock(ctx context.Context, threadID string) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.ForceReleaseLock(ctx, threadID)
}

func (u *unsteady) Get(ctx context.Context, key string) ([]byte, error) {
	if err := u.err(); err != nil {
		return nil, err
	}
	return u.Adapter.Get(ctx, key)
}

func (u *unsteady) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.Set(ctx, key, value, ttl)
}

func (u *unsteady) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := u.err(); err != nil {
		return false, err
	}
	return u.Adapter.SetIfNotExists(ctx, key, value, ttl)
}

func (u *unsteady) Delete(ctx context.Context, key string) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.Delete(ctx, key)
}

func (u *unsteady) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	if err := u.err(); err != nil {
		return err
	}
	return u.Adapter.AppendToList(ctx, key, value, opts)
}

func (u *unsteady) GetList(ctx context.Context, key string) ([][]byte, error) {
	if err := u.err(); err != nil {
		return nil, err
	}
	return u.Adapter.GetList(ctx, key)
}

func (u *unsteady) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	if err := u.err(); err != nil {
		return 0, err
	}
	return u.Adapter.Enqueue(ctx, threadID, e, maxSize)
}

func (u *unsteady) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	if err := u.err(); err != nil {
		return nil, err
	}
	return u.Adapter.Dequeue(ctx, threadID)
}

func (u *unsteady) QueueDepth(ctx context.Context, threadID string) (int, error) {
	if err := u.err(); err != nil {
		return 0, err
	}
	return u.Adapter.QueueDepth(ctx, threadID)
}

type unsteadyInbox struct {
	layer
	backend *unsteady
	inbox   state.Inbox
}

func (u *unsteadyInbox) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	if err := u.backend.err(); err != nil {
		return 0, err
	}
	return u.inbox.Accept(ctx, threadID, e, maxSize)
}

func (u *unsteadyInbox) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	if err := u.backend.err(); err != nil {
		return nil, err
	}
	return u.inbox.Waiting(ctx, threadID)
}

func (u *unsteadyInbox) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	if err := u.backend.err(); err != nil {
		return 0, err
	}
	return u.inbox.Settle(ctx, threadID, receipts...)
}

func (u *unsteadyInbox) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	if err := u.backend.err(); err != nil {
		return err
	}
	return u.inbox.ExtendQueue(ctx, threadID, ttl)
}

func (u *unsteadyInbox) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	if err := u.backend.err(); err != nil {
		return nil, err
	}
	return u.inbox.WaitingThreads(ctx, before, limit)
}

type unsteadySwaps struct {
	layer
	backend *unsteady
	swaps   state.Swaps
}

func (u *unsteadySwaps) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if err := u.backend.err(); err != nil {
		return false, err
	}
	return u.swaps.CompareAndSwap(ctx, key, old, value, ttl)
}

type unsteadyTurns struct {
	layer
	backend *unsteady
	turns   state.Turns
}

func (u *unsteadyTurns) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	if err := u.backend.err(); err != nil {
		return state.TurnStarted{}, err
	}
	return u.turns.StartTurn(ctx, req)
}

func (u *unsteadyTurns) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	if err := u.backend.err(); err != nil {
		return state.TurnAccepted{}, err
	}
	return u.turns.AcceptTurn(ctx, req)
}

func (u *unsteadyTurns) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	if err := u.backend.err(); err != nil {
		return 0, err
	}
	return u.turns.EndTurn(ctx, req)
}
