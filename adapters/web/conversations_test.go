package web

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// shelf is a state that has values and lists only, without expiry.
type shelf struct {
	state.Adapter
	chat.Host
	values map[string][]byte
	lists  map[string][][]byte
}

func (s *shelf) State() state.Adapter { return s }

func (s *shelf) Get(_ context.Context, key string) ([]byte, error) {
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	return nil, state.ErrNotFound
}

func (s *shelf) Set(_ context.Context, key string, value []byte, _ time.Duration) error {
	s.values[key] = value
	return nil
}

func (s *shelf) AppendToList(_ context.Context, key string, value []byte, _ state.ListOptions) error {
	s.lists[key] = append(s.lists[key], value)
	return nil
}

func (s *shelf) GetList(_ context.Context, key string) ([][]byte, error) { return s.lists[key], nil }

func TestTheConversationUsedLastIsFirstAlsoWithinOneMillisecond(t *testing.T) {
	a := &Adapter{host: &shelf{values: map[string][]byte{}, lists: map[string][][]byte{}}}
	now := time.UnixMilli(1700000000000)
	for i, id := range []string{"first", "second", "third", "first"} {
		require.NoError(t, a.touch(t.Context(), "ada", id, "hello", now.Add(time.Duration(i)*time.Microsecond)))
	}
	list, err := a.conversations(t.Context(), "ada")
	require.NoError(t, err)
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	require.Equal(t, []string{"first", "third", "second"}, ids)
}
