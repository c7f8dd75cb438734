package linearizability

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// TestModels judges small histories by hand.
func TestModels(t *testing.T) {
	ms := time.Millisecond
	ev := func(kind history.Kind, from, to time.Duration, change func(e *history.Event)) history.Event {
		e := history.Event{Kind: kind, Thread: "t", Call: from * ms, Return: to * ms}
		if change != nil {
			change(&e)
		}
		return e
	}
	token := func(token string, ttl time.Duration, err error) func(e *history.Event) {
		return func(e *history.Event) { e.Token, e.TTL, e.Err = token, ttl*ms, err }
	}
	message := func(depth int, messages ...string) func(e *history.Event) {
		return func(e *history.Event) { e.Depth, e.Messages = depth, messages }
	}
	doubt := func(m string) func(e *history.Event) {
		return func(e *history.Event) { e.Messages, e.Err = []string{m}, state.ErrUnknownOutcome }
	}
	text := func(v string) func(e *history.Event) { return func(e *history.Event) { e.Value = v } }
	done := func(v string) func(e *history.Event) {
		return func(e *history.Event) { e.Value, e.Done = v, true }
	}
	swap := func(old, v string) func(e *history.Event) {
		return func(e *history.Event) { e.Old, e.Value, e.Done = old, v, true }
	}
	unsure := func(old, v string) func(e *history.Event) {
		return func(e *history.Event) { e.Old, e.Value, e.Err = old, v, state.ErrUnknownOutcome }
	}
	absent := func(e *history.Event) { e.Err = state.ErrNotFound }
	claim := string(state.NewClaim(time.Unix(0, 0)))
	acquired := ev(history.Acquire, 0, 1, token("a", 10, nil))
	takesTwo := []history.Event{
		acquired, ev(history.ForceRelease, 2, 5, token("", 0, nil)), ev(history.Acquire, 3, 4, token("b", 10, nil)),
		ev(history.Extend, 6, 7, token("b", 10, state.ErrLockLost)),
	}
	for name, c := range map[string]struct {
		model  porcupine.Model
		events []history.Event
		want   bool
	}{
		"held":                           {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 8, 9, token("", 10, state.ErrLocked))}, true},
		"taken over while held":          {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 8, 9, token("b", 10, nil))}, false},
		"taken over in doubt":            {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 8, 10, token("b", 10, nil))}, true},
		"held in doubt":                  {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 11, 12, token("", 10, state.ErrLocked))}, true},
		"held too long":                  {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 12, 13, token("", 10, state.ErrLocked))}, false},
		"lost while held":                {lockModel(0, false), []history.Event{acquired, ev(history.Extend, 2, 3, token("a", 10, state.ErrLockLost))}, false},
		"extended after its end":         {lockModel(0, false), []history.Event{acquired, ev(history.Extend, 12, 13, token("a", 10, nil))}, false},
		"two at once":                    {lockModel(0, false), []history.Event{acquired, ev(history.Acquire, 0, 1, token("b", 10, nil))}, false},
		"released, and taken meanwhile":  {lockModel(0, false), []history.Event{acquired, ev(history.Release, 2, 4, token("a", 0, nil)), ev(history.Acquire, 3, 5, token("b", 10, nil))}, true},
		"uncertain acquire":              {lockModel(0, false), []history.Event{ev(history.Acquire, 0, 1, token("", 10, state.ErrUnavailable)), ev(history.Acquire, 2, 3, token("b", 10, nil))}, true},
		"uncertain acquire that held":    {lockModel(0, false), []history.Event{ev(history.Acquire, 0, 1, token("", 10, state.ErrUnavailable)), ev(history.Acquire, 2, 3, token("", 10, state.ErrLocked))}, true},
		"forced with the next one":       {lockModel(0, false), takesTwo, false},
		"forced with the next, masters":  {lockModel(0, true), withForceTwice(map[string][]history.Event{"": takesTwo})[""], true},
		"unexpected error":               {lockModel(0, false), []history.Event{ev(history.Acquire, 0, 1, token("", 10, errors.New("odd")))}, false},
		"in order":                       {queueModel(), []history.Event{ev(history.Enqueue, 0, 2, message(2, "1")), ev(history.Accept, 1, 2, message(1, "2")), ev(history.Dequeue, 3, 4, message(0, "2"))}, true},
		"out of order":                   {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, message(1, "1")), ev(history.Accept, 1, 2, message(2, "2")), ev(history.Dequeue, 3, 4, message(0, "2"))}, false},
		"settled":                        {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, message(1, "1")), ev(history.Accept, 2, 3, message(2, "2")), ev(history.Settle, 4, 5, message(1, "1")), ev(history.Waiting, 6, 7, message(0, "2"))}, true},
		"enqueue in doubt, that was":     {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, doubt("1")), ev(history.Waiting, 2, 3, message(0, "1"))}, true},
		"enqueue in doubt, that was not": {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, doubt("1")), ev(history.Waiting, 2, 3, nil)}, true},
		"enqueue in doubt, twice":        {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, doubt("1")), ev(history.Waiting, 2, 3, message(0, "1", "1"))}, false},
		"set and got":                    {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Get, 2, 3, text("1"))}, true},
		"set and got another":            {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Get, 2, 3, text("2"))}, false},
		"set and absent":                 {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Get, 2, 3, absent)}, false},
		"deleted and absent":             {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Delete, 2, 3, nil), ev(history.Get, 4, 5, absent)}, true},
		"two set if absent":              {valueModel(), []history.Event{ev(history.SetIfNotExists, 0, 2, done("1")), ev(history.SetIfNotExists, 1, 3, done("2"))}, false},
		"a claim set twice":              {valueModel(), []history.Event{ev(history.SetIfNotExists, 0, 1, done(claim)), ev(history.SetIfNotExists, 2, 3, done(claim))}, true},
		"two swap one value":             {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Swap, 2, 4, swap("1", "2")), ev(history.Swap, 3, 5, swap("1", "3"))}, false},
		"two swap in turn":               {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Swap, 2, 4, swap("1", "2")), ev(history.Swap, 3, 5, swap("2", "3"))}, true},
		"a swap in doubt":                {valueModel(), []history.Event{ev(history.Set, 0, 1, text("1")), ev(history.Swap, 2, 3, unsure("1", "2")), ev(history.Get, 4, 5, text("2"))}, true},
	} {
		ops := make([]porcupine.Operation, len(c.events))
		for i, e := range c.events {
			ops[i] = porcupine.Operation{ClientId: e.Client, Input: e, Call: int64(e.Call), Return: int64(e.Return)}
		}
		if got := porcupine.CheckOperations(c.model, ops); got != c.want {
			t.Errorf("%s: explained: %v, want %v", name, got, c.want)
		}
	}
}

