package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// counter is what the bot remembers of each conversation.
type counter struct {
	Messages int `json:"messages"`
}

// greet answers the first message of a conversation. From then on the bot is
// subscribed to it, and reply gets its messages.
func greet(ctx context.Context, ev *chat.MessageEvent) error {
	if err := ev.Thread.Subscribe(ctx); err != nil {
		return err
	}
	if _, err := ev.Thread.Post(ctx, chat.Markdown("Hello! I am **Echo**, and we have just met.")); err != nil {
		return err
	}
	return reply(ctx, ev)
}

func reply(ctx context.Context, ev *chat.MessageEvent) error {
	if err := ev.Thread.StartTyping(ctx, ""); err != nil {
		return err
	}
	count, err := chat.ThreadData[counter](ev.Thread).Update(ctx, func(c counter) (counter, error) {
		c.Messages += ev.SinceLast
		return c, nil
	})
	if err != nil {
		return err
	}
	_, err = ev.Thread.Post(ctx, answer(ctx, ev.Message.Text, count.Messages))
	return err
}

func answer(ctx context.Context, text string, count int) chat.Postable {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "help":
		return chat.Markdown(help)
	case "stream":
		return wordByWord(ctx, story)
	}
	return chat.Markdown(fmt.Sprintf("Message %d:\n\n%s", count, text))
}

// wordByWord yields a text as a language model would.
func wordByWord(ctx context.Context, text string) chat.Stream {
	return func(yield func(string, error) bool) {
		for word := range strings.SplitAfterSeq(text, " ") {
			select {
			case <-ctx.Done():
				yield("", context.Cause(ctx))
				return
			case <-time.After(50 * time.Millisecond):
			}
			if !yield(word, nil) {
				return
			}
		}
	}
}

const help = `This is what I understand:

| You write | I answer |
|---|---|
| ` + "`help`" + ` | this table |
| ` + "`stream`" + ` | a text, word by word |
| anything else | the same again, with its number |

What you write may be **Markdown**: lists, ` + "`code`" + `, tables, links.`

const story = `Once a message left for another machine. On its way it passed a **lock**, a *queue* and a clock that was wrong. ` +
	`It did not mind: it was written down in two places, and somebody would always come back for it.

1. It was taken in.
2. It was handled, once.
3. It was answered, word by word.

> And if the machine had stopped in between, another one would have gone on.`
