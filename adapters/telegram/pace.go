package telegram

import (
	"context"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
)

// callInterval is the least time between two calls that only show how answers grow: of
// all chats together Telegram takes about 30 a second.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
const callInterval = time.Second / 30

// pacer keeps calls apart that could otherwise use up what Telegram takes from the
// bot. The zero value is ready. It is safe for concurrent use.
type pacer struct {
	mu   sync.Mutex
	next time.Time
}

// wait waits for the caller's turn. Where ctx ends first it returns why.
func (p *pacer) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	turn := p.next
	if turn.Before(now) {
		turn = now
	}
	p.next = turn.Add(callInterval)
	p.mu.Unlock()
	if turn.Equal(now) {
		return ctx.Err()
	}
	return adapterkit.Sleep(ctx, turn.Sub(now))
}
