package main

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/bench/side"
)

// BenchmarkInbound measures the whole way of a message with an empty handler,
// each on a thread of its own, until its handler has run.
func BenchmarkInbound(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run("memory/callers="+strconv.Itoa(callers), func(b *testing.B) { inbound(b, callers, "memory://") })
	}
	if url := os.Getenv("STATE_URL"); url != "" {
		for _, callers := range []int{1, 64, 256} {
			b.Run("redis/callers="+strconv.Itoa(callers), func(b *testing.B) { inbound(b, callers, url) })
		}
	}
}

func inbound(b *testing.B, callers int, url string) {
	bot, fake := newBot(b, url, 0)
	bot.OnMention(func(context.Context, *chat.MessageEvent) error { return nil })
	bot.OnSubscribedMessage(func(context.Context, *chat.MessageEvent) error { return nil })
	b.ReportAllocs()
	b.ResetTimer()
	before := side.CPU()
	if err := drive(b.Context(), fake, callers, b.N); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(side.CPU()-before)/float64(b.N), "cpu-ns/op")
}
