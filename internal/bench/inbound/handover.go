package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	handoverCount = 400
	// handlerTime is how long a handler runs whose end another instance's message
	// waits for.
	handlerTime = 20 * time.Millisecond
)

// handovers measures how long a message waits that another instance was given while a
// handler runs on its thread: from that handler's end to its own begin.
func handovers(ctx context.Context, w io.Writer, url string) error {
	type moment struct {
		id chat.MessageID
		at time.Time
	}
	begun, ended := make(chan moment, 1), make(chan moment, 1)
	handle := func(_ context.Context, ev *chat.MessageEvent) error {
		begun <- moment{ev.Message.ID, time.Now()}
		time.Sleep(handlerTime)
		ended <- moment{ev.Message.ID, time.Now()}
		return nil
	}
	var send []func(id, thread string) error
	for range 2 {
		bot, fake, err := open(ctx, url, 0)
		if err != nil {
			return err
		}
		defer func() { _ = bot.Shutdown(context.WithoutCancel(ctx)) }()
		bot.OnMention(handle)
		bot.OnSubscribedMessage(handle)
		send = append(send, func(id, thread string) error {
			m := mention(id)
			m.ThreadID = chat.ThreadID("fake:c:" + thread)
			_, err := fake.Send(ctx, m)
			return err
		})
	}
	var waits []time.Duration
	run := newRun()
	for i := range handoverCount {
		thread := fmt.Sprint(run, i)
		if err := send[i%2]("a"+thread, thread); err != nil {
			return err
		}
		<-begun
		if err := send[1-i%2]("b"+thread, thread); err != nil {
			return err
		}
		end, next := <-ended, <-begun
		<-ended
		waits = append(waits, next.at.Sub(end.at))
	}
	slices.Sort(waits)
	at := func(share float64) time.Duration { return waits[int(share*float64(len(waits)-1))] }
	fmt.Fprintf(w, "### A message behind another instance's handler, on Redis\n\nFrom the end of a handler of %v to the begin of the next, %d messages.\n\n| p50 | p99 |\n|--:|--:|\n| %.2f ms | %.2f ms |\n\n",
		handlerTime, handoverCount, at(0.5).Seconds()*1e3, at(0.99).Seconds()*1e3)
	return nil
}
