package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// ModalSubmitHandler handles a submitted modal and says what becomes of it.
type ModalSubmitHandler func(ctx context.Context, ev *ModalSubmitEvent) (ModalAnswer, error)

// OnModalSubmit registers a handler for submitted modals with one of the
// callback ids; without any, for all. It runs while the platform waits, about 3
// seconds on Slack: its context ends when the platform does not wait any longer,
// and the user is told that it failed. What takes longer belongs to a message or
// to a goroutine with a Thread of its own, from [Chat.Thread].
//
// The first answer that is not the zero value wins. An error or a panic ends the
// submission: the user is told that it failed and can submit again.
func (c *Chat) OnModalSubmit(h ModalSubmitHandler, callbackIDs ...string) *Registration {
	mustNotBeNil(h == nil, "the handler")
	return addEvent(c, func(ctx context.Context, ev *ModalSubmitEvent) error {
		var err error
		ev.answer, err = h(ctx, ev)
		return err
	}, callbackIDs, func(e *ModalSubmitEvent, wanted string) bool { return e.CallbackID == wanted })
}

func (h *host) SubmitModal(ctx context.Context, ev *ModalSubmitEvent) (ModalAnswer, error) {
	if ev == nil {
		return ModalAnswer{}, fmt.Errorf("%w: event is nil", ErrInvalidArgument)
	}
	ctx, a, err := h.beginAnswer(ctx, ev)
	if err != nil {
		return ModalAnswer{}, err
	}
	defer a.end()
	s := submission{answering: a, ev: ev, holder: rand.Text()}
	if ev.ID == "" {
		return s.run(ctx)
	}
	return s.once(ctx)
}

// submission is one delivery of a submitted modal.
type submission struct {
	*answering
	ev     *ModalSubmitEvent
	holder string // of the modal's context
}

// storedAnswer is an answer as it is kept for a redelivery.
type storedAnswer struct {
	ModalAnswer
	ContextID string `json:"contextId,omitempty"`
}

// claimMargin is how long a claim on a submission outlives its deadline.
const claimMargin = time.Second

// once answers as the first delivery with the event's id does. Deliveries at the
// same time wait for it; when it fails, the next one is the first.
func (s *submission) once(ctx context.Context) (ModalAnswer, error) {
	st := s.chat.state
	key := modalAnswerKey(s.adapter, s.ev.ID)
	mine := state.NewClaim(time.Now())
	for attempt := 0; ; attempt++ {
		first, err := st.SetIfNotExists(ctx, key, mine, time.Until(s.until)+claimMargin)
		if err != nil {
			return ModalAnswer{}, err
		}
		if first {
			break
		}
		theirs, err := st.Get(ctx, key)
		switch {
		case errors.Is(err, state.ErrNotFound):
			continue
		case err != nil:
			return ModalAnswer{}, err
		case !state.IsClaim(theirs):
			return decodeAnswer(theirs)
		}
		if err := pause(ctx, attempt); err != nil {
			return ModalAnswer{}, err
		}
	}
	answer, err := s.run(ctx)
	after, cancel := afterwards(ctx)
	defer cancel()
	switch {
	case err == nil:
		var data []byte
		if data, err = json.Marshal(storedAnswer{answer, answer.ContextID}); err == nil {
			err = st.Set(after, key, data, s.chat.cfg.Storage.DedupeTTL)
		}
		if err != nil {
			s.warn(ctx, "modal-answer-not-kept", err)
		}
		return answer, nil
	case ctx.Err() == nil:
		// Its handler has returned, so another delivery can try. Otherwise it has
		// until the claim expires.
		if err := st.Delete(after, key); err != nil {
			s.warn(ctx, "modal-claim-left", err)
		}
	}
	return answer, err
}

func decodeAnswer(data []byte) (ModalAnswer, error) {
	var stored storedAnswer
	if err := json.Unmarshal(data, &stored); err != nil {
		return ModalAnswer{}, fmt.Errorf("chat: the kept answer to a modal: %w", err)
	}
	stored.ModalAnswer.ContextID = stored.ContextID
	return stored.ModalAnswer, nil
}

