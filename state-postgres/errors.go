package pgstate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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
	b.WriteString("pgstate: ")
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

// unsentError is a failure before anything was sent.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// fate is what is known of statements after an error.
type fate int

const (
	// answered: the server has refused them for good.
	answered fate = iota
	// refused: they were certainly not executed, and may be if sent again.
	refused
	// unknown: they may have been executed, or may still be.
	unknown
)

// fateOf judges the error of one attempt. An error of the server has undone the whole
// transaction, but for one that ended the session, which may have come after the
// commit.
func fateOf(err error) fate {
	_, unsent := errors.AsType[*unsentError](err)
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case !unsent && server.SeverityUnlocalized != "ERROR":
			return unknown
		case isTransient(server.Code):
			return refused
		}
		return answered
	}
	if unsent || pgconn.SafeToRetry(err) {
		return refused
	}
	return unknown
}

// isTransient reports whether an answer of the server may change by itself. The codes
// are those of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func isTransient(code string) bool {
	switch code {
	case "40001", "40P01", "55P03", "25006", "55006": // conflicts, and a server that is a standby
		return true
	case "57014": // a statement was cancelled, as by statement_timeout
		return true
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58", "XX": // connection, resources, operator, system, internal
		return true
	}
	return false
}

// isMisconfigured reports whether an answer stays until someone changes something.
func isMisconfigured(code string) bool {
	switch code {
	case "3D000", "3F000": // no such database, no such schema
		return true
	}
	switch code[:min(2, len(code))] {
	case "28", "42", "0A": // sign-in, rights and names, what it does not support
		return true
	}
	return false
}

func isReadOnly(err error) bool {
	server, ok := errors.AsType[*pgconn.PgError](err)
	return ok && server.Code == "25006"
}

// errNoAnswer is the cause when the adapter's own timeout has passed.
var errNoAnswer = errors.New("no answer in time")

// fail turns the error of an attempt into the error of the call.
func (o *op) fail(err error) error {
	if o.a.phase.Load() == closed {
		return o.error(nil, state.ErrClosed)
	}
	if cause := o.callerErr(); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return o.error(foreign(err), cause, state.ErrUnavailable)
		}
		return o.error(foreign(err), cause)
	}
	if o.ctx.Err() != nil && isContext(err) {
		return o.error(fmt.Errorf("%w (%v)", errNoAnswer, o.a.cfg.Timeout), state.ErrUnavailable)
	}
	if known, ok := errors.AsType[*setUpError](err); ok {
		return o.error(known, known.kind)
	}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case isMisconfigured(server.Code):
			return o.error(opaque(err), state.ErrMisconfigured)
		case isTransient(server.Code):
			return o.error(opaque(err), state.ErrUnavailable)
		}
		return o.error(opaque(err))
	}
	if hint := explainNetwork(err); hint != "" {
		return o.error(fmt.Errorf("%s: %w", hint, opaque(err)), state.ErrMisconfigured)
	}
	return o.error(opaque(err), state.ErrUnavailable)
}

// failUnknown is fail for statements that must not be sent twice: when they may
// have been executed, the error says so too.
func (o *op) failUnknown(err error) error {
	failure := o.fail(err)
	if e, ok := errors.AsType[*Error](failure); ok && fateOf(err) == unknown {
		e.Kinds = append(e.Kinds, state.ErrUnknownOutcome)
	}
	return failure
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
