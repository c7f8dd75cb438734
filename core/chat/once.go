package chat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A button that counts once has a token before its value when it is posted, so that
// a click names the button on every platform. The first click claims the token.
const (
	oncePrefix = "__once:"
	onceTTL    = 30 * 24 * time.Hour
)

// onceClaim is the click that counts.
type onceClaim struct {
	Event string `json:"event,omitempty"`
}

// onceValue returns the value that a button which counts once is posted with.
func onceValue(value string) string {
	var token [8]byte
	_, _ = rand.Read(token[:]) // it never fails
	return oncePrefix + hex.EncodeToString(token[:]) + ":" + value
}

// onceToken takes a posted value apart.
func onceToken(posted string) (token, value string, ok bool) {
	rest, ok := strings.CutPrefix(posted, oncePrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// handleOnce calls handle for the first click on a button that counts once, and
// tells whoever clicks later. The click of a handler that fails does not count.
func (rt router) handleOnce(ctx context.Context, ev *ActionEvent, handle func() (bool, error)) (bool, error) {
	token, value, ok := onceToken(ev.Value)
	if !ok {
		return handle()
	}
	claim := newRecord[onceClaim](rt.chat, onceKey(token), onceTTL)
	first, err := claim.Update(ctx, func(r onceClaim) (onceClaim, error) {
		if r.Event != "" {
			return r, errUnchanged
		}
		return onceClaim{Event: ev.ID}, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return true, fmt.Errorf("chat: click on button %q, which counts once: %w", ev.ActionID, err)
	}
	if first.Event != ev.ID {
		return true, rt.chat.approvals.whisper(ctx, ev, "This was clicked before, and counts once.")
	}
	ev.Value = value
	handled, err := handle()
	if err != nil {
		after, cancel := afterwards(ctx)
		defer cancel()
		err = errors.Join(err, claim.Clear(after))
	}
	return handled, err
}