// run has the handlers answer. The context of the modal is given back if the
// modal stays, or nothing came of the submission.
func (s *submission) run(ctx context.Context) (ModalAnswer, error) {
	c, ev := s.chat, s.ev
	kept, err := c.modals.takeContext(ctx, s.adapter, ev.ContextID, s.holder, s.until.Add(claimMargin))
	if err != nil {
		return ModalAnswer{}, err
	}
	ev.origin = kept
	ev.Opened = c.modals.origin(ctx, s.adapter, kept, ev.turn.lease)
	var answer ModalAnswer
	err = s.call(ctx, func() error { return s.handle(ctx, &answer) })
	if err == nil {
		err = s.finish(ctx, kept, &answer)
	}
	after, cancel := afterwards(ctx)
	defer cancel()
	var left error
	switch {
	case ev.ContextID == "":
	case err != nil, answer.Action == ModalErrors, answer.Action == ModalPush:
		left = c.modals.returnContext(after, s.adapter, ev.ContextID, s.holder)
	default:
		left = c.modals.contextRecord(s.adapter, ev.ContextID).Clear(after)
	}
	if left != nil {
		s.warn(ctx, "modal-context-left", left)
	}
	if err != nil {
		return ModalAnswer{}, err
	}
	return answer, nil
}

// handle calls the handlers until one answers.
func (s *submission) handle(ctx context.Context, answer *ModalAnswer) error {
	*answer = ModalAnswer{Action: ModalClose}
	table := s.chat.handlers.table.Load()
	for _, r := range table.of(eventModalSubmit) {
		if r.accepts != nil && !r.accepts(s.ev) {
			continue
		}
		s.ev.answer = ModalAnswer{}
		if err := s.chat.router.callHandler(ctx, table, r, s.ev); err != nil {
			return err
		}
		if s.ev.answer.Action != "" {
			*answer = s.ev.answer
			return nil
		}
	}
	return nil
}

// finish checks the answer, keeps the context of the next modal, and has the
// values posted to the callback URL.
func (s *submission) finish(ctx context.Context, kept modalContext, answer *ModalAnswer) error {
	if err := s.check(kept, *answer); err != nil {
		return fmt.Errorf("chat: the answer to modal %q: %w", s.ev.CallbackID, err)
	}
	answer.ContextID = ""
	if answer.Action == ModalUpdate || answer.Action == ModalPush {
		var err error
		if answer.ContextID, err = s.chat.modals.keepContext(ctx, s.adapter, kept, answer.Modal); err != nil {
			return err
		}
	} else {
		answer.Modal = nil
	}
	if kept.CallbackURL == "" || answer.Action == ModalErrors {
		return nil
	}
	values := s.ev.Values
	if values == nil {
		values = ModalValues{}
	}
	body, err := json.Marshal(submitBody{"modal_submit", s.ev.CallbackID, values, callbackUser{s.ev.User.UserID, s.ev.User.UserName}})
	if err != nil {
		return err
	}
	base := EventBase{ThreadID: s.ev.ThreadID}
	if s.ev.ID != "" {
		base.ID = "submitted:" + s.ev.ID
	}
	return s.chat.storeTask(ctx, s.adapter, base, taskCallback, callbackPost{ID: rand.Text(), URL: kept.CallbackURL, Body: body})
}

// check returns what is wrong with an answer.
func (s *submission) check(kept modalContext, answer ModalAnswer) error {
	switch answer.Action {
	case ModalClose, ModalClear:
	case ModalUpdate, ModalPush:
		return s.chat.modals.check(answer.Modal)
	case ModalErrors:
		if len(answer.Errors) == 0 {
			return errors.New("Errors is empty, want what is wrong by the ids of the inputs")
		}
		for id, text := range answer.Errors {
			if text == "" {
				return fmt.Errorf("Errors[%q] is empty, want some text", id)
			}
			if len(kept.Inputs) > 0 && !slices.Contains(kept.Inputs, id) {
				return fmt.Errorf("Errors names %q, want one of the inputs %q", id, kept.Inputs)
			}
		}
	default:
		return fmt.Errorf("Action is %q, want one of the ModalAction constants", answer.Action)
	}
	return nil
}
