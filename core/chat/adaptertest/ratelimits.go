package adaptertest

import (
	"errors"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleLimit = "A call that the platform's rate limit refuses is [ErrRateLimited] and has changed nothing: the bot makes it again after RetryAfter."

// limitPause is what a platform that refuses says. Platforms count in seconds.
const limitPause = time.Second

var limitCases = []Case{
	{ID: "Limits/Post", Rule: ruleLimit, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		b.Limit(0, limitPause)
		_, err := b.Adapter.PostMessage(s.ctx, thread, &chat.Post{Text: "refused"})
		if isLimited(t, "PostMessage", err) {
			b.shows(t, s, "after a post that was refused", thread)
		} else {
			b.shows(t, s, "after a post that the adapter has repeated", thread, shownPost{"", "refused"})
			return
		}
		b.Limit(0, limitPause)
		start := time.Now()
		sent := b.post(t, s, thread, chat.Text("taken"))
		if took := time.Since(start); took < limitPause {
			t.Errorf("Post where the rate limit allows it after %v\n    seen: done after %v", limitPause, took)
		}
		b.shows(t, s, "after a post that was refused at first", thread, shownPost{sent.ID(), "taken"})
	})},
	{ID: "Limits/Edit", Rule: ruleLimit, Needs: NeedsEdits, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		sent := b.post(t, s, thread, chat.Text("before"))
		b.Limit(0, limitPause)
		want := shownPost{sent.ID(), "after"}
		if isLimited(t, "EditMessage", b.Adapter.EditMessage(s.ctx, thread, sent.ID(), &chat.Post{Text: "after"})) {
			want.text = "before"
		}
		b.shows(t, s, "after an edit that the platform refused", thread, want)
	})},
	{ID: "Limits/Delete", Rule: ruleLimit, Needs: NeedsDeletes, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		sent := b.post(t, s, thread, chat.Text("before"))
		b.Limit(0, limitPause)
		var want []shownPost
		if isLimited(t, "DeleteMessage", b.Adapter.DeleteMessage(s.ctx, thread, sent.ID())) {
			want = append(want, shownPost{sent.ID(), "before"})
		}
		b.shows(t, s, "after a deletion that the platform refused", thread, want...)
	})},
	{ID: "Limits/React", Rule: ruleLimit, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		reactor, ok := b.Adapter.(chat.Reactor)
		if !ok {
			return
		}
		sent := b.post(t, s, thread, chat.Text("hello"))
		b.Limit(0, limitPause)
		want := 1
		if isLimited(t, "AddReaction", reactor.AddReaction(s.ctx, thread, sent.ID(), "thumbs_up")) {
			want = 0
		}
		equal(t, "reactions shown after one that the platform refused", b.reactions(t, s, thread), want)
	})},
	{ID: "Limits/Typing", Rule: ruleLimit, Run: limited(func(t TB, s *Subject, b *rig) {
		typer, ok := b.Adapter.(chat.Typer)
		if !ok {
			return
		}
		b.Limit(0, limitPause)
		isLimited(t, "StartTyping", typer.StartTyping(s.ctx, s.thread(), ""))
	})},
	{ID: "Limits/Long", Rule: ruleLimit, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		before := b.post(t, s, thread, chat.Text(longText(500)))
		n := len(b.shown(t, s, thread))
		b.remove(t, s, before)
		if n < 2 {
			return // one message holds it
		}
		b.Limit(n-1, limitPause)
		id, err := b.Adapter.PostMessage(s.ctx, thread, &chat.Post{Text: longText(500)})
		if err == nil {
			b.showsLines(t, s, "after a long post of which the last request was refused at first", id, 500)
			return
		}
		if left := len(b.shown(t, s, thread)); left > 0 && errors.Is(err, chat.ErrRateLimited) {
			t.Errorf("PostMessage of a long post of which the last request is refused\n    seen: %v, and %d messages\n    want: no ErrRateLimited where something was posted", err, left)
		}
	})},
	{ID: "Limits/Files", Rule: ruleLimit, Run: limited(func(t TB, s *Subject, b *rig) {
		thread := s.thread()
		files := func() []chat.File { return []chat.File{{Name: "notes.txt", Content: strings.NewReader("the notes")}} }
		b.Limit(0, limitPause)
		_, err := b.Adapter.PostMessage(s.ctx, thread, &chat.Post{Text: "refused", Files: files()})
		if errors.Is(err, errors.ErrUnsupported) {
			return
		}
		if !isLimited(t, "PostMessage with a file", err) {
			return
		}
		b.shows(t, s, "after a post with a file that was refused", thread)
		b.Limit(0, limitPause)
		b.post(t, s, thread, &chat.Post{Text: "taken", Files: files()})
		for _, p := range b.shown(t, s, thread) {
			for _, f := range p.Files {
				equal(t, "the bytes of a file that was refused at first", string(f.Content), "the notes")
			}
		}
	})},
}

// limited runs a case on a platform that can be told to refuse a request.
func limited(run func(t TB, s *Subject, b *rig)) func(TB, *Subject) {
	return func(t TB, s *Subject) {
		if b := s.rig(t); b.Limit != nil {
			run(t, s, b)
		}
	}
}

// isLimited reports a wrong error of a call that the platform's rate limit refuses.
// It returns false if there is none: the adapter has made it again by itself.
func isLimited(t TB, call string, err error) bool {
	t.Helper()
	failure, ok := errors.AsType[*chat.PlatformError](err)
	if err != nil && (!ok || failure.Code != chat.CodeRateLimited || failure.RetryAfter != limitPause) {
		t.Errorf("%s that the rate limit refuses\n    seen: %v\n    want: a PlatformError with CodeRateLimited and RetryAfter %v", call, err, limitPause)
	}
	return err != nil
}
