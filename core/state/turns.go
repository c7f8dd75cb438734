package state

import "context"

// Turns is an optional role: what the bot does for every message, in fewer round trips
// to a backend that is a network away, and with less work in one that is not. Each method
// does the steps of its request as the methods of [Adapter] and [Inbox] with their names
// do, and reports what came of them. Callers count on no transaction: others can come in
// between, and when a step fails the steps after it may be done or not. An adapter
// may make it one, so that a step that fails undoes those before it.
//
// An argument that is invalid for one step is [ErrInvalidArgument] of the method,
// and no step is done. [CheckStartTurn], [CheckAcceptTurn] and [CheckEndTurn] find
// it.
//
// The adapter may keep the strings and the bytes of a request, and the messages that it
// returns may be those that it keeps: nobody changes them.
//
// Without the role the bot takes the steps one by one.
type Turns interface {
	// StartTurn does SetIfNotExists, whose error it returns, and AcquireLock, in any
	// order, and Get if the key was taken. If it was set, StartTurn then does Accept,
	// whose error it returns, and with a lock what AcceptTurn does after that.
	StartTurn(ctx context.Context, req StartTurn) (TurnStarted, error)

	// AcceptTurn does Accept, whose error it returns, then Waiting, and IsSubscribed
	// and Get at any time.
	AcceptTurn(ctx context.Context, req AcceptTurn) (TurnAccepted, error)

	// EndTurn does Set for each of Marks, then Settle, then ReleaseLock, then
	// QueueDepth, whose depth it returns, or the first failure. A lock that is lost
	// already is no failure.
	EndTurn(ctx context.Context, req EndTurn) (depth int, err error)
}
