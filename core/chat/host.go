package chat

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/state"
)

// Host is the bot as its adapters see it.
type Host interface {
	// UserName is the bot's name, for mentions.
	UserName() string

	// Logger logs with the adapter's name attached.
	Logger() *slog.Logger

	// Emoji spells the emoji of texts and reactions, and reads those of the platform:
	// the well-known ones and the bot's own.
	Emoji() *emoji.Set

	// State is the bot's state, for what an adapter caches. Keys start with the
	// adapter's name and a colon. It is connected whenever the bot calls the adapter
	// for what may need it: every method but Name, Attach, EncodeThreadID,
	// DecodeThreadID and Close. A handler of the adapter's own that the program
	// mounts, such as that of an OAuth redirect, calls its Connect first.
	State() state.Adapter

	// RateLimitWait is how long, in all, one call of the adapter may wait where the
	// platform's rate limit stops it in the middle, as adapterkit.Retry does: the bot's
	// Config.Limits.RateLimitWait. What the limit refuses at the beginning of a call,
	// the bot makes again.
	RateLimitWait() time.Duration

	// Deliver hands an event to the bot. When it returns without an error the
	// event is stored, or needs no handling, and the webhook can be answered 2xx.
	// The handlers run afterwards; Receipt.Wait waits for them.
	Deliver(ctx context.Context, event Inbound) (*Receipt, error)

	// SubmitModal hands over a modal that was submitted and returns what the
	// handlers answer. It runs them before it returns, so ctx has the deadline by
	// which the platform wants its answer. A submission whose ID was handled
	// before gets the same answer again. After an error the user should be told
	// that it failed: the modal can be submitted again.
	SubmitModal(ctx context.Context, event *ModalSubmitEvent) (ModalAnswer, error)

	// LoadOptions asks the handlers for the options of an external select. It
	// runs them before it returns. Without a handler there are none. Its error is
	// a handler's that failed, if no other one had any.
	LoadOptions(ctx context.Context, event *OptionsLoadEvent) (Options, error)

	// Retry hands a message that was given up to the handlers again, as
	// [Chat.ReplayDeadLetter] does, for platforms whose people can ask for that. It
	// returns [ErrNotFound] if there is no dead letter of it: then it can be delivered
	// as a new one.
	Retry(ctx context.Context, thread ThreadID, id MessageID) (*Receipt, error)

	// History returns the thread's kept messages, oldest first, for adapters that
	// have the [HistoryKeeper] ability.
	History(ctx context.Context, thread ThreadID) ([]*Message, error)

	// CancelTurn ends the context of the handler that runs on the thread, as
	// [Chat.CancelTurn] does: for platforms where the user can stop the bot.
	CancelTurn(ctx context.Context, thread ThreadID) error

	// ForgetThread removes what the bot keeps of a thread whose conversation the
	// user has deleted: its history, its typed state and its subscription. What
	// waits to be handled stays.
	ForgetThread(ctx context.Context, thread ThreadID) error
}

// host is what one adapter sees of the bot.
type host struct {
	chat    *Chat
	adapter Adapter
	log     *slog.Logger
}

func (h *host) UserName() string { return h.chat.userName }

func (h *host) Logger() *slog.Logger { return h.log }

func (h *host) Emoji() *emoji.Set { return h.chat.cfg.Emoji }

func (h *host) State() state.Adapter { return h.chat.state }

func (h *host) RateLimitWait() time.Duration { return h.chat.cfg.Limits.RateLimitWait }

func (h *host) History(ctx context.Context, id ThreadID) ([]*Message, error) {
	return h.chat.history(ctx, string(id))
}

func (h *host) Deliver(ctx context.Context, event Inbound) (*Receipt, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	switch e := event.(type) {
	case *Message:
		return h.deliver(ctx, e)
	}
	if e, ok := event.(asyncEvent); ok {
		return h.deliverEvent(ctx, e)
	}
	return nil, fmt.Errorf("%w: event is %T, want a type of this package", ErrInvalidArgument, event)
}

func (h *host) ForgetThread(ctx context.Context, id ThreadID) error {
	if err := h.checkThread(id); err != nil {
		return err
	}
	ref, err := h.adapter.DecodeThreadID(id)
	if err != nil {
		return err
	}
	c := h.chat
	if err := c.connect(ctx); err != nil {
		return err
	}
	if err := c.forgetHistory(ctx, id, channelID(h.adapter, ref)); err != nil {
		return err
	}
	if err := c.state.Delete(ctx, threadDataKey(id)); err != nil {
		return err
	}
	return c.state.Unsubscribe(ctx, string(id))
}

// checkThread refuses a thread that is not of the host's adapter.
func (h *host) checkThread(id ThreadID) error {
	if id.Adapter() != h.adapter.Name() {
		return fmt.Errorf("%w: thread id %q does not start with the adapter's name %q", ErrInvalidArgument, id, h.adapter.Name())
	}
	return nil
}
