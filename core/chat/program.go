package chat

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// program is the bot as its dispatcher sees it.
type program struct{ chat *Chat }

var _ dispatch.Program = program{}

// Decode implements dispatch.Program.
func (p program) Decode(key dispatch.Key, e state.QueueEntry) (*dispatch.Item, error) {
	c := p.chat
	if key.Kind() == dispatch.Event {
		arr, err := c.decodeEvent(e)
		if err != nil {
			return nil, err
		}
		return &arr.Item, nil
	}
	m, err := c.decodeMessage(e.Message)
	if err != nil {
		return nil, err
	}
	t, err := c.Thread(m.ThreadID)
	if err != nil {
		return nil, err
	}
	arr := c.newArrival(t.adapter, m, t.ref)
	arr.Entry = e
	return &arr.Item, nil
}

// ItemID implements dispatch.Program.
func (program) ItemID(message []byte) string {
	var v struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(message, &v) != nil {
		return ""
	}
	return v.ID
}

// Policy implements dispatch.Program.
func (p program) Policy(it *dispatch.Item) *dispatch.Policy {
	return &p.chat.ruleFor(arrivalOf(it).msg).policy
}

// IsGrouped implements dispatch.Program.
func (p program) IsGrouped() bool { return p.chat.handlers.table.Load().isGrouped() }

// Share implements dispatch.Program.
func (p program) Share(it *dispatch.Item, subscribed func() (bool, error)) (dispatch.Share, error) {
	arr := arrivalOf(it)
	who, err := p.chat.handlers.table.Load().taker(arr.msg, arr.ref.DM, p.chat.isMention(arr.msg), subscribed)
	share := dispatch.Share{Unclaimed: who.kind == "", Draws: who.kind == KindMention}
	if who.group != nil {
		share.Group, share.Policy = who.group.ordinal, &who.group.rule.policy
	}
	return share, err
}

// Stored implements dispatch.Program.
func (p program) Stored(ctx context.Context, key dispatch.Key, it *dispatch.Item) {
	arr := arrivalOf(it)
	if arr.event == nil {
		p.chat.keepIncoming(ctx, arr.adapter, arr.ref, arr.msg)
	}
	arr.request = workOf(ctx)
	arr.request.add(&arr.receipt, key)
}

// Refuse implements dispatch.Program.
func (p program) Refuse(ctx context.Context, b *dispatch.Batch) string {
	if p.chat.answersTooMany(ctx, b) {
		return "bots answer each other"
	}
	return ""
}

// run is one call of the handlers, and what lives as long as its event.
type run struct {
	attempt  attempt
	event    MessageEvent
	thread   Thread
	welcomed sync.Once
}

// Run implements dispatch.Program.
func (p program) Run(b *dispatch.Batch) (called bool, err error) {
	c, arr := p.chat, arrivalOf(b.Last())
	r := &run{}
	b.Payload = r
	r.attempt.init(c, b)
	ctx := arr.request.in(b.Lease.Context())
	r.thread = Thread{chat: c, adapter: arr.adapter, id: arr.msg.ThreadID, ref: arr.ref, lease: b.Lease, attempt: &r.attempt}
	if arr.event != nil {
		base := arr.event.base()
		base.Attempt = b.Attempt
		if base.ThreadID != "" {
			base.Thread = &r.thread
		}
		base.turn = &eventTurn{r.caller(c)}
		return c.router.handleEvent(ctx, arr.adapter, arr.event)
	}
	r.thread.current = arr.msg
	r.event = MessageEvent{
		Thread: &r.thread, Message: arr.msg, Skipped: skippedOf(b), SinceLast: b.Len(), Attempt: b.Attempt, welcomed: &r.welcomed,
	}
	return c.router.route(ctx, &r.event, arr.ref.DM, func() (bool, error) { return b.IsSubscribed(context.Background()) })
}

// caller returns what calls the platform for the run.
func (r *run) caller(c *Chat) caller {
	return caller{c, r.thread.adapter, r.thread.lease, &r.attempt}
}

// skippedOf returns the messages of the batch before the last.
func skippedOf(b *dispatch.Batch) []*Message {
	var skipped []*Message
	for i := range b.Len() - 1 {
		skipped = append(skipped, arrivalOf(b.Item(i)).msg)
	}
	return skipped
}

// Succeeded implements dispatch.Program.
func (p program) Succeeded(ctx context.Context, b *dispatch.Batch) {
	c, arr, r := p.chat, arrivalOf(b.Last()), b.Payload.(*run)
	r.caller(c).removeRest(b.Lease.Context())
	if arr.event != nil {
		return
	}
	c.countBotAnswer(ctx, b, &r.attempt)
	if b.WasTried() {
		c.marks.remove(arr.adapter, arr.msg)
	}
}

// GivenUp implements dispatch.Program.
func (p program) GivenUp(it *dispatch.Item) {
	if arr := arrivalOf(it); arr.event == nil {
		p.chat.marks.set(arr.adapter, arr.msg)
	}
}

// stepOf has the bot's names for those of the dispatcher.
var stepOf = [...]Step{
	dispatch.Accepted: StepAccepted, dispatch.Rejected: StepRejected, dispatch.Duplicate: StepDuplicate, dispatch.Ignored: StepIgnored,
	dispatch.Dropped: StepDropped, dispatch.Expired: StepExpired, dispatch.Skipped: StepSkipped, dispatch.Handled: StepHandled,
	dispatch.Failed: StepFailed, dispatch.Dead: StepDead, dispatch.Returned: StepReleased, dispatch.Cancelled: StepCancelled,
	dispatch.Recovered: StepRecovered, dispatch.LockLost: StepLockLost, dispatch.Abandoned: StepAbandoned, dispatch.Missing: StepMissing,
	dispatch.Debouncing: StepDebouncing, dispatch.Superseded: StepSuperseded, dispatch.Dequeued: StepDequeued,
	dispatch.LockAcquired: StepLockAcquired, dispatch.LockReleased: StepLockReleased,
}

// Report implements dispatch.Program.
func (p program) Report(ctx context.Context, r dispatch.Report) {
	step := stepOf[r.Step]
	if !p.chat.observes(ctx, step) {
		return
	}
	o := Observation{Step: step, Attempt: r.Attempt, Depth: r.Depth, Waited: r.Waited, Took: r.Took, Reason: r.Reason, Err: r.Err}
	if r.Item == nil {
		of := ThreadID(r.Key.Of())
		o.Adapter, o.Lock = of.Adapter(), r.Key.String()
		if r.Key.Kind() != dispatch.Event {
			o.Thread = of
		}
	} else {
		arr := arrivalOf(r.Item)
		o.Adapter, o.Thread, o.Message = arr.adapter.Name(), arr.msg.ThreadID, arr.msg.ID
		if arr.event != nil && r.Attempt == 0 && r.Reason == "" {
			o.Reason = arr.event.EventName()
		}
	}
	p.chat.observe(ctx, o)
}
