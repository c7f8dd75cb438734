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
	// answerTimeout is how long Teams' answer waits for a handler. Teams itself waits 15
	// seconds.
	answerTimeout = 10 * time.Second
	// answerTTL is how long the answer to a click is kept.
	answerTTL = 5 * time.Minute
	// answerPoll is how often the state is read for an answer of another instance.
	answerPoll = 100 * time.Millisecond
)

// noDialog is stored when the waiting ends without an answer, so that none is accepted
// later.
var noDialog = []byte(`null`)

// dialogs has the clicks that a dialog may answer. The dialog is in the answer to the
// webhook, but the handler may run on another instance. So the answer goes through the
// state, under "teams:dialog-answer:{click}", and the first one counts. It is safe for
// concurrent use.
type dialogs struct {
	state func() state.Adapter

	mu      sync.Mutex
	waiting map[string]chan struct{} // closed when this process has an answer
}

func (d *dialogs) key(click string) string { return "teams:dialog-answer:" + click }

// answer stores the answer to a click. It returns false if the click has an answer already,
// or nobody waits for one any more.
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

// await waits until a click has an answer, done is closed, or ctx ends. After that no answer
// is accepted. It returns nil if there is none.
func (d *dialogs) await(ctx context.Context, click string, done <-chan struct{}) (json.RawMessage, error) {
	here := make(chan struct{})
	d.mu.Lock()
	if d.waiting[click] == nil { // if a click is delivered twice at the same time, the second one polls the state
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

// triggerOf returns the key of a click, and its trigger id: the time and the key.
func triggerOf(event string) (click, trigger string) {
	sum := sha256.Sum256([]byte(event))
	click = base64.RawURLEncoding.EncodeToString(sum[:18])
	return click, strconv.FormatInt(time.Now().UnixMilli(), 10) + ":" + click
}

var errTooLate = errors.New("the dialog is too late, or the click already has an answer: a handler has 10 seconds to open a dialog")

// OpenModal opens a dialog as the answer to a click on a button that was made with
// card.Button.WithModal. If more than 10 seconds have passed, or the click has an answer
// already, the error is [chat.ErrInvalid]. A modal or a trigger id that is not valid is
// [chat.ErrInvalidArgument].
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
func (a *Adapter) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, click, ok := strings.Cut(trigger, ":")
	came, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || click == "" {
		return fmt.Errorf("%w: teams: the trigger id %q is not one of a click", chat.ErrInvalidArgument, trigger)
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
