package linearizability

import (
	"errors"
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// lockState is one lock as the model sees it. Nobody can see when the backend
// counted a TTL from, so its end is known only as a span: a call that overlaps
// the span may find the lock held or free.
type lockState struct {
	held bool
	// token is the holder's, or empty if it is not known.
	token string
	// earliest and latest are the first and the last moment at which the lock may
	// end.
	earliest, latest time.Duration
}

// mayBeFree reports whether the event may have found the lock free.
func (s lockState) mayBeFree(e history.Event) bool { return !s.held || e.Return >= s.earliest }

// mayBeHeld reports whether the event may have found the lock held.
func (s lockState) mayBeHeld(e history.Event) bool { return s.held && e.Call <= s.latest }

// lockModel explains the history of one lock. Clocks may differ by the slack. Where a
// majority of several backends gives the lock, callers who ask at once can each get
// too few votes: then nobody gets a lock that is free. Histories of such locks have to
// be made [withForceTwice].
func lockModel(slack time.Duration, votesSplit bool) porcupine.Model {
	taken := func(e history.Event) lockState {
		return lockState{
			held: true, token: e.Token,
			earliest: e.Call + e.TTL - slack,
			latest:   e.Return + state.CeilMillis(e.TTL) + slack,
		}
	}
	step := func(s lockState, e history.Event) []lockState {
		own := s.held && s.token == e.Token
		var next []lockState
		switch e.Kind {
		case history.Acquire:
			switch {
			case e.Err == nil && s.mayBeFree(e):
				next = append(next, taken(e))
			case errors.Is(e.Err, state.ErrLocked) && (votesSplit || s.mayBeHeld(e)):
				next = append(next, s)
			case isUncertain(e.Err):
				// It may have been refused, or have taken the lock, which the
				// adapter may have given back at any moment since.
				next = append(next, s)
				if s.mayBeFree(e) {
					unknown := taken(e)
					unknown.earliest = 0
					next = append(next, unknown)
				}
			}
		case history.Extend:
			if own && s.mayBeHeld(e) && (e.Err == nil || isUncertain(e.Err)) {
				next = append(next, taken(e))
			}
			if isUncertain(e.Err) {
				next = append(next, s)
			}
			if errors.Is(e.Err, state.ErrLockLost) {
				next = append(next, lost(s, own, e)...)
			}
		case history.Release:
			if own && s.mayBeHeld(e) && (e.Err == nil || isUncertain(e.Err)) {
				next = append(next, lockState{})
			}
			if isUncertain(e.Err) {
				next = append(next, s)
			}
			if errors.Is(e.Err, state.ErrLockLost) {
				next = append(next, lost(s, own, e)...)
			}
		case history.ForceRelease:
			if e.Err == nil {
				next = append(next, lockState{})
			}
		case forceAgain:
			next = append(next, s, lockState{})
		}
		return next
	}
	return model(lockState{}, step, func(a, b lockState) bool { return a == b }, func(l lockState) string {
		if !l.held {
			return "free"
		}
		return fmt.Sprintf("held by %.6s until %v…%v", l.token, l.earliest, l.latest)
	})
}

// forceAgain is a ForceReleaseLock that also takes the next lock.
const forceAgain history.Kind = "force release again"

// withForceTwice adds what ForceReleaseLock may do on several backends: it reaches
// one after the other, so it can take the lock from its holder on the first and
// from the next one, who was given it meanwhile, on the rest.
func withForceTwice(threads map[string][]history.Event) map[string][]history.Event {
	for thread, events := range threads {
		for _, e := range events {
			if e.Kind == history.ForceRelease {
				e.Kind = forceAgain
				threads[thread] = append(threads[thread], e)
			}
		}
	}
	return threads
}

// lost is what follows from the answer that a lock is lost: somebody else has
// it, or nobody, or its time was over.
func lost(s lockState, own bool, e history.Event) []lockState {
	switch {
	case !own:
		return []lockState{s}
	case s.mayBeFree(e):
		return []lockState{{}}
	}
	return nil
}
