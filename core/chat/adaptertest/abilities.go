package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	ruleTyping    = "StartTyping shows the indicator, with the status text where the platform can."
	ruleSession   = "MarkSession shows the status until the next call."
	ruleReact     = "AddReaction adds the emoji, by its name or the platform's spelling."
	ruleUnreact   = "RemoveReaction removes it again."
	ruleOpenDM    = "OpenDM returns the thread of the direct conversation with the user."
	ruleHistory   = "HistoryKeeper marks a platform that has no history of its own: the bot keeps the last messages of each thread in the state."
	ruleRun       = "Run keeps the connection until ctx ends and then returns nil."
	ruleLockScope = "LockScope returns the scope that Config.Lock.Scope defaults to."
	rulePace      = "EditInterval returns the least time between two edits in the thread."
	ruleWatch     = "ThreadSubscribed is called after the bot has subscribed to the thread."
)

// slowestEdits is an interval at which nobody would watch a message grow.
const slowestEdits = time.Minute

var abilityCases = []Case{
	{ID: "Typing/Start", Rule: ruleTyping, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		must(t, "StartTyping", b.thread(t, thread).StartTyping(s.ctx, ""))
		typer, ok := b.Adapter.(chat.Typer)
		if !ok {
			return // nothing happens
		}
		must(t, "StartTyping with a status", typer.StartTyping(s.ctx, thread, "thinking"))
		if b.Typing != nil {
			n, err := b.Typing(s.ctx, thread)
			must(t, "Harness.Typing", err)
			equal(t, "how often the platform was told", n, 2)
		}
		b.shows(t, s, "after StartTyping", thread)
	}},
	{ID: "Sessions/Mark", Rule: ruleSession, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		for _, status := range []chat.SessionStatus{chat.SessionProcessing, chat.SessionSuspended, chat.SessionActive, chat.SessionClosed} {
			must(t, "MarkSession", b.thread(t, thread).MarkSession(s.ctx, status))
			if _, ok := b.Adapter.(chat.SessionMarker); ok && b.Session != nil {
				marked, err := b.Session(s.ctx, thread)
				must(t, "Harness.Session", err)
				equal(t, "what the session is marked as", marked, status)
			}
		}
		b.shows(t, s, "after MarkSession", thread)
	}},
	{ID: "Reactions/Add", Rule: ruleReact, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("hello"))
		err := sent.React(s.ctx, "thumbs_up")
		if _, ok := b.Adapter.(chat.Reactor); !ok {
			isUnsupported(t, "React", err)
			return
		}
		must(t, "React", err)
		equal(t, "reactions shown after React", b.reactions(t, s, thread), 1)
		must(t, "React with another emoji", sent.React(s.ctx, "heart"))
		want := 2
		if s.Features.OneReaction {
			want = 1
		}
		equal(t, "reactions shown after React with another emoji", b.reactions(t, s, thread), want)
	}},
	{ID: "Reactions/Remove", Rule: ruleUnreact, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("hello"))
		if _, ok := b.Adapter.(chat.Reactor); !ok {
			isUnsupported(t, "Unreact", b.thread(t, thread).Unreact(s.ctx, sent.ID(), "thumbs_up"))
			return
		}
		must(t, "React", sent.React(s.ctx, "thumbs_up"))
		left := 0
		if !s.Features.OneReaction {
			must(t, "React with another emoji", sent.React(s.ctx, "heart"))
			left = 1
		}
		must(t, "Unreact", b.thread(t, thread).Unreact(s.ctx, sent.ID(), "thumbs_up"))
		equal(t, "reactions shown after Unreact", b.reactions(t, s, thread), left)
	}},
	{ID: "DirectMessages/Open", Rule: ruleOpenDM, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		thread, err := b.OpenDM(s.ctx, s.user(b))
		if _, ok := b.Adapter.(chat.DirectMessenger); !ok {
			isUnsupported(t, "OpenDM", err)
			return
		}
		must(t, "OpenDM", err)
		if !thread.IsDM() {
			t.Errorf("OpenDM returned the thread %q, which DecodeThreadID calls no direct conversation", thread.ID())
		}
		again, err := b.OpenDM(s.ctx, s.user(b))
		must(t, "OpenDM again", err)
		equal(t, "the thread that OpenDM returns again", again.ID(), thread.ID())
		sent := b.post(t, s, thread.ID(), chat.Text("between us"))
		b.shows(t, s, "after a direct message", thread.ID(), shownPost{sent.ID(), "between us"})
	}},
	{ID: "History/Kept", Rule: ruleHistory, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, m := s.Features.message()
		keeper, ok := b.Adapter.(chat.HistoryKeeper)
		if !ok || !keeper.KeepsHistory() {
			return
		}
		equal(t, "KeepsHistory, asked again", keeper.KeepsHistory(), true)
		if _, fetches := b.Adapter.(chat.MessageFetcher); fetches {
			return // Messages reads the platform's history instead
		}
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		sent := b.post(t, s, m.ThreadID, chat.Text("an answer"))
		kept, err := chat.Take(b.thread(t, m.ThreadID).Messages(s.ctx, chat.OldestFirst), 10)
		must(t, "Messages", err)
		var ids []chat.MessageID
		for _, k := range kept {
			ids = append(ids, k.ID)
		}
		equal(t, "the ids of the kept history", fmt.Sprint(ids), fmt.Sprint([]chat.MessageID{m.ID, sent.ID()}))
	}},
	{ID: "Runner/Ends", Rule: ruleRun, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		sample, _ := s.Features.message()
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		must(t, "Run of the bot, when its context has ended", b.stop())
		b = s.unstarted(t)
		runner, ok := b.Adapter.(chat.Runner)
		if !ok {
			return
		}
		// The bot's Run may end before it has called the adapter's.
		b.connect(t, s)
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		ran := make(chan error, 1)
		go func() { ran <- runner.Run(ctx) }()
		b.deliver(t, s, sample)
		b.record.await(s.ctx, 1)
		cancel()
		select {
		case err := <-ran:
			must(t, "Run of the adapter, when its context has ended", err)
		case <-time.After(patience):
			must(t, "Run of the adapter, when its context has ended", errStillRuns)
		}
	}},
	{ID: "LockScope/Known", Rule: ruleLockScope, Run: func(t TB, s *Subject) {
		scoper, ok := s.rig(t).Adapter.(chat.LockScoper)
		if !ok {
			return // the bot locks threads
		}
		scope := scoper.LockScope()
		if scope != chat.ScopeThread && scope != chat.ScopeChannel {
			t.Errorf("LockScope\n    seen: %d\n    want: ScopeThread or ScopeChannel", scope)
		}
		equal(t, "LockScope, asked again", scoper.LockScope(), scope)
	}},
	{ID: "EditPace/Known", Rule: rulePace, Run: func(t TB, s *Subject) {
		pacer, ok := s.rig(t).Adapter.(chat.EditPacer)
		if !ok {
			return // the bot has a pace of its own
		}
		for _, thread := range s.Features.threads() {
			if d := pacer.EditInterval(thread); d < 0 || d > slowestEdits {
				t.Errorf("EditInterval(%q)\n    seen: %v\n    want: 0 to %v", thread, d, slowestEdits)
			}
		}
	}},
	{ID: "Subscriptions/Watched", Rule: ruleWatch, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, thread := range s.Features.threads() {
			for range 2 { // subscribing again is no fault
				must(t, "Subscribe", b.thread(t, thread).Subscribe(s.ctx))
			}
		}
	}},
}

func (b *rig) reactions(t TB, s *Subject, thread chat.ThreadID) int {
	t.Helper()
	n := 0
	for _, p := range b.shown(t, s, thread) {
		n += len(p.Reactions)
	}
	return n
}

// isUnsupported reports what a platform without an ability must not return.
func isUnsupported(t TB, call string, err error) {
	t.Helper()
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%s, which the adapter does not implement\n    seen: %v\n    want: errors.ErrUnsupported", call, err)
	}
}
