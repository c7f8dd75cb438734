package otelchat

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/chat-adapter/chat-go/core/chat"
)

const scope = "github.com/chat-adapter/chat-go/otelchat"

// Config says where telemetry goes.
type Config struct {
	// MeterProvider takes the metrics. Default otel.GetMeterProvider().
	MeterProvider metric.MeterProvider
	// TracerProvider takes the spans. Default otel.GetTracerProvider().
	TracerProvider trace.TracerProvider
}

// Telemetry is a chat.Observer that counts and measures, and a source of
// middleware that traces. It is safe for concurrent use.
type Telemetry struct {
	tracer   trace.Tracer
	messages metric.Int64Counter
	locks    metric.Int64Counter
	wait     metric.Float64Histogram
	duration metric.Float64Histogram
	depth    metric.Int64Histogram
}

var _ chat.Observer = (*Telemetry)(nil)

// New returns the telemetry of a bot. A MeterProvider that refuses an instrument is
// [chat.ErrInvalidConfig].
func New(cfg Config) (*Telemetry, error) {
	if cfg.MeterProvider == nil {
		cfg.MeterProvider = otel.GetMeterProvider()
	}
	if cfg.TracerProvider == nil {
		cfg.TracerProvider = otel.GetTracerProvider()
	}
	t := &Telemetry{tracer: cfg.TracerProvider.Tracer(scope)}
	if err := t.createInstruments(cfg.MeterProvider.Meter(scope)); err != nil {
		return nil, fmt.Errorf("%w: otelchat: MeterProvider: %w", chat.ErrInvalidConfig, err)
	}
	return t, nil
}

func (t *Telemetry) createInstruments(meter metric.Meter) error {
	errs := make([]error, 5)
	t.messages, errs[0] = meter.Int64Counter("chat.messages", metric.WithUnit("{message}"),
		metric.WithDescription("Steps of messages and other events"))
	t.wait, errs[1] = meter.Float64Histogram("chat.message.wait", metric.WithUnit("s"),
		metric.WithDescription("Time from acceptance to the handlers"))
	t.duration, errs[2] = meter.Float64Histogram("chat.handler.duration", metric.WithUnit("s"),
		metric.WithDescription("Time that the handlers ran"))
	t.depth, errs[3] = meter.Int64Histogram("chat.queue.depth", metric.WithUnit("{message}"),
		metric.WithDescription("Messages on the lock after one was accepted"))
	t.locks, errs[4] = meter.Int64Counter("chat.locks", metric.WithUnit("{lock}"),
		metric.WithDescription("Steps of locks"))
	return errors.Join(errs...)
}

// Observe counts the step.
func (t *Telemetry) Observe(ctx context.Context, o chat.Observation) {
	attrs := metric.WithAttributeSet(attribute.NewSet(
		attribute.String("chat.adapter", o.Adapter), attribute.String("chat.step", string(o.Step)),
	))
	if o.Lock != "" {
		t.locks.Add(ctx, 1, attrs)
		return
	}
	t.messages.Add(ctx, 1, attrs)
	if o.Step == chat.StepAccepted {
		t.depth.Record(ctx, int64(o.Depth), attrs)
	}
	if o.Took > 0 {
		t.duration.Record(ctx, o.Took.Seconds(), attrs)
		t.wait.Record(ctx, o.Waited.Seconds(), attrs)
	}
}

// Middleware returns middleware that puts a span around every call of a handler.
// The handler's context carries it.
func (t *Telemetry) Middleware() chat.Middleware {
	return func(next chat.Handler) chat.Handler {
		return func(ctx context.Context, ev chat.Event) error {
			ctx, span := t.tracer.Start(ctx, "process "+ev.EventName(),
				trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attributes(ev)...))
			defer span.End()
			err := next(ctx, ev)
			if err != nil {
				span.RecordError(err)
				span.SetStatus(codes.Error, "the handler failed")
			}
			return err
		}
	}
}

func attributes(ev chat.Event) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		attribute.String("messaging.operation.type", "process"),
		attribute.String("chat.event", ev.EventName()),
	}
	if m, ok := ev.(*chat.MessageEvent); ok {
		return append(attrs,
			attribute.String("messaging.message.id", string(m.Message.ID)),
			attribute.String("messaging.destination.name", string(m.Message.ThreadID)),
			attribute.String("chat.adapter", m.Message.ThreadID.Adapter()),
			attribute.Int("chat.attempt", m.Attempt))
	}
	if e, ok := ev.(interface{ Base() chat.EventBase }); ok {
		base := e.Base()
		return append(attrs,
			attribute.String("messaging.message.id", base.ID),
			attribute.String("messaging.destination.name", string(base.ThreadID)),
			attribute.Int("chat.attempt", base.Attempt))
	}
	return attrs
}