func TestJudgeEventsShowsWhatHasNoExplanation(t *testing.T) {
	ms := time.Millisecond
	events := []history.Event{
		{Kind: history.Enqueue, Thread: "t", Call: 0, Return: ms, Messages: []string{"1"}, Depth: 1},
		{Kind: history.Dequeue, Thread: "t", Client: 1, Call: 2 * ms, Return: 4 * ms, Messages: []string{"1"}},
		{Kind: history.Dequeue, Thread: "t", Client: 2, Call: 3 * ms, Return: 5 * ms, Messages: []string{"1"}},
	}
	if err := JudgeEvents(Queues, Config{}, events[:2]); err != nil {
		t.Errorf("a history that is right: %v", err)
	}
	err := JudgeEvents(Queues, Config{}, events)
	v, ok := errors.AsType[*Violation](err)
	if !ok || v.Undecided || v.Kind != Queues || v.Thread != "t" {
		t.Fatalf("the verdict is %v", err)
	}
	for _, want := range []string{`no order of the calls explains the 3 answers about queues "t"`, "enqueue(t, 1) → 1", "    ? ", "dequeue(t) → 1", "Config.Seed: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if err := v.WritePicture(t.TempDir() + "/history.html"); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	for want, cfg := range map[string]Config{
		`Config.Kinds has "lists", want locks, queues or swaps`:           {Kinds: []Kind{"lists"}},
		"Config.Operations is -1, want more than 0, or 0 for the default": {Operations: -1},
		"Config.MinTTL is -1ns, want more than 0, or 0 for the default":   {MinTTL: -1},
		"Config.Slack is -1ns, want more than 0, or 0 for the default":    {Slack: -1},
	} {
		err := Judge(t.Context(), nil, cfg)
		if !errors.Is(err, state.ErrInvalidConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("Judge returned %v, want %s", err, want)
		}
	}
}
