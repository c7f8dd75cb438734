package botrig

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

// KeptOpen is a state that several bots use: none of them closes it.
type KeptOpen struct{ state.Adapter }

// Unwrap returns the state, so that its roles are found.
func (k KeptOpen) Unwrap() state.Adapter { return k.Adapter }

// Close leaves it open.
func (KeptOpen) Close(context.Context) error { return nil }
