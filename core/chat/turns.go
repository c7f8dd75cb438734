package chat

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// nearbyLimit is how fast the state must answer two questions to count as nearby:
// in this process, where asking both at once takes longer than one by one.
const nearbyLimit = 50 * time.Microsecond

// turns is the [state.Turns] role of a bot's state, its own or one made of its
// other methods.
type turns struct {
	role             state.Turns // nil if the state lacks it
	stepwise, beside state.Turns
	nearby           atomic.Bool // the state's last answer came from nearby
}

func (ts *turns) init(cfg *Config, in inbox) {
	if role, ok := state.As[state.Turns](cfg.State); ok && cfg.Durability == DurabilityInbox {
		ts.role = role
	}
	own := inboxState{cfg.State, in}
	ts.stepwise, ts.beside = state.Stepwise{Adapter: own}, state.Stepwise{Adapter: own, Beside: true}
}

// best returns the way that takes the least time.
func (ts *turns) best() state.Turns {
	switch {
	case ts.role != nil:
		return ts.role
	case ts.nearby.Load():
		return ts.stepwise
	}
	return ts.beside
}

// start claims a message and asks for its lock.
func (ts *turns) start(ctx context.Context, req state.StartTurn) state.TurnStarted {
	sent := time.Now()
	out := ts.best().StartTurn(ctx, req)
	if ts.role == nil {
		if near := time.Since(sent) < nearbyLimit; near != ts.nearby.Load() {
			ts.nearby.Store(near)
		}
	}
	return out
}

// inboxState is the state with the inbox that the bot uses.
type inboxState struct {
	state.Adapter
	inbox
}
