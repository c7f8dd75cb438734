package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Outcome is what became of one message.
type Outcome string

// The outcomes.
const (
	OutcomeHandled     Outcome = "handled"
	OutcomeSkipped     Outcome = "skipped" // handed over as one of a newer message's Skipped
	OutcomeIgnored     Outcome = "ignored" // no handler wanted it
	OutcomeDropped     Outcome = "dropped"
	OutcomeDead        Outcome = "dead"
	OutcomeCancelled   Outcome = "cancelled"
	OutcomeUnreported  Outcome = "unreported" // handled or buried by an instance that could not report it
	OutcomeUnaccounted Outcome = "unaccounted"
)

var outcomes = []Outcome{
	OutcomeHandled, OutcomeSkipped, OutcomeIgnored, OutcomeDropped, OutcomeDead, OutcomeCancelled, OutcomeUnreported, OutcomeUnaccounted,
}

// Totals counts the messages of plays by what became of them, and by the
// strategy, lock scope and bound that they met.
type Totals struct {
	Messages   int
	Deliveries int
	Rejected   int // deliveries that the platform was asked to repeat
	Duplicates int // deliveries of what was known
	Outcomes   map[Outcome]int
	Kinds      map[string]int
}

func (b *book) totals(buried map[string]bool) Totals {
	t := Totals{Messages: len(b.order), Outcomes: map[Outcome]int{}, Kinds: map[string]int{b.plan.kind(): len(b.order)}}
	for _, r := range b.order {
		t.Deliveries += r.steps[chat.StepReceived]
		t.Rejected += r.steps[chat.StepRejected]
		t.Duplicates += r.steps[chat.StepDuplicate]
		t.Outcomes[r.outcome(buried, b.plan.clean())]++
	}
	return t
}

func (r *record) outcome(buried map[string]bool, clean bool) Outcome {
	switch {
	case r.steps[chat.StepHandled] > 0:
		return OutcomeHandled
	case r.steps[chat.StepSkipped] > 0:
		return OutcomeSkipped
	case r.steps[chat.StepCancelled] > 0:
		return OutcomeCancelled
	case r.steps[chat.StepIgnored] > 0:
		return OutcomeIgnored
	case r.steps[chat.StepDropped] > 0:
		return OutcomeDropped
	case r.steps[chat.StepDead] > 0:
		return OutcomeDead
	case r.ran > 0 || buried[r.name] || !clean && (r.stopped || r.text == unwanted):
		return OutcomeUnreported
	}
	return OutcomeUnaccounted
}

// Add adds the counts of another play.
func (t *Totals) Add(other Totals) {
	if t.Outcomes == nil {
		t.Outcomes, t.Kinds = map[Outcome]int{}, map[string]int{}
	}
	t.Messages += other.Messages
	t.Deliveries += other.Deliveries
	t.Rejected += other.Rejected
	t.Duplicates += other.Duplicates
	for o, n := range other.Outcomes {
		t.Outcomes[o] += n
	}
	for k, n := range other.Kinds {
		t.Kinds[k] += n
	}
}

// String says them in lines.
func (t *Totals) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%d messages, delivered %d times (%d refused, %d duplicates):", t.Messages, t.Deliveries, t.Rejected, t.Duplicates)
	for _, o := range outcomes {
		fmt.Fprintf(&s, " %d %s,", t.Outcomes[o], o)
	}
	fmt.Fprintf(&s, "\nof %d kinds:", len(t.Kinds))
	for _, k := range slices.Sorted(maps.Keys(t.Kinds)) {
		fmt.Fprintf(&s, " %s %d,", k, t.Kinds[k])
	}
	return s.String()
}
