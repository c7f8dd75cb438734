package adaptertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleDelivers = "The adapter verifies the request, parses it, hands what it holds to Host.Deliver and answers 2xx only if that succeeded; [HTTPStatus] gives the status otherwise."
	ruleOwn      = "Me says that the author is this bot. Such messages are never handled."
	ruleUnique   = "It is unique per adapter: where a platform numbers messages per chat, its adapter composes the id."
	ruleDedupe   = "MessageID names a message. It is unique per adapter: where a platform numbers messages per chat, its adapter composes the id."
	ruleEventID  = "ID is the platform's id of the event, unique per adapter. With it a redelivery is recognised;"
	ruleSafe     = "Every method is safe for concurrent use and obeys its context."
)

var webhookCases = []Case{
	{ID: "Webhooks/Samples", Rule: ruleDelivers, Run: func(t TB, s *Subject) {
		for _, sample := range s.Features.Samples {
			if sample.Own {
				continue
			}
			b := s.rig(t)
			if a := b.deliver(t, s, sample); !a.ok() {
				t.Errorf("sample %q\n    seen: %v\n    want: 2xx", sample.Name, a)
				continue
			}
			b.handled(t, s, fmt.Sprintf("sample %q", sample.Name), sample.Want)
		}
	}},
	{ID: "Webhooks/Own", Rule: ruleOwn, Needs: NeedsOwnMessages, Run: func(t TB, s *Subject) {
		for _, sample := range s.Features.Samples {
			if !sample.Own {
				continue
			}
			b := s.rig(t)
			if a := b.deliver(t, s, sample); !a.ok() {
				t.Errorf("sample %q\n    seen: %v\n    want: 2xx", sample.Name, a)
			}
			equal(t, fmt.Sprintf("sample %q: messages taken", sample.Name), b.record.count(chat.StepAccepted), 0)
		}
	}},
	{ID: "Webhooks/UniqueIDs", Rule: ruleUnique, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		n := 0
		for _, sample := range s.Features.Samples {
			if !sample.Own {
				n += len(sample.Want)
				b.deliver(t, s, sample)
			}
		}
		b.distinct(t, s, n)
	}},
	{ID: "Webhooks/Twins", Rule: ruleUnique, Needs: NeedsTwins, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		n := 0
		for _, sample := range s.Features.Twins {
			if a := b.deliver(t, s, sample); !a.ok() {
				t.Errorf("sample %q\n    seen: %v\n    want: 2xx", sample.Name, a)
			}
			n += max(1, len(sample.Want))
		}
		b.distinct(t, s, n)
	}},
	{ID: "Webhooks/Redelivered", Rule: ruleDedupe, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		b.redelivers(t, s, sample)
	}},
	{ID: "Webhooks/EventRedelivered", Rule: ruleEventID, Run: func(t TB, s *Subject) {
		for _, sample := range s.Features.Samples {
			if !sample.Own && len(sample.Want) > 0 && !wantsUnknown(sample.Want) {
				b := s.rig(t)
				b.redelivers(t, s, sample)
			}
		}
	}},
	{ID: "Webhooks/Together", Rule: ruleSafe, Race: true, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		var want []chat.Inbound
		samples := s.Features.Samples
		for _, sample := range samples {
			want = append(want, sample.Want...)
		}
		together(len(samples), func(i int) {
			if a := b.deliver(t, s, samples[i]); !a.ok() {
				t.Errorf("sample %q, among others\n    seen: %v\n    want: 2xx", samples[i].Name, a)
			}
		})
		b.handled(t, s, "all samples at once", want)
	}},
	{ID: "Webhooks/Signed", Rule: ruleDelivers, Needs: NeedsSignature, Run: func(t TB, s *Subject) {
		// The platform's clock is not the adapter's.
		b := s.rig(t)
		sample, _ := s.Features.message()
		if a := b.send(t, s, b.signed(sample, time.Now().Add(time.Second))); !a.ok() {
			t.Errorf("a webhook of a platform whose clock is a second ahead\n    seen: %v\n    want: 2xx", a)
		}
	}},
}

// wantsUnknown reports whether an event is among them that has no id, so that a
// redelivery of it cannot be recognised.
func wantsUnknown(want []chat.Inbound) bool {
	for _, w := range want {
		if id, _ := identify(w); id == "" {
			return true
		}
	}
	return false
}

// redelivers sends the sample twice and looks at what the bot takes of it.
func (b *rig) redelivers(t TB, s *Subject, sample Sample) {
	t.Helper()
	for range 2 {
		if a := b.deliver(t, s, sample); !a.ok() {
			t.Errorf("sample %q, delivered twice\n    seen: %v\n    want: 2xx", sample.Name, a)
		}
		b.record.await(s.ctx, len(sample.Want))
	}
	equal(t, fmt.Sprintf("sample %q, delivered twice: taken", sample.Name), b.record.count(chat.StepAccepted), len(sample.Want))
}

// distinct reports messages with the same id, or fewer than n of them.
func (b *rig) distinct(t TB, s *Subject, n int) {
	t.Helper()
	handled := b.record.await(s.ctx, n)
	if len(handled) < n {
		t.Errorf("messages and events with ids of their own\n    seen: %d handled\n    want: %d", len(handled), n)
	}
	seen := map[string]bool{}
	for _, h := range handled {
		if _, ok := h.(*chat.Message); !ok {
			continue
		}
		id, _ := identify(h)
		if seen[id] {
			t.Errorf("two messages have the id %q", id)
		}
		seen[id] = true
	}
}

// handled compares what the bot has handled with what is wanted, in any order.
func (b *rig) handled(t TB, s *Subject, what string, want []chat.Inbound) {
	t.Helper()
	seen := b.record.await(s.ctx, len(want))
	used := make([]bool, len(seen))
	for _, w := range want {
		best, fewest := -1, []string(nil)
		for i, h := range seen {
			if used[i] {
				continue
			}
			d := differences(w, h)
			if best < 0 || len(d) < len(fewest) {
				best, fewest = i, d
			}
		}
		id, _ := identify(w)
		switch {
		case best < 0:
			t.Errorf("%s: %T %q was not handled", what, w, id)
		case len(fewest) > 0:
			used[best] = true
			t.Errorf("%s: %T %q differs\n    %s", what, w, id, strings.Join(fewest, "\n    "))
		default:
			used[best] = true
		}
	}
	for i, h := range seen {
		if !used[i] {
			id, text := identify(h)
			t.Errorf("%s: %T %q was handled and not wanted: %s", what, h, id, show(text))
		}
	}
	if n := b.record.count(chat.StepAccepted); n > len(seen) {
		t.Errorf("%s\n    seen: %d taken\n    want: %d", what, n, len(want))
	}
}

// identify returns the id of a message or an event, and a message's text.
func identify(in chat.Inbound) (id, text string) {
	switch e := in.(type) {
	case *chat.Message:
		return string(e.ID), e.Text
	case interface{ Base() chat.EventBase }:
		return e.Base().ID, ""
	}
	return "", ""
}
