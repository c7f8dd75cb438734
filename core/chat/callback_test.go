package chat

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// places is a platform on which a message can stand in a channel itself.
type places struct{ Adapter }

func (places) Name() string { return "p" }

func (places) DecodeThreadID(id ThreadID) (ThreadRef, error) {
	parts := strings.Split(string(id), ":")
	if len(parts) != 3 || parts[0] != "p" {
		return ThreadRef{}, fmt.Errorf("%w: thread id %q", ErrInvalidArgument, id)
	}
	return ThreadRef{Channel: parts[1], Thread: parts[2]}, nil
}

func TestWhereClicksComeFrom(t *testing.T) {
	for _, c := range []struct {
		scope callbackScope
		click ThreadID
		want  bool
	}{
		{threadScope("p:c:1"), "p:c:1", true},
		{threadScope("p:c:1"), "p:c:2", false},
		{threadScope("p:c:1"), "p:c:", false},
		{threadScope("p:c:"), "p:c:1", true}, // the message begins a thread
		{threadScope("p:c:"), "p:d:1", false},
		{channelScope("p:c"), "p:c:1", true},
		{channelScope("p:c"), "p:c:", true},
		{channelScope("p:c"), "p:d:1", false},
		{channelScope("p:c"), "other", false},
		{threadScope("other"), "p:c:1", false},
		{callbackScope{"p:c:1", "workspace"}, "p:c:1", false},
	} {
		r := callbackRecord{ActionID: "a", URL: "https://a.example", Scope: &c.scope}
		require.Equal(t, c.want, new(Chat).belongs(places{}, r, &ActionEvent{EventBase: EventBase{ThreadID: c.click}, ActionID: "a"}), "%v %v", c.scope, c.click)
	}
	// The TypeScript SDK 4.38 kept no scope.
	require.False(t, new(Chat).belongs(places{}, callbackRecord{ActionID: "a", URL: "https://a.example"}, &ActionEvent{EventBase: EventBase{ThreadID: "p:c:1"}, ActionID: "a"}))
}
