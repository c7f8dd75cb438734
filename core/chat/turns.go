package chat

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// nearbyLimit is how fast the state must answer two questions to count as nearby:
// in this process, where asking both at once takes longer than one by one.
const nearbyLimit = 50 * time.Microsecond

// startTurn claims a message and asks for its lock, in one trip if the state can.
func (c *Chat) startTurn(ctx context.Context, req state.StartTurn) state.TurnStarted {
	if c.together != nil {
		return c.together.StartTurn(ctx, req)
	}
	sent := time.Now()
	out := c.stepwise().StartTurn(ctx, req)
	c.nearby.Store(time.Since(sent) < nearbyLimit)
	return out
}

func (c *Chat) turns() state.Turns {
	if c.together != nil {
		return c.together
	}
	return c.stepwise()
}

// stepwise is the [state.Turns] role for a state without it.
func (c *Chat) stepwise() state.Stepwise {
	return state.Stepwise{Adapter: inboxState{c.state, c.inbox}, Beside: !c.nearby.Load()}
}

// inboxState is the state with the inbox that the bot uses.
type inboxState struct {
	state.Adapter
	inbox
}
