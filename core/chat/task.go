package chat

import (
	"context"
	"encoding/json"
	"fmt"
)

// taskEvent is work of the bot itself that must outlive the turn it came up in.
// It is stored and tried again like an event, and no handler or middleware sees
// it.
type taskEvent struct {
	EventBase
	Kind taskKind        `json:"kind"`
	Data json.RawMessage `json:"data"`

	done bool // all but the last step has been done, in this process
}

// taskKind says what is to be done. The names are stored, so they never change.
type taskKind string

const (
	taskCallback     taskKind = "callback"      // post to a callback URL
	taskApprovalCard taskKind = "approval-card" // show an approval's outcome
)

const eventTask = "task"

// EventName returns "task".
func (*taskEvent) EventName() string { return eventTask }

// storeTask hands the task to the inbox. Of several with one id only the first is
// done.
func (c *Chat) storeTask(ctx context.Context, a Adapter, base EventBase, kind taskKind, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("chat: %s: %w", kind, err)
	}
	_, err = (&host{chat: c, adapter: a}).deliverEvent(ctx, &taskEvent{EventBase: base, Kind: kind, Data: raw})
	return err
}

func (c *Chat) runTask(ctx context.Context, task *taskEvent) error {
	switch task.Kind {
	case taskCallback:
		return c.postCallback(ctx, task)
	case taskApprovalCard:
		return c.approvals.show(ctx, task)
	}
	return fmt.Errorf("chat: unknown task %q", task.Kind)
}
