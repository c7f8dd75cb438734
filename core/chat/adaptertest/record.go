package adaptertest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

var errStillRuns = errors.New("it still runs")

// record is what a bot has been given and has handled.
type record struct {
	mu      sync.Mutex
	steps   []chat.Observation
	handled []chat.Inbound
	reply   chat.MessageHandler
	click   chat.EventHandler[chat.ActionEvent]
	changed chan struct{} // closed and replaced at every change
}

func newRecord() *record { return &record{changed: make(chan struct{})} }

// Observe implements chat.Observer.
func (r *record) Observe(_ context.Context, o chat.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, o)
	r.announce()
}

// announce wakes whoever waits for a change.
func (r *record) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// count returns how often the bot took the step.
func (r *record) count(step chat.Step) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.countLocked(step)
}

func (r *record) countLocked(step chat.Step) int {
	n := 0
	for _, o := range r.steps {
		if o.Step == step {
			n++
		}
	}
	return n
}

func (r *record) add(events ...chat.Inbound) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handled = append(r.handled, events...)
	r.announce()
}

// all returns what has been handled so far.
func (r *record) all() []chat.Inbound {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.handled)
}

// await returns what has been handled when it is n or more, or when all that the
// bot has taken is handled: an adapter hands over what it has before it answers.
func (r *record) await(ctx context.Context, n int) []chat.Inbound {
	r.wait(ctx, func() bool { return len(r.handled) >= n || r.settledLocked() })
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.handled)
}

// settled waits until all that the bot has taken is handled.
func (r *record) settled(ctx context.Context) { r.wait(ctx, r.settledLocked) }

func (r *record) settledLocked() bool {
	ended := r.countLocked(chat.StepHandled) + r.countLocked(chat.StepSkipped) + r.countLocked(chat.StepDead)
	return ended >= r.countLocked(chat.StepAccepted)
}

func (r *record) wait(ctx context.Context, done func() bool) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		r.mu.Lock()
		ended, changed := done(), r.changed
		r.mu.Unlock()
		if ended {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// answer has the bot handle each message with the function.
func (r *record) answer(h chat.MessageHandler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reply = h
}

// clicked has the bot handle each click with the function.
func (r *record) clicked(h chat.EventHandler[chat.ActionEvent]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.click = h
}

// action is the handler of all clicks.
func (r *record) action(ctx context.Context, ev *chat.ActionEvent) error {
	r.mu.Lock()
	click := r.click
	r.mu.Unlock()
	var err error
	if click != nil {
		err = click(ctx, ev)
	}
	r.add(ev)
	return err
}

// message is the handler of all messages.
func (r *record) message(ctx context.Context, ev *chat.MessageEvent) error {
	r.mu.Lock()
	reply := r.reply
	r.mu.Unlock()
	var err error
	if reply != nil {
		err = reply(ctx, ev)
	}
	all := make([]chat.Inbound, 0, 1+len(ev.Skipped))
	for _, m := range slices.Concat(ev.Skipped, []*chat.Message{ev.Message}) {
		all = append(all, m)
	}
	r.add(all...)
	return err
}

// listen registers handlers for everything.
func (r *record) listen(bot *chat.Chat) {
	bot.OnMessage(everything, r.message) // no other class has a handler
	bot.OnReaction(keep[chat.ReactionEvent](r))
	bot.OnAction(r.action)
	bot.OnSlashCommand(keep[chat.SlashCommandEvent](r))
	bot.OnMessageUpdated(keep[chat.MessageUpdatedEvent](r))
	bot.OnMessageDeleted(keep[chat.MessageDeletedEvent](r))
	bot.OnModalClosed(keep[chat.ModalClosedEvent](r))
	bot.OnMembership(keep[chat.MembershipEvent](r))
	bot.OnInstallation(keep[chat.InstallationEvent](r))
	bot.OnPlatformEvent(keep[chat.PlatformEvent](r))
	bot.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		r.add(ev)
		return chat.ModalAnswer{}, nil
	})
	bot.OnOptionsLoad(func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
		r.add(ev)
		return chat.Options{}, nil
	})
}

// keep is a handler of events that records them.
func keep[E any, P interface {
	*E
	chat.Inbound
}](r *record) chat.EventHandler[E] {
	return func(_ context.Context, ev *E) error {
		r.add(P(ev))
		return nil
	}
}
