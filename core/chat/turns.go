package chat

import "github.com/chat-adapter/chat-go/core/state"

// isInProcess reports whether nobody outside of this process can reach the state.
func isInProcess(st state.Adapter) bool {
	role, ok := state.As[state.InProcess](st)
	return ok && role.InProcess()
}

// newTurns returns the [state.Turns] role of a bot's state: its own, or one made of
// its other methods. Where these have a way to go, two are called at the same time.
func newTurns(cfg *Config, in inbox) state.Turns {
	if role, ok := state.As[state.Turns](cfg.State); ok && cfg.Durability == DurabilityInbox {
		return role
	}
	return state.Stepwise{Adapter: inboxState{cfg.State, in}, Concurrent: !isInProcess(cfg.State)}
}

// inboxState is the state with the inbox that the bot uses.
type inboxState struct {
	state.Adapter
	inbox
}
