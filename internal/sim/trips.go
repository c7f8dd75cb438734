package sim

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

// Trips is a store with the Turns role: what a turn asks for together takes one
// trip, and is lost together.
type Trips struct{ *Store }

var _ state.Turns = Trips{}

func (t Trips) steps() state.Stepwise { return state.Stepwise{Adapter: t.inner} }

// StartTurn implements [state.Turns].
func (t Trips) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	return call(ctx, t.Store, func() (state.TurnStarted, error) { return t.steps().StartTurn(ctx, req) })
}

// AcceptTurn implements [state.Turns].
func (t Trips) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	return call(ctx, t.Store, func() (state.TurnAccepted, error) { return t.steps().AcceptTurn(ctx, req) })
}

// EndTurn implements [state.Turns].
func (t Trips) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	return call(ctx, t.Store, func() (int, error) { return t.steps().EndTurn(ctx, req) })
}
