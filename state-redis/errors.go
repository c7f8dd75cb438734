package redisstate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Error is what every method returns when the server or the way to it fails.
// It matches, with errors.Is, the sentinel errors of package state that apply,
// the context's error if the call was given up, and the cause.
type Error struct {
	// Op is what the adapter was doing, such as "enqueue".
	Op string
	// Kinds are the errors of package state, or of the context, that apply.
	Kinds []error
	// Cause is the client's or the server's error. It may be nil.
	Cause error
}

// Error names the operation, the kinds and the cause. It never holds values.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("redisstate: ")
	b.WriteString(e.Op)
	for _, k := range e.Kinds {
		b.WriteString(": ")
		b.WriteString(k.Error())
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the kinds and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return e.Kinds
	}
	return append(slices.Clip(e.Kinds), e.Cause)
}

// fate is what is known of a command after an error.
type fate int

const (
	// answered: the server executed the command, or refused it for good.
	answered fate = iota
	// refused: it was certainly not executed, and may be if sent again.
	refused
	// unknown: it may have been executed, or may still be.
	unknown
)

// fateOf judges the error of one attempt.
func fateOf(err error) fate {
	switch {
	case err == nil, errors.Is(err, redis.Nil):
		return answered
	case isReply(err):
		if isTransient(err) {
			return refused
		}
		return answered
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted),
		errors.Is(err, redis.ErrClosed):
		return refused
	}
	if _, ok := errors.AsType[*unsentError](err); ok {
		return refused
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return refused
	}
	if _, ok := errors.AsType[*dialError](err); ok {
		return refused
	}
	return unknown
}

// errNoAnswer is the cause when the adapter's own timeout has passed.
var errNoAnswer = errors.New("no answer in time")

// fail turns the error of a command into the error of the call. kind and name
// say what was touched, for data of a wrong type.
func (o *op) fail(err error, kind, name string) error {
	if codeOf(err) == "WRONGTYPE" {
		return &state.CorruptError{Kind: kind, Name: name, Cause: err}
	}
	if o.a.phase.Load() == closed {
		return o.error(nil, state.ErrClosed)
	}
	if cause := o.callerErr(); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return o.error(foreign(err), cause, state.ErrUnavailable)
		}
		return o.error(foreign(err), cause)
	}
	switch {
	case o.ctx.Err() != nil && isContext(err):
		return o.error(o.noAnswer(), state.ErrUnavailable)
	case isAway(err):
		return o.error(opaque(err), state.ErrUnavailable)
	}
	return o.error(err)
}

// noAnswer is the cause of a call whose time is over. A connection that could not be
// opened meanwhile is probably why.
func (o *op) noAnswer() error {
	timeout := o.a.cfg.Timeout
	if d := o.a.main.dialer; d != nil {
		if last := d.last.Load(); last != nil && time.Since(last.at) < timeout {
			return fmt.Errorf("%w (%v): %v", errNoAnswer, timeout, last.err) //nolint:errorlint // an outcome of another attempt
		}
	}
	return fmt.Errorf("%w (%v)", errNoAnswer, timeout)
}

// callerErr returns why the caller's context has ended. A socket whose deadline
// is the context's can report it a moment before the context does.
func (o *op) callerErr() error {
	if err := o.caller.Err(); err != nil {
		return err
	}
	if deadline, ok := o.caller.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// failUnknown is fail for a command that must not be sent twice: when it may
// have been executed, the error says so too.
func (o *op) failUnknown(err error, kind, name string) error {
	failure := o.fail(err, kind, name)
	var e *Error
	if fateOf(err) == unknown && errors.As(failure, &e) && !errors.Is(failure, state.ErrUnknownOutcome) {
		e.Kinds = append(e.Kinds, state.ErrUnknownOutcome)
	}
	return failure
}

func (o *op) error(cause error, kinds ...error) error {
	return &Error{Op: o.name, Kinds: kinds, Cause: cause}
}

// foreign drops context errors, which stand among the kinds already.
func foreign(err error) error {
	if isContext(err) {
		return nil
	}
	return err
}

// opaque hides a context error that is not the caller's, such as that of a
// dial which took too long, from errors.Is.
func opaque(err error) error {
	if isContext(err) {
		return errors.New(err.Error())
	}
	return err
}

func isContext(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
