package telegram

import (
	"context"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
)

// callInterval is the least time between two edits or drafts of this process. Telegram
// accepts about 30 messages a second from a bot, in all chats together.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
const callInterval = time.Second / 30

// pacer spaces calls by callInterval, so that texts that grow do not use up the rate
// limit of the bot. The zero value is ready. It is safe for concurrent use.
type pacer struct {
	mu   sync.Mutex
	next time.Time
}

// wait waits until the caller may make its call. If ctx ends first, it returns ctx's
// error.
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
