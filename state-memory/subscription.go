package memorystate

import (
	"context"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/core/state"
)

// subscriptionShard is one shard of the set of threads.
type subscriptionShard struct {
	mu      sync.RWMutex
	closed  bool
	threads map[string]struct{}
}

// Subscribe implements [state.Subscriptions].
func (a *Adapter) Subscribe(ctx context.Context, threadID string) error {
	s, err := a.subscriptionShard(ctx, threadID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return state.ErrClosed
	}
	if _, ok := s.threads[threadID]; ok {
		return nil
	}
	if s.threads == nil {
		s.threads = make(map[string]struct{})
	}
	// The id may be a piece of a large request, which must not stay with it.
	s.threads[strings.Clone(threadID)] = struct{}{}
	return nil
}

// Unsubscribe implements [state.Subscriptions].
func (a *Adapter) Unsubscribe(ctx context.Context, threadID string) error {
	s, err := a.subscriptionShard(ctx, threadID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return state.ErrClosed
	}
	delete(s.threads, threadID)
	return nil
}

// IsSubscribed implements [state.Subscriptions].
func (a *Adapter) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	s, err := a.subscriptionShard(ctx, threadID)
	if err != nil {
		return false, err
	}
	return s.has(threadID)
}

// has reports whether the thread is in the set.
func (s *subscriptionShard) has(threadID string) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false, state.ErrClosed
	}
	_, ok := s.threads[threadID]
	return ok, nil
}

func (a *Adapter) subscriptionShard(ctx context.Context, threadID string) (*subscriptionShard, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	return &a.subscriptions[a.shard(threadID)], nil
}

func (s *subscriptionShard) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.threads = nil
}
