package chat

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// attempt is one call of the handlers, and what it and the failed ones before it
// have shown. What an attempt posts to a place takes the place of what the attempts
// before it have posted there, one by one and in order; what is left of that when
// the handlers have succeeded is removed. A nil attempt is for what is posted outside
// of a turn, and what must stay.
type attempt struct {
	of     string // names the message or event
	stands bool   // what it posts is not replaced by another attempt

	mu      sync.Mutex
	earlier []posted // by failed attempts, and not replaced yet
	made    []posted // by this one

	asked map[string]int // how often it has asked for an approval, by the question

	batch *dispatch.Batch // keeps what is left. Nil: nothing is
}

// init prepares the attempt that is to be made with the batch.
func (a *attempt) init(c *Chat, b *dispatch.Batch) {
	a.of = b.Last().Claim
	a.stands = c.cfg.Durability == DurabilityNone || c.cfg.Retry.KeepPosts
	if a.stands {
		return
	}
	if left := b.Left(); left != nil && json.Unmarshal(left, &a.earlier) != nil {
		a.earlier = nil // what another version has left stays
	}
	a.batch = b
	b.Leave(a)
}

// Left implements dispatch.Leaver: it returns what the next attempt is to replace, as the record of the attempts keeps
// it.
func (a *attempt) Left() json.RawMessage {
	shown := a.shown()
	if len(shown) == 0 {
		return nil
	}
	data, err := json.Marshal(shown)
	if err != nil {
		return nil
	}
	return data
}

// approvalID returns the ID of a request for approval, which is the same in each
// attempt that asks the same. Empty: there is none.
func (a *attempt) approvalID(thread ThreadID, what Approval) string {
	if a == nil {
		return ""
	}
	question, err := json.Marshal([]any{a.of, thread, what})
	if err != nil {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = map[string]int{}
	}
	n := a.asked[string(question)]
	a.asked[string(question)]++
	sum := sha256.Sum256(fmt.Append(question, n))
	return base32.StdEncoding.EncodeToString(sum[:])[:26] // as long as a random one
}

// posted is what an attempt has posted. It is kept with the record of the attempts.
type posted struct {
	// Place is where it was posted to: a thread, an answer's thread and message, or a
	// channel.
	Place  string    `json:"place"`
	Thread ThreadID  `json:"thread"`
	ID     MessageID `json:"id"`
	// Files says that files came with it, which no edit can replace.
	Files bool `json:"files,omitempty"`
	// Scheduled says that ID names a scheduled message.
	Scheduled bool `json:"scheduled,omitempty"`
}

// expects reports whether something was posted to the place that is to be replaced.
func (a *attempt) expects(place string) bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.earlier, func(p posted) bool { return p.Place == place })
}

// take returns what is to be replaced next in the place.
func (a *attempt) take(place string) (posted, bool) {
	if a == nil {
		return posted{}, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.earlier, func(p posted) bool { return p.Place == place })
	if i < 0 {
		return posted{}, false
	}
	p := a.earlier[i]
	a.earlier = slices.Delete(a.earlier, i, i+1)
	return p, true
}

// putBack undoes take.
func (a *attempt) putBack(p posted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.earlier = slices.Insert(a.earlier, 0, p)
}

// note adds what was posted.
func (a *attempt) note(p posted) {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.made = append(a.made, p)
	a.mu.Unlock()
	if a.batch != nil {
		a.batch.Changed()
	}
}

// forget takes out what is not there any more.
func (a *attempt) forget(thread ThreadID, id MessageID) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	gone := func(p posted) bool { return p.Thread == thread && p.ID == id }
	a.made, a.earlier = slices.DeleteFunc(a.made, gone), slices.DeleteFunc(a.earlier, gone)
}

// hasAnswered reports whether something was posted to the thread.
func (a *attempt) hasAnswered(thread ThreadID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.made, func(p posted) bool { return p.Thread == thread && !p.Scheduled })
}

// shown returns what the next attempt is to replace.
func (a *attempt) shown() []posted {
	if a == nil || a.stands {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return append(slices.Clone(a.made), a.earlier...)
}

// rest returns what failed attempts have posted and this one did not replace.
func (a *attempt) rest() []posted {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.earlier)
}

// cannotBeEdited reports whether an edit failed for good: a new message takes the
// place of the old one.
func cannotBeEdited(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrPermission) || errors.Is(err, ErrInvalid) || isUnsupported(err)
}

// replace makes an earlier post show something else by edit, or posts anew. In both
// cases it notes what it did.
func (o outlet) replace(ctx context.Context, files bool, edit func(context.Context, posted) error, post func(context.Context) (*Thread, MessageID, error)) (*Thread, MessageID, error) {
	prev, ok := o.attempt.take(o.place)
	if ok && !prev.Files && !files {
		err := edit(ctx, prev)
		if err == nil {
			o.attempt.note(prev)
			t, err := o.threadOf(prev.Thread)
			return t, prev.ID, err
		}
		if !cannotBeEdited(err) {
			o.attempt.putBack(prev)
			return nil, "", err
		}
	}
	thread, id, err := post(ctx)
	if err != nil || id == "" {
		if ok {
			o.attempt.putBack(prev)
		}
		return thread, id, err
	}
	o.attempt.note(posted{Place: o.place, Thread: thread.id, ID: id, Files: files})
	if ok {
		o.remove(ctx, prev)
	}
	return thread, id, nil
}

// threadOf returns the thread of an earlier post.
func (o outlet) threadOf(id ThreadID) (*Thread, error) {
	if o.thread != nil && o.thread.id == id {
		return o.thread, nil
	}
	t, err := o.chat.Thread(id)
	if err != nil {
		return nil, err
	}
	t.lease, t.attempt = o.lease, o.attempt
	return t, nil
}

// put posts, in the place of what a failed attempt has posted if there is any.
func (o outlet) put(ctx context.Context, post *Post) (*Thread, MessageID, error) {
	return o.replace(ctx, len(post.Files) > 0,
		func(ctx context.Context, prev posted) error {
			return o.adapter.EditMessage(ctx, prev.Thread, prev.ID, post)
		},
		func(ctx context.Context) (*Thread, MessageID, error) { return o.open(ctx, post) })
}

// remove takes back what a failed attempt has posted. What cannot be removed stays.
func (p caller) remove(ctx context.Context, prev posted) {
	err := p.do(ctx, func(ctx context.Context) (err error) {
		defer func() {
			if v := recover(); v != nil { // no handler is called here, which would catch it
				err = p.chat.logPanic(ctx, "adapter-panicked", v, "adapter", p.adapter.Name())
			}
		}()
		if !prev.Scheduled {
			return p.adapter.DeleteMessage(ctx, prev.Thread, prev.ID)
		}
		s, err := ability[Scheduler](ctx, p, "scheduled messages")
		if err != nil {
			return err
		}
		return s.CancelScheduledMessage(ctx, prev.Thread, ScheduledID(prev.ID))
	}, nil)
	if err != nil && !errors.Is(err, ErrNotFound) {
		p.chat.log.InfoContext(ctx, "failed-attempt-left-a-message", "adapter", p.adapter.Name(), "thread", string(prev.Thread), "message", string(prev.ID), "error", err)
	}
}

// removeRest takes back what failed attempts have posted and the one that has
// succeeded has not.
func (p caller) removeRest(ctx context.Context) {
	for _, prev := range p.attempt.rest() {
		p.remove(ctx, prev)
	}
}
