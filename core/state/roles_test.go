package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// backend is an adapter with one optional role.
type backend struct {
	state.Adapter
	state.Swaps
}

// counter is a wrapper that follows the rule of As.
type counter struct{ state.Adapter }

func (c counter) Unwrap() state.Adapter { return c.Adapter }

// wall is a wrapper without the method.
type wall struct{ state.Adapter }

// chaired is a wrapper that has a role of its own.
type chaired struct {
	counter
	state.Inbox
}

func TestRolesAreFoundThroughWrappers(t *testing.T) {
	t.Parallel()
	b := &backend{}
	outer := chaired{counter: counter{counter{b}}}

	swaps, ok := state.As[state.Swaps](outer)
	require.True(t, ok)
	assert.Same(t, b, swaps)

	found, ok := state.As[*backend](outer)
	require.True(t, ok, "a type is found as a role is")
	assert.Same(t, b, found)

	inbox, ok := state.As[state.Inbox](counter{outer})
	require.True(t, ok)
	assert.Equal(t, outer, inbox, "the outermost that has the role")
}

func TestRolesThatAreNotThere(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]state.Adapter{
		"nil":                         nil,
		"a backend without it":        &backend{},
		"a wrapper that hides":        wall{chaired{}},
		"a wrapper of nothing":        counter{},
		"wrapped, at the chain's end": counter{&backend{}},
	} {
		inbox, ok := state.As[state.Inbox](a)
		assert.False(t, ok, name)
		assert.Nil(t, inbox, name)
	}
}
