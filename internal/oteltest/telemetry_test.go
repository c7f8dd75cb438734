package oteltest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/otelchat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func TestMessagesBecomeMetricsAndSpans(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	spans := tracetest.NewSpanRecorder()
	telemetry, err := otelchat.New(otelchat.Config{
		MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	})
	require.NoError(t, err)
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: st, Observer: telemetry, Retry: chat.Retry{MaxAttempts: 1},
	})
	require.NoError(t, err)
	bot.Use(telemetry.Middleware())
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		if ev.Message.Text == "@bot fail" {
			return errors.New("no")
		}
		return nil
	})
	for i, text := range []string{"@bot hello", "@bot fail"} {
		m := fake.Message(fake.Thread("c", string(rune('a'+i))), text)
		r, err := fake.Send(t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, i == 0, r.Wait(t.Context()) == nil)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(t, bot.Shutdown(ctx))

	ended := spans.Ended()
	require.Len(t, ended, 2)
	require.Equal(t, "process mention", ended[0].Name())
	require.Contains(t, ended[0].Attributes(), attribute.String("messaging.message.id", "in-1"))
	require.Equal(t, codes.Error, ended[1].Status().Code)

	var data metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &data))
	steps := map[string]int64{}
	names := []string{}
	for _, m := range data.ScopeMetrics[0].Metrics {
		names = append(names, m.Name)
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
			for _, p := range sum.DataPoints {
				step, _ := p.Attributes.Value("chat.step")
				steps[step.AsString()] = p.Value
			}
		}
	}
	require.Equal(t, map[string]int64{"received": 2, "accepted": 2, "dequeued": 2, "handled": 1, "dead": 1, "lock-acquired": 2, "lock-released": 2}, steps)
	require.ElementsMatch(t, []string{"chat.messages", "chat.locks", "chat.queue.depth", "chat.handler.duration", "chat.message.wait"}, names)
}
