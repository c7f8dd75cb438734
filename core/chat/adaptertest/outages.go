package adaptertest

import (
	"context"
	"net/http"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleShutdown = "ErrShutdown means that the bot shuts down. New events are refused with it"

var outageCases = []Case{
	{ID: "Outage/Unavailable", Rule: ruleDelivers, Run: func(t TB, s *Subject) {
		for _, sample := range s.Features.Samples {
			if sample.Own || !holdsMessage(sample) {
				continue
			}
			b := s.rig(t)
			b.state.away.Store(true)
			b.unavailable(t, s, "while the state is away", sample)
			b.state.away.Store(false)
			if a := b.deliver(t, s, sample); !a.ok() {
				t.Errorf("the webhook of sample %q again, when the state is back\n    seen: %v\n    want: 2xx", sample.Name, a)
			}
			b.handled(t, s, "sample "+sample.Name+", delivered again after an outage", sample.Want)
		}
	}},
	{ID: "Outage/Shutdown", Rule: ruleShutdown, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		ctx, cancel := context.WithTimeout(s.Context(), patience)
		defer cancel()
		must(t, "Shutdown", b.Shutdown(ctx))
		sample, _ := s.Features.message()
		b.unavailable(t, s, "after the bot was shut down", sample)
	}},
}

// unavailable reports an answer after which the platform would not deliver again.
func (b *rig) unavailable(t TB, s *Subject, when string, sample Sample) {
	t.Helper()
	if a := b.deliver(t, s, sample); a.status != http.StatusServiceUnavailable {
		t.Errorf("the webhook of sample %q, %s\n    seen: %v\n    want: 503", sample.Name, when, a)
	}
	equal(t, "messages taken "+when, b.record.count(chat.StepAccepted), 0)
}

func holdsMessage(s Sample) bool {
	for _, w := range s.Want {
		if _, ok := w.(*chat.Message); ok {
			return true
		}
	}
	return false
}
