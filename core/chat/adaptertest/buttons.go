package adaptertest

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const ruleButtons = "The id and the value are those of the card, whatever their length: what the platform does not take, the adapter keeps in the state."

// The ids and values of the buttons are longer than any platform takes, begin alike
// and hold what formats of ids and values are made of.
var (
	longID    = strings.Repeat("action-", 40)
	longValue = strings.Repeat(`{"näh":1}|:;\n`, 22)
)

var buttonCases = []Case{
	{ID: "Buttons/Click", Rule: ruleButtons, Run: clickable(func(t TB, s *Subject, b *rig) {
		b.post(t, s, s.thread(), chat.Card(longButtons()))
		b.choose(t, s, b, "a button", "Second", longID+"2", longValue+"2")
		b.choose(t, s, b, "a button without a value", "Short", "short", "")
	})},
	{ID: "Buttons/Select", Rule: ruleButtons, Run: clickable(func(t TB, s *Subject, b *rig) {
		b.post(t, s, s.thread(), chat.Card(longButtons()))
		b.choose(t, s, b, "an option", "Green", longID+"menu", longValue+"green")
	})},
	{ID: "Buttons/Edited", Rule: ruleButtons, Needs: NeedsEdits, Run: clickable(func(t TB, s *Subject, b *rig) {
		sent := b.post(t, s, s.thread(), chat.Text("first"))
		must(t, "Edit to a card", sent.Edit(s.ctx, chat.Card(longButtons())))
		must(t, "Edit to the same card", sent.Edit(s.ctx, chat.Card(longButtons())))
		b.choose(t, s, b, "a button after an edit", "Second", longID+"2", longValue+"2")
	})},
	{ID: "Buttons/Restart", Rule: ruleButtons, Run: clickable(func(t TB, s *Subject, b *rig) {
		b.post(t, s, s.thread(), chat.Card(longButtons()))
		adapter, err := b.Restart()
		must(t, "Harness.Restart", err)
		again := b.Harness
		again.Adapter, again.State = adapter, keptOpen{b.Harness.State}
		b.choose(t, s, s.rigOn(t, again), "a button after a restart", "Second", longID+"2", longValue+"2")
	})},
}

func longButtons() *card.Card {
	first, second := card.NewButton(longID+"1", "First"), card.NewButton(longID+"2", "Second")
	first.Value, second.Value = longValue+"1", longValue+"2"
	menu := card.NewSelect(longID+"menu", "Colour", card.NewOption("Red", longValue+"red"), card.NewOption("Green", longValue+"green"))
	return card.New("Order 7", card.NewActions(first, second, card.NewButton("short", "Short"), menu))
}

// choose has somebody click on the bot's last message, and looks at what the other
// bot, which may be the same, gets to handle.
func (b *rig) choose(t TB, s *Subject, other *rig, what, label, id, value string) {
	t.Helper()
	posts := b.shown(t, s, s.thread())
	if len(posts) == 0 {
		t.Errorf("a card was posted\n    seen: nothing is shown")
		t.FailNow()
	}
	before := len(other.record.all())
	sample, err := b.Click(s.ctx, posts[len(posts)-1], label)
	must(t, "Harness.Click", err)
	other.sends(t, s, "a click on "+what, sample)
	handled := other.record.await(s.ctx, before+1)[before:]
	if len(handled) != 1 {
		t.Errorf("a click on %s\n    seen: %d events are handled\n    want: one", what, len(handled))
		return
	}
	ev, ok := handled[0].(*chat.ActionEvent)
	if !ok {
		t.Errorf("a click on %s\n    seen: a %T\n    want: a *chat.ActionEvent", what, handled[0])
		return
	}
	equal(t, "the ActionID of "+what, ev.ActionID, id)
	equal(t, "the Value of "+what, ev.Value, value)
}

// clickable runs a case on a platform that has buttons.
func clickable(run func(t TB, s *Subject, b *rig)) func(TB, *Subject) {
	return func(t TB, s *Subject) {
		if !s.Features.NoButtons {
			run(t, s, s.rig(t))
		}
	}
}

// keptOpen is a state that another bot closes.
type keptOpen struct{ state.Adapter }

func (k keptOpen) Unwrap() state.Adapter { return k.Adapter }

// Close implements state.Adapter.
func (keptOpen) Close(context.Context) error { return nil }
