package teams

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// answerTimeout is how long a handler has whose answer Teams waits for: it gives up
	// after 15 seconds.
	answerTimeout = 10 * time.Second
	// answerTTL is how long it is known that an invoke was answered.
	answerTTL = 5 * time.Minute
	// answerPoll is how often it is looked whether another instance has an answer.
	answerPoll = 100 * time.Millisecond
)

// noDialog is kept in the place of an answer that came too late.
var noDialog = []byte(`null`)

// dialogs are the clicks whose answers can be a dialog. Teams takes it as the answer to
// the webhook, while the handler may run on another instance: the answer goes through
// the state, under "teams:dialog-answer:{click}", and the first one that is there counts.
type dialogs struct {
	state func() state.Adapter

	mu      sync.Mutex
	waiting map[string]chan struct{} // closed when this process has an answer
}

func (d *dialogs) key(click string) string { return "teams:dialog-answer:" + click }

// answer gives a click its answer, and reports whether it is in time.
func (d *dialogs) answer(ctx context.Context, click string, data []byte) (bool, error) {
	first, err := d.state().SetIfNotExists(ctx, d.key(click), data, answerTTL)
	if err != nil || !first {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if waiting := d.waiting[click]; waiting != nil {
		close(waiting)
		delete(d.waiting, click)
	}
	return true, nil
}

// await waits until a click has an answer, done is closed, or ctx ends. After that no
// answer is taken any more. It is nil if there is none.
func (d *dialogs) await(ctx context.Context, click string, done <-chan struct{}) (json.RawMessage, error) {
	here := make(chan struct{})
	d.mu.Lock()
	if d.waiting[click] == nil { // a click that is delivered twice at the same time is looked after below
		d.waiting[click] = here
	}
	d.mu.Unlock()
	tick := time.NewTicker(answerPoll)
	defer tick.Stop()
	for open := true; open; {
		select {
		case <-here:
			open = false
		case <-done:
			open = false
		case <-ctx.Done():
			open = false
		case <-tick.C:
			if got, err := d.state().Get(ctx, d.key(click)); err == nil {
				return dialogOf(got), nil
			}
		}
	}
	d.mu.Lock()
	if d.waiting[click] == here {
		delete(d.waiting, click)
	}
	d.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if closed, err := d.state().SetIfNotExists(ctx, d.key(click), noDialog, answerTTL); err != nil || closed {
		return nil, err
	}
	got, err := d.state().Get(ctx, d.key(click))
	return dialogOf(got), err
}

func dialogOf(data []byte) json.RawMessage {
	if string(data) == string(noDialog) {
		return nil
	}
	return data
}

// triggerOf is the trigger of a click: when it came, and which one it is.
func triggerOf(event string) (click, trigger string) {
	sum := sha256.Sum256([]byte(event))
	click = base64.RawURLEncoding.EncodeToString(sum[:18])
	return click, strconv.FormatInt(time.Now().UnixMilli(), 10) + ":" + click
}

var errTooLate = errors.New("the dialog is too late, or the click was answered before: Teams waits 10 seconds for one")

// OpenModal answers a click on a button with [card.OpenModal] with a dialog. It returns
// a *[chat.PlatformError] with CodeInvalid when Teams does not wait any longer.
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
func (a *Adapter) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, click, ok := strings.Cut(trigger, ":")
	came, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || click == "" {
		return fmt.Errorf("%w: teams: the trigger %q is none of a click", chat.ErrInvalidArgument, trigger)
	}
	dialog, err := a.dialog(ctx, modal, contextID, nil, nil)
	if err != nil {
		return err
	}
	data, err := json.Marshal(dialog)
	if err != nil {
		return err
	}
	inTime := time.Since(time.UnixMilli(came)) < answerTTL
	if inTime {
		inTime, err = a.dialogs.answer(ctx, click, data)
	}
	if err == nil && !inTime {
		err = &chat.PlatformError{Adapter: adapterName, Op: "task/fetch", Code: chat.CodeInvalid, Err: errTooLate}
	}
	return err
}
