package chat

import (
	"context"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Two bots that answer each other would go on for ever. So it is counted how many
// messages of other bots in a row this one has answered in a thread. The count is in
// the state, for all instances; people's messages are not looked up for it: that one
// of them has come since is known where it was handled, and else found in the history
// when the bound is reached.

const (
	// botAnswersTTL is how long a thread must be silent to be forgotten.
	botAnswersTTL = time.Hour
	// maxBotThreads bounds what an instance remembers of threads with bots.
	maxBotThreads = 4096
)

// botAnswers is how many messages of bots in a row were answered in a thread.
type botAnswers struct {
	Count int `json:"count"`
	// Since is when the first of them was sent.
	Since time.Time `json:"since"`
}

func (c *Chat) botAnswers(id ThreadID) Data[botAnswers] {
	return newRecord[botAnswers](c, botAnswersKey(id), botAnswersTTL)
}

// botThreads are threads in which this instance has answered a bot since it last saw a
// person there.
type botThreads struct {
	mu   sync.Mutex
	seen map[ThreadID]struct{}
}

func (b *botThreads) add(id ThreadID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil || len(b.seen) >= maxBotThreads {
		b.seen = map[ThreadID]struct{}{} // the history knows the rest
	}
	b.seen[id] = struct{}{}
}

// remove reports whether the thread was there.
func (b *botThreads) remove(id ThreadID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, there := b.seen[id]
	delete(b.seen, id)
	return there
}

// isBot reports whether another bot has written the message, as far as is known.
func (m *Message) isBot() bool { return m.Author.Bot != nil && *m.Author.Bot && !m.Author.Me }

// isOfBots reports whether bots have written all messages of the batch.
func isOfBots(b *dispatch.Batch) bool {
	for i := range b.Len() {
		if !arrivalOf(b.Item(i)).msg.isBot() {
			return false
		}
	}
	return true
}

// answersTooMany reports whether the batch is of bots only and would be one answer too
// many. If the state does not say, it is not.
func (c *Chat) answersTooMany(ctx context.Context, b *dispatch.Batch) bool {
	arr := arrivalOf(b.Last())
	if arr.event != nil {
		return false
	}
	id := arr.msg.ThreadID
	if !isOfBots(b) {
		if c.bots.remove(id) {
			c.forgetBotAnswers(ctx, id)
		}
		return false
	}
	n, err := c.botAnswers(id).Get(ctx)
	if err != nil || n.Count < c.cfg.Limits.MaxBotAnswers {
		return false
	}
	thread := &Thread{chat: c, adapter: arr.adapter, id: id, ref: arr.ref, lease: b.Lease}
	if thread.hasPerson(b.Lease.Context(), n.Since, 2*n.Count+1) {
		c.forgetBotAnswers(ctx, id)
		return false
	}
	return true
}

func (c *Chat) forgetBotAnswers(ctx context.Context, id ThreadID) {
	if err := c.botAnswers(id).Clear(ctx); err != nil {
		c.log.DebugContext(ctx, "bot-answers-not-forgotten", "thread", string(id), "error", err)
	}
}

// hasPerson reports whether a person's message stands in the thread's history since the
// time, among its newest.
func (t *Thread) hasPerson(ctx context.Context, since time.Time, newest int) bool {
	for m, err := range t.Messages(ctx) {
		if err != nil {
			if !isUnsupported(err) {
				t.chat.log.InfoContext(ctx, "history-unreadable", "thread", string(t.id), "error", err)
			}
			return false
		}
		if newest--; newest < 0 || m.SentAt.Before(since) {
			return false
		}
		if !m.Author.Me && !m.Author.System && !m.isBot() {
			return true
		}
	}
	return false
}

// countBotAnswer counts the batch if it is of bots only and was answered.
func (c *Chat) countBotAnswer(ctx context.Context, b *dispatch.Batch, attempt *attempt) {
	id := arrivalOf(b.Last()).msg.ThreadID
	if !isOfBots(b) || !attempt.hasAnswered(id) {
		return
	}
	_, err := c.botAnswers(id).Update(ctx, func(n botAnswers) (botAnswers, error) {
		if n.Count == 0 {
			n.Since = arrivalOf(b.Item(0)).msg.SentAt
		}
		n.Count++
		return n, nil
	})
	if err != nil {
		c.log.WarnContext(ctx, "bot-answer-not-counted", "thread", string(id), "error", err)
	}
	c.bots.add(id)
}
