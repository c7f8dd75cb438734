package bottest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// counting is a wrapper as a program writes it, to count some of the calls.
type counting struct {
	state.Adapter
	connects atomic.Int64
}

func (c *counting) Connect(ctx context.Context) error {
	c.connects.Add(1)
	return c.Adapter.Connect(ctx)
}

func (c *counting) Unwrap() state.Adapter { return c.Adapter }

func TestWrapperLosesNoRole(t *testing.T) {
	wrap := func(c *chat.Config) { c.State = &counting{Adapter: c.State} }
	for name, test := range map[string]func(*testing.T, func(*chat.Config)){
		"Inbox: a crash loses nothing":  testDeadInstancesMessages,
		"Swaps: one answer counts":      testFirstAnswer,
		"Swaps: one submission is ours": testOneSubmission,
	} {
		t.Run(name, func(t *testing.T) { test(t, wrap) })
	}
}

func TestStateWithoutInboxIsRefused(t *testing.T) {
	memory, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	cfg := chat.Config{UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, State: struct{ state.Adapter }{memory}}

	_, err = chat.New(cfg)
	require.ErrorIs(t, err, chat.ErrInvalidConfig)
	require.ErrorContains(t, err, "Inbox")
	require.ErrorContains(t, err, "DurabilityNone")

	cfg.Durability = chat.DurabilityNone
	cfg.Adapters = []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}
	_, err = chat.New(cfg)
	require.NoError(t, err, "a program may ask for it")

	cfg.State, cfg.Durability = &counting{Adapter: memory}, chat.DurabilityInbox
	cfg.Adapters = []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}
	_, err = chat.New(cfg)
	require.NoError(t, err, "the role is found through a wrapper")
}
