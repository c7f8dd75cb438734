package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/bench/side"
)

// BenchmarkHeldLocks measures what it costs to keep the locks of many handlers
// that run, in seconds of CPU time per second: each operation is one second.
func BenchmarkHeldLocks(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("memory/locks=%d", n), func(b *testing.B) { held(b, n, "memory://") })
		if url := os.Getenv("STATE_URL"); url != "" {
			b.Run(fmt.Sprintf("redis/locks=%d", n), func(b *testing.B) { held(b, n, url) })
		}
	}
}

func held(b *testing.B, n int, url string) {
	bot, fake := newBot(b, url, n)
	var running sync.WaitGroup
	running.Add(n)
	over := make(chan struct{})
	bot.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
		running.Done()
		select {
		case <-over:
		case <-ctx.Done():
			b.Error("a handler was cancelled:", context.Cause(ctx))
		}
		return nil
	})
	sendAll(b, fake, n)
	running.Wait()
	b.ResetTimer()
	before := side.CPU()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for b.Loop() {
		<-tick.C
	}
	b.ReportMetric(float64(side.CPU()-before)/float64(b.Elapsed().Nanoseconds()), "cores")
	close(over)
}

// BenchmarkWaiting measures what a message costs that waits while all handlers
// are busy, in this process and in Redis.
func BenchmarkWaiting(b *testing.B) {
	if url := os.Getenv("STATE_URL"); url != "" {
		b.Run("redis", func(b *testing.B) { waiting(b, url) })
	}
}

func waiting(b *testing.B, url string) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	server := redis.NewClient(opts)
	defer server.Close()
	bot, fake := newBot(b, url, 1)
	started, over := make(chan struct{}), make(chan struct{})
	var once sync.Once
	bot.OnMention(func(context.Context, *chat.MessageEvent) error {
		once.Do(func() { close(started) })
		<-over
		return nil
	})
	sendAll(b, fake, 1)
	<-started
	heap, used := heapInUse(), serverMemory(b, server)
	b.ResetTimer()
	sendAll(b, fake, b.N)
	b.StopTimer()
	b.ReportMetric(float64(heapInUse()-heap)/float64(b.N), "heap-B/op")
	b.ReportMetric(float64(serverMemory(b, server)-used)/float64(b.N), "redis-B/op")
	close(over)
}

func newBot(b *testing.B, url string, handlers int) (*chat.Chat, *chattest.Fake) {
	b.Helper()
	bot, fake, err := open(b.Context(), url, handlers)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = bot.Shutdown(ctx)
	})
	return bot, fake
}

// sendAll sends n messages, each on a thread of its own, from 64 callers.
func sendAll(b *testing.B, fake *chattest.Fake, n int) {
	b.Helper()
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	next := make(chan int)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := range next {
				s := run + strconv.Itoa(i)
				_, err := fake.Send(b.Context(), mention(s))
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func serverMemory(b *testing.B, server *redis.Client) int64 {
	b.Helper()
	n, err := redisMemory(b.Context(), server)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
